"""Lists of repayments from the bank, read from Excel and booked row by row."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from funds.choices import RowState
from funds.models.repayment import Repayment


class RepaymentImport(models.Model):
    """One uploaded file; the same content is taken up once and answers with itself."""

    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64, unique=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))

    class Meta:
        verbose_name = _("import of repayments")
        ordering = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return self.file_name


class RepaymentImportRow(models.Model):
    """A row as it was typed (``values``), and what became of it.

    ``fault`` is the sentence that the row was refused with, in the language of record.
    """

    batch = models.ForeignKey(RepaymentImport, models.PROTECT, related_name="rows")
    row_no = models.PositiveIntegerField(_("row"))
    values = models.JSONField()
    state = models.CharField(_("state"), max_length=8, choices=RowState.choices)
    fault_code = models.CharField(max_length=10, blank=True)
    fault = models.CharField(_("fault"), max_length=500, blank=True)
    repayment = models.OneToOneField(
        Repayment, models.PROTECT, null=True, related_name="import_row"
    )

    class Meta:
        verbose_name = _("row of an import")
        ordering = ["batch", "row_no"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "row_no"], name="import_row_once"),
            models.CheckConstraint(
                condition=Q(state=RowState.BOOKED, repayment__isnull=False)
                | ~Q(state=RowState.BOOKED) & Q(repayment=None),
                name="import_row_booked_has_repayment",
            ),
        ]
