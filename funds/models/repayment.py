"""还款登记 (domain M24): what the borrower paid and where it went."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

import pgtrigger

from funds.choices import Treatment
from funds.models.fields import money, not_negative
from funds.models.ledger import LoanCharge
from funds.models.loan import Loan
from funds.models.schedule import ScheduleLine, ScheduleVersion
from funds.querysets import RepaymentQuerySet


class Repayment(models.Model):
    """Booked by finance only; reversed, never deleted or edited.

    A bank reference stands once among the repayments that are not reversed (REP-03, N29):
    what was booked on the wrong loan can be booked again on the right one.
    """

    loan = models.ForeignKey(
        Loan, models.PROTECT, related_name="repayments", verbose_name=_("loan")
    )
    paid_on = models.DateField(_("repayment date"))
    amount = money(_("repayment amount"))
    bank_ref = models.CharField(_("bank reference"), max_length=60)
    payer = models.CharField(_("payer account name"), max_length=80)
    treatment = models.CharField(
        _("treatment"), max_length=8, choices=Treatment.choices, default=Treatment.DUE
    )
    schedule = models.OneToOneField(
        ScheduleVersion,
        models.PROTECT,
        null=True,
        related_name="made_by",
        verbose_name=_("schedule made by it"),
    )
    booked_at = models.DateTimeField(_("booked at"))
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("booked by")
    )
    reversed_at = models.DateTimeField(_("reversed at"), null=True)
    reversed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("reversed by"),
    )
    reverse_reason = models.CharField(_("reason of the reversal"), max_length=200, blank=True)

    objects = RepaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("repayment")
        ordering = ["loan", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="repayment_positive"),
            models.CheckConstraint(condition=~Q(bank_ref=""), name="repayment_has_reference"),
            models.UniqueConstraint(
                fields=["bank_ref"],
                condition=Q(reversed_at=None),
                name="repayment_reference_once",
            ),
            models.CheckConstraint(
                condition=Q(reversed_at=None, reversed_by=None, reverse_reason="")
                | Q(reversed_at__isnull=False, reversed_by__isnull=False) & ~Q(reverse_reason=""),
                name="repayment_reversal_whole",
            ),
        ]
        indexes = [models.Index(fields=["loan", "paid_on", "id"], name="repayment_of_loan")]
        triggers = [
            pgtrigger.ReadOnly(
                name="repayment_as_booked",
                exclude=["reversed_at", "reversed_by", "reverse_reason", "schedule"],
            ),
            pgtrigger.Protect(
                name="reversed_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__reversed_at__isnull=False),
            ),
            pgtrigger.Protect(name="repayment_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.bank_ref} {self.amount}"


#: At the commit: what was allocated is what was paid.
allocation_adds_up = pgtrigger.Trigger(
    name="allocation_adds_up",
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    timing=pgtrigger.Deferred,
    declare=[("expected", "numeric"), ("found", "numeric")],
    func=(
        "SELECT amount INTO expected FROM funds_repayment WHERE id = NEW.repayment_id;"
        " SELECT sum(principal + interest + penalty + fee) INTO found"
        " FROM funds_repaymentallocation WHERE repayment_id = NEW.repayment_id;"
        " IF found <> expected THEN"
        " RAISE EXCEPTION 'repayment % of % is allocated with %', NEW.repayment_id, expected, found"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'allocation_adds_up'; END IF;"
        " RETURN NULL;"
    ),
)


class RepaymentAllocation(models.Model):
    """The part of a repayment that went to one instalment or to one fee."""

    repayment = models.ForeignKey(Repayment, models.PROTECT, related_name="allocations")
    line = models.ForeignKey(ScheduleLine, models.PROTECT, null=True, related_name="allocations")
    charge = models.ForeignKey(LoanCharge, models.PROTECT, null=True, related_name="allocations")
    principal = money(_("principal"))
    interest = money(_("interest"))
    penalty = money(_("penalty interest"))
    fee = money(_("fees"))

    class Meta:
        verbose_name = _("allocation")
        ordering = ["repayment", "id"]
        constraints = [
            models.CheckConstraint(
                condition=not_negative("principal", "interest", "penalty", "fee"),
                name="allocation_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(line__isnull=False, charge=None, fee=0)
                | Q(line=None, charge__isnull=False, principal=0, interest=0, penalty=0),
                name="allocation_one_target",
            ),
        ]
        triggers = [
            allocation_adds_up,
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest + self.penalty + self.fee
