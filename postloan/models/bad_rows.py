"""The lists of a bad-customer handover, and what asset recovery writes down afterwards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

import pgtrigger

from contracts.choices import PaperForm
from customers.choices import RiskClass
from documents.rows import Row
from documents.triggers import frozen_rows
from postloan.choices.bad_customers import HandedPaper, LawsuitKind, RecoveryKind
from postloan.choices.extension import CollectionWay
from postloan.models.bad_customers import BadCustomerHandover


def _figure(label: Any) -> models.DecimalField:
    return models.DecimalField(label, max_digits=18, decimal_places=2, default=Decimal(0))


class HandedLoan(Row):
    """业务/借据: a running loan as it stands in the ledger, in yuan; nobody types it."""

    document = models.ForeignKey(BadCustomerHandover, models.CASCADE, related_name="loans")
    loan = models.ForeignKey(
        "funds.Loan", models.PROTECT, related_name="bad_handovers", verbose_name=_("loan")
    )
    principal = _figure(_("unpaid principal (CNY)"))
    interest = _figure(_("unpaid interest (CNY)"))
    penalty = _figure(_("penalty interest and fees (CNY)"))
    overdue_days = models.PositiveIntegerField(_("days overdue"), default=0)
    risk_class = models.CharField(
        _("risk class"), max_length=12, choices=RiskClass.choices, default=RiskClass.NORMAL
    )

    class Meta(Row.Meta):
        verbose_name = _("loan of a bad customer")
        constraints = [
            models.UniqueConstraint(fields=["document", "loan"], name="handed_loan_once")
        ]
        triggers = [frozen_rows()]


class BadCollectionRow(Row):
    """催收经过: one attempt to have the loans paid before the handover; calls and visits have
    their time (R13)."""

    document = models.ForeignKey(BadCustomerHandover, models.CASCADE, related_name="collection_log")
    collected_on = models.DateField(_("collected on"))
    collected_at = models.TimeField(_("time of the contact"), null=True, blank=True)
    way = models.CharField(_("way of collection"), max_length=10, choices=CollectionWay.choices)
    spoken_to = models.CharField(_("spoken to"), max_length=60, blank=True)
    result = models.CharField(_("result of the collection"), max_length=200)

    class Meta(Row.Meta):
        verbose_name = _("collection record")
        triggers = [frozen_rows()]


class LegalAction(Row):
    """诉讼/仲裁/保全: what courts were asked for, and how it stands."""

    document = models.ForeignKey(BadCustomerHandover, models.CASCADE, related_name="lawsuits")
    kind = models.CharField(_("legal action"), max_length=14, choices=LawsuitKind.choices)
    court = models.CharField(_("court or tribunal"), max_length=80)
    case_no = models.CharField(_("court's case number"), max_length=60, blank=True)
    filed_on = models.DateField(_("filed on"), null=True, blank=True)
    state = models.CharField(_("how it stands"), max_length=200, blank=True)

    class Meta(Row.Meta):
        verbose_name = _("legal action")
        triggers = [frozen_rows()]


class HandedFile(Row):
    """移交资料清单: one paper that changes hands; BAD-04 waits for its number of copies."""

    document = models.ForeignKey(BadCustomerHandover, models.CASCADE, related_name="files")
    item = models.CharField(_("paper"), max_length=12, choices=HandedPaper.choices)
    form = models.CharField(
        _("original or copy"), max_length=10, choices=PaperForm.choices, default=PaperForm.ORIGINAL
    )
    copies = models.PositiveSmallIntegerField(
        _("copies"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(999)],
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(Row.Meta):
        verbose_name = _("handed paper")
        constraints = [
            models.UniqueConstraint(
                fields=["document", "item", "form"],
                condition=~Q(item=HandedPaper.OTHER),
                name="handed_paper_once",
            )
        ]
        triggers = [frozen_rows()]


class RecoveryRecord(models.Model):
    """处置方案 and 回收记录 of asset recovery after the handover; rows are added, never changed.

    ``amount`` in yuan is what came in, told here in words; the ledger books it by itself.
    ``done_at`` is the time of a call or visit of the collection (R13).
    """

    handover = models.ForeignKey(
        BadCustomerHandover, models.PROTECT, related_name="recovery_records"
    )
    kind = models.CharField(
        pgettext_lazy("recovery", "kind of record"), max_length=12, choices=RecoveryKind.choices
    )
    done_on = models.DateField(_("date"))
    done_at = models.TimeField(_("time of the contact"), null=True, blank=True)
    content = models.TextField(_("what was planned or done"), max_length=1000)
    amount = models.DecimalField(
        _("amount recovered (CNY)"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    next_step_on = models.DateField(_("next step on"), null=True, blank=True)
    creation_key = models.UUIDField(null=True, unique=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    at = models.DateTimeField(_("written at"))

    class Meta:
        verbose_name = _("recovery record")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=RecoveryKind.RECOVERY, amount__gt=0)
                | ~Q(kind=RecoveryKind.RECOVERY) & Q(amount=None),
                name="recovery_record_amount",
            ),
            models.CheckConstraint(
                condition=Q(next_step_on=None) | Q(next_step_on__gte=F("done_on")),
                name="recovery_step_follows",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.done_on}"
