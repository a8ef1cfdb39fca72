"""The journal of a loan, and the fees that it was charged with."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

import pgtrigger

from funds.choices import CHARGED_BY_HAND, ChargeKind, EntryKind
from funds.models.fields import money, not_negative
from funds.models.loan import Loan
from funds.models.schedule import ScheduleLine

_PARTS = ("principal", "interest", "penalty", "fee")
_DIFFERS = " OR ".join(
    f"NEW.{part}_after <> coalesce(last.{part}_after, 0) + NEW.{part}" for part in _PARTS
)

#: Each row continues the one before: the next number, and balances that moved by its amounts.
continues_the_last = pgtrigger.Trigger(
    name="continues_the_last",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[("last", "funds_ledgerentry%ROWTYPE")],
    func=(
        "SELECT * INTO last FROM funds_ledgerentry WHERE loan_id = NEW.loan_id"  # noqa: S608
        " ORDER BY no DESC LIMIT 1;"
        " IF NEW.no <> coalesce(last.no, 0) + 1 OR "
        + _DIFFERS
        + " THEN RAISE EXCEPTION 'journal entry % of loan % does not continue the last',"
        " NEW.no, NEW.loan_id"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'continues_the_last'; END IF;"
        " RETURN NEW;"
    ),
)

#: N29: what left the bank as a rebate does not leave it again for a loan.
reference_leaves_once = pgtrigger.Trigger(
    name="reference_leaves_once",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    condition=pgtrigger.Condition("NEW.bank_ref <> '' AND NEW.kind IN ('DISBURSEMENT', 'REFUND')"),
    func=(
        "PERFORM pg_advisory_xact_lock(hashtextextended('bank reference ' || NEW.bank_ref, 0));"
        " IF EXISTS (SELECT 1 FROM funds_rebateapplication WHERE bank_ref = NEW.bank_ref) THEN"
        " RAISE EXCEPTION 'FTR-07: bank reference % is booked', NEW.bank_ref"
        " USING ERRCODE = 'check_violation', CONSTRAINT = 'reference_leaves_once'; END IF;"
        " RETURN NEW;"
    ),
)

_SUMMED = ("principal", "interest", "penalty", "fee", "cash", "income")

#: Each statement adds rows of its own to the totals, so that bookings do not wait for each other.
adds_to_the_totals = pgtrigger.Trigger(
    name="adds_to_the_totals",
    level=pgtrigger.Statement,
    when=pgtrigger.After,
    operation=pgtrigger.Insert,
    referencing=pgtrigger.Referencing(new="added"),
    func=(
        f"INSERT INTO funds_ledgertotal (day, kind, entries, {', '.join(_SUMMED)})"  # noqa: S608
        f" SELECT day, kind, count(*), {', '.join(f'sum({part})' for part in _SUMMED)}"
        " FROM added GROUP BY day, kind;"
        " RETURN NULL;"
    ),
)


class LedgerEntry(models.Model):
    """One row of the journal; amounts in yuan, signed as changes.

    ``principal``, ``interest``, ``penalty`` and ``fee`` change what the borrower owes,
    ``cash`` what the lender holds, ``income`` what it has earned (a write-off is negative
    income). What is owed and held changes by what is earned, in every row:
    principal + interest + penalty + fee + cash = income.

    ``line`` and ``from_day`` say which instalment grew, and the day from which the growth was
    counted, so that a reversal can take it back.
    """

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="entries")
    no = models.PositiveIntegerField(_("entry number"))
    kind = models.CharField(_("entry"), max_length=16, choices=EntryKind.choices)
    day = models.DateField(_("value date"))
    principal = money(_("principal"))
    interest = money(_("interest"))
    penalty = money(_("penalty interest"))
    fee = money(_("fees"))
    cash = money(_("cash"))
    income = money(_("income"))
    principal_after = money(_("principal owed"))
    interest_after = money(_("interest owed"))
    penalty_after = money(_("penalty interest owed"))
    fee_after = money(_("fees owed"))
    repayment = models.ForeignKey(
        "funds.Repayment", models.PROTECT, null=True, related_name="entries"
    )
    line = models.ForeignKey(ScheduleLine, models.PROTECT, null=True, related_name="entries")
    from_day = models.DateField(null=True)
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    bank_ref = models.CharField(_("bank reference"), max_length=60, blank=True)
    reference = models.CharField(_("document"), max_length=60, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("booked by"),
    )
    at = models.DateTimeField(_("booked at"))

    class Meta:
        verbose_name = _("journal entry")
        ordering = ["loan", "no"]
        constraints = [
            models.UniqueConstraint(fields=["loan", "no"], name="ledger_entry_once"),
            models.CheckConstraint(
                condition=Q(
                    income=F("principal") + F("interest") + F("penalty") + F("fee") + F("cash")
                ),
                name="ledger_entry_balances",
            ),
            models.CheckConstraint(
                condition=not_negative(*(f"{part}_after" for part in _PARTS)),
                name="ledger_entry_not_overpaid",
            ),
            models.CheckConstraint(
                condition=~Q(kind=EntryKind.REVERSAL) | Q(reverses__isnull=False),
                name="ledger_reversal_names_entry",
            ),
            # A transfer and a refund leave the bank once; repayments keep their own reference.
            models.UniqueConstraint(
                fields=["bank_ref"],
                condition=~Q(bank_ref="") & Q(kind__in=[EntryKind.DISBURSEMENT, EntryKind.REFUND]),
                name="ledger_reference_once",
            ),
        ]
        indexes = [models.Index(fields=["day", "kind"], name="ledger_entry_by_day")]
        triggers = [
            continues_the_last,
            reference_leaves_once,
            adds_to_the_totals,
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id}/{self.no} {self.kind}"


class LedgerTotal(models.Model):
    """What the journal adds up to on one value day for one kind of entry, in yuan.

    The database writes it together with the entries, so that the sums of the whole company
    are read from some thousand rows instead of from the journal. Rows of the same day and
    kind add up; ``funds.services.totals.fold_totals`` makes one of them.
    """

    day = models.DateField(_("value date"))
    kind = models.CharField(_("entry"), max_length=16, choices=EntryKind.choices)
    entries = models.PositiveIntegerField()
    principal = money(_("principal"))
    interest = money(_("interest"))
    penalty = money(_("penalty interest"))
    fee = money(_("fees"))
    cash = money(_("cash"))
    income = money(_("income"))

    class Meta:
        verbose_name = _("total of the journal")
        indexes = [models.Index(fields=["day", "kind"], name="ledger_total_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"


class LoanCharge(models.Model):
    """费用 that was charged to a loan; ``note`` says what for.

    Reversed, never deleted (M24): ``waived`` is then all of it, and the journal has the mirror
    of its entry, with who did it and why. The form that charged it has its ``creation_key``.
    """

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="charges")
    kind = models.CharField(_("fee"), max_length=12, choices=ChargeKind.choices)
    due_on = models.DateField(_("due date"))
    amount = money(_("amount"))
    paid = money(_("paid"))
    waived = money(_("waived"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    creation_key = models.UUIDField(null=True, unique=True, editable=False)
    created_at = models.DateTimeField(_("booked at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("booked by")
    )

    class Meta:
        verbose_name = _("fee")
        ordering = ["loan", "due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0)
                & not_negative("paid", "waived")
                & Q(paid__lte=F("amount") - F("waived")),
                name="loan_charge_amounts",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="charge_as_booked", exclude=["paid", "waived"]),
            pgtrigger.Protect(name="charge_never_deleted", operation=pgtrigger.Delete),
        ]

    @property
    def unpaid(self) -> Decimal:
        return self.amount - self.paid - self.waived

    @property
    def dialog(self) -> str:
        """The id of the dialog that reverses it."""
        return f"fee-{self.pk}"

    @property
    def is_reversible(self) -> bool:
        """Charged by hand and still owed in full."""
        return self.kind in CHARGED_BY_HAND and self.unpaid == self.amount
