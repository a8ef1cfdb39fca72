"""Which form of a document was printed how often, by whom and with what content."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

import pgtrigger

from documents.models.document import Document
from documents.models.files import StoredFile


class PrintRecord(models.Model):
    """One print of one form; append-only. ``sha256`` is printed on the paper itself."""

    document = models.ForeignKey(Document, models.PROTECT, related_name="prints")
    form = models.CharField(max_length=40)
    number = models.PositiveIntegerField(_("print number"))
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("printed by")
    )
    printed_at = models.DateTimeField(_("printed at"))
    sha256 = models.CharField(max_length=64, db_index=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # The paper itself, so that an old print can be read as it was (N17); older rows have none.
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("print")
        ordering = ["-printed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["document", "form", "number"], name="print_number")
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.form} #{self.number}"
