"""What pages and other apps ask about loans; reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Prefetch, Q, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest, JSONObject

from applications.hooks import OldLoan, Outstanding
from documents.selectors import changes_of
from funds.choices import EntryKind, ScheduleState, WriteOffState
from funds.models import (
    LedgerEntry,
    Loan,
    LoanCharge,
    LoanClassification,
    Repayment,
    RepaymentAllocation,
    ScheduleVersion,
    WriteOff,
)
from funds.models.fields import ZERO
from funds.rules.position import Position
from funds.selectors.state import Settlement, state_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from applications.models import BusinessApplication
    from customers.models import Customer
    from funds.querysets import LoanQuerySet
    from lending_crm.common.models import ChangeRecord
    from staff.models import Employee


#: over the journal of one loan: interest received, less what was refunded
_REFUNDABLE = Coalesce(
    Sum(
        -F("interest"),
        filter=Q(kind=EntryKind.REPAYMENT)
        | Q(kind=EntryKind.REVERSAL, reverses__kind=EntryKind.REPAYMENT),
    ),
    ZERO,
) + Coalesce(Sum("cash", filter=Q(kind=EntryKind.REFUND)), ZERO)


def loan_position(loan: Loan, day: date) -> Position:
    """What the loan stands at on ``day``; before the last booking, at that booking.

    Also for a day to come, if nothing is paid until then.
    """
    return state_of(loan).position(day)


def settlement_figure(loan: Loan, day: date) -> Settlement:
    """What would end the loan on ``day``: ``total`` in yuan, with its parts."""
    return state_of(loan).settlement(day)


def outstanding_of_applications(ids: Collection[int], day: date) -> dict[int, Outstanding]:
    """By application: paid out and unpaid principal at the end of ``day``, from the journal."""
    rows = (
        LedgerEntry.objects.filter(loan__application__in=ids, day__lte=day)
        .values("loan__application")
        .annotate(
            unpaid=Sum("principal"),
            disbursed=Sum("principal", filter=Q(kind=EntryKind.DISBURSEMENT)),
        )
    )
    return {
        row["loan__application"]: Outstanding(row["disbursed"] or ZERO, row["unpaid"] or ZERO)
        for row in rows
    }


def has_young_loan(customer_id: int) -> bool:
    """A running loan of which less than half is repaid (domain §2.3)."""
    loans = Loan.objects.filter(customer=customer_id).running()
    return loans.filter(unpaid_principal__gt=F("principal") / 2).exists()


def old_loans(customer_id: int) -> list[OldLoan]:
    """Running loans that a new one may replace, the newest first."""
    rows = Loan.objects.filter(customer=customer_id).running().order_by("-start_date", "-id")
    return [OldLoan(*row) for row in rows.values_list("loan_no", "unpaid_principal")]


def refundable_interest(loan: Loan) -> Decimal:
    """Interest received, less what was refunded; penalty interest stays (domain M13, INT-11)."""
    found = LedgerEntry.objects.filter(loan=loan).aggregate(left=_REFUNDABLE)
    return max(found["left"], ZERO)


def with_refundable(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    """Add ``refundable``: what ``refundable_interest`` says, in the statement that reads them."""
    own = LedgerEntry.objects.filter(loan=OuterRef("pk")).order_by().values("loan")
    left = Subquery(own.annotate(left=_REFUNDABLE).values("left"))
    return loans.annotate(refundable=Greatest(Coalesce(left, ZERO), ZERO))


def loan_list(user: Employee) -> LoanQuerySet:
    """The rows of 借据台账 that the user may see, with what its columns show."""
    return Loan.objects.visible_to(user).select_related("customer", "application", "branch")


def loans_of_customer(customer: Customer, user: Employee) -> QuerySet[Loan]:
    return loan_list(user).filter(customer=customer).order_by("-created_at", "-pk")


def loans_of_application(application: BusinessApplication, user: Employee) -> QuerySet[Loan]:
    return loan_list(user).filter(application=application).order_by("-created_at", "-pk")


def schedules_of(loan: Loan) -> QuerySet[ScheduleVersion]:
    """Every version with its instalments, the one in force first."""
    return (
        ScheduleVersion.objects.filter(loan=loan)
        .select_related("created_by")
        .prefetch_related("lines")
        .order_by("-no")
    )


def old_schedules_of(loan: Loan) -> QuerySet[ScheduleVersion]:
    """The versions that are no longer in force, the newest first."""
    return schedules_of(loan).exclude(state=ScheduleState.CURRENT)


def repayments_of(loan: Loan) -> QuerySet[Repayment]:
    return (
        Repayment.objects.filter(loan=loan)
        .select_related("booked_by", "reversed_by")
        .prefetch_related(
            Prefetch("allocations", RepaymentAllocation.objects.select_related("line", "charge"))
        )
        .order_by("-id")
    )


def charges_of(loan: Loan) -> QuerySet[LoanCharge]:
    """The fees that the loan was charged with, the latest due first."""
    return loan.charges.select_related("created_by").order_by("-due_on", "-id")


def journal_of(loan: Loan, limit: int | None = None) -> Iterable[LedgerEntry]:
    rows = LedgerEntry.objects.filter(loan=loan).select_related("actor").order_by("-no")
    return rows if limit is None else rows[:limit]


def classifications_of(loan: Loan) -> QuerySet[LoanClassification]:
    return loan.classifications.select_related("actor").order_by("-id")


def with_proposal(loans: QuerySet[Loan]) -> QuerySet[Loan]:
    """Add ``proposal``: by whom, when (ISO) and why 总部风控 proposes to write the loan off, in
    the same statement; None while finance has nothing to answer."""
    rows = WriteOff.objects.filter(loan=OuterRef("pk"), state=WriteOffState.OPEN)
    said = JSONObject(
        by="proposed_by__name", by_id="proposed_by", at="proposed_at", reason="reason"
    )
    return loans.annotate(proposal=Subquery(rows.order_by().values_list(said)[:1]))


def loan_changes(loan: Loan) -> list[ChangeRecord]:
    """修改记录 of a loan, the latest first.

    Only an extension and a misuse of the funds change one by hand of an approval, so no other
    loan is asked about.
    """
    if not (loan.extension_count or loan.is_misused):
        return []
    return list(changes_of(loan))
