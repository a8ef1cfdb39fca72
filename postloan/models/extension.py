"""业务展期/逾期申请单 (M7): more time for a loan, or what to do about one past due."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import pgtrigger

from customers.triggers import follows_bad_customer
from documents.models import Document
from documents.querysets import DocumentQuerySet
from documents.triggers import frozen_fields
from funds.choices import InterestTreatment
from postloan.choices.extension import ExtType, OverdueKind

#: N6 for every writer: what is settled or written off is not extended.
running_loan = pgtrigger.Trigger(
    name="running_loan",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update,
    func=(
        "IF NEW.open_loan_id IS NOT NULL AND EXISTS (SELECT 1 FROM funds_loan"
        " WHERE id = NEW.open_loan_id AND status IN ('SETTLED', 'WRITTEN_OFF')) THEN"
        " RAISE EXCEPTION 'EXT-01: loan % has ended', NEW.open_loan_id"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'running_loan'; END IF;"
        " RETURN NEW;"
    ),
)


def _money(label: Any) -> models.DecimalField:
    return models.DecimalField(label, max_digits=18, decimal_places=2, null=True, editable=False)


def _rate(label: Any, **options: Any) -> models.DecimalField:
    return models.DecimalField(label, max_digits=9, decimal_places=4, null=True, **options)


def _under_approval(rule: Q) -> Q:
    return Q(open_loan=None) | rule


class ExtensionRequest(Document):
    """One request about one loan; ``ext_type`` decides its rules and its number.

    ``open_loan`` repeats ``loan`` while the request is on its way, so that the database itself
    refuses a second one (EXT-02, N7) and holds what is under approval to the rules. The
    figures of the ledger are those of the day on which it was saved or submitted last.
    ``total_months`` counts earlier extensions too, ``month_limit`` is the legal one (EXT-04).
    """

    customer = models.ForeignKey(
        "customers.Customer",
        models.PROTECT,
        related_name="extension_requests",
        verbose_name=_("customer"),
    )
    loan = models.ForeignKey(
        "funds.Loan", models.PROTECT, related_name="extension_requests", verbose_name=_("loan")
    )
    open_loan = models.OneToOneField(
        "funds.Loan", models.PROTECT, null=True, editable=False, related_name="open_extension"
    )
    ext_type = models.CharField(_("extension type"), max_length=10, choices=ExtType.choices)
    original_amount = _money(_("original amount (CNY)"))
    original_due = models.DateField(_("original due date"), null=True, editable=False)
    current_rate = _rate(_("current annual rate (%)"), editable=False)
    unpaid_principal = _money(_("unpaid principal (CNY)"))
    unpaid_interest = _money(_("unpaid interest (CNY)"))
    settlement = _money(_("settlement figure (CNY)"))
    extension_count = models.PositiveSmallIntegerField(
        _("extensions so far"), null=True, editable=False
    )
    overdue_days = models.PositiveIntegerField(_("days overdue"), null=True, editable=False)
    penalty = _money(_("penalty interest and penalties (CNY)"))
    amount = models.DecimalField(_("requested amount (CNY)"), max_digits=18, decimal_places=2)
    extend_from = models.DateField(_("extension starts on"), null=True, editable=False)
    months = models.PositiveSmallIntegerField(
        _("extension (months)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(36)],
    )
    total_months = models.PositiveSmallIntegerField(
        _("extension in total (months)"), null=True, editable=False
    )
    month_limit = models.PositiveSmallIntegerField(
        _("legal limit of the extension (months)"), null=True, editable=False
    )
    new_due = models.DateField(_("new due date"), null=True, editable=False)
    rate = _rate(
        _("annual rate of the extension (%)"),
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    interest_treatment = models.CharField(
        _("interest treatment"),
        max_length=16,
        choices=InterestTreatment.choices,
        default=InterestTreatment.SETTLE_FIRST,
    )
    reason = models.TextField(_("reason for the request"), max_length=1000, blank=True)
    plan = models.TextField(_("repayment arrangement"), max_length=1000, blank=True)
    overdue_kind = models.CharField(
        _("overdue kind"), max_length=20, choices=OverdueKind.choices, blank=True
    )

    objects = DocumentQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = _("extension or overdue request")
        constraints = [
            models.CheckConstraint(
                condition=Q(ext_type__in=ExtType.values), name="extension_type_known"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="extension_amount_positive"),
            models.CheckConstraint(
                condition=Q(open_loan=None) | Q(open_loan=F("loan")), name="extension_of_its_loan"
            ),
            models.CheckConstraint(
                condition=_under_approval(Q(amount__lte=F("unpaid_principal"))),
                name="extension_within_unpaid",
            ),
            models.CheckConstraint(
                condition=_under_approval(
                    Q(ext_type=ExtType.OVERDUE) | Q(total_months__lte=F("month_limit"))
                ),
                name="extension_within_legal_length",
            ),
            models.CheckConstraint(
                condition=_under_approval(Q(ext_type=ExtType.EXTENSION) | Q(overdue_days__gt=0)),
                name="overdue_request_is_overdue",
            ),
        ]
        triggers = [frozen_fields(free=["open_loan_id"]), follows_bad_customer, running_loan]

    def get_absolute_url(self) -> str:
        return reverse("postloan:extension_detail", args=[self.pk])

    @property
    def is_extension(self) -> bool:
        return self.ext_type == ExtType.EXTENSION
