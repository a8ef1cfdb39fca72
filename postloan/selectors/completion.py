"""What a completion asks the ledger and the other documents; reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Sum

from applications.choices import BizStatus, IntermediaryStatus
from applications.models import BusinessApplication, IntermediaryApplication
from applications.sheet import sheet_of
from documents.choices import WfStatus
from funds.choices import LoanStatus
from funds.models import Loan, RepaymentAllocation
from funds.selectors.loans import loan_position

if TYPE_CHECKING:
    from django.db.models import QuerySet

ZERO = Decimal("0.00")
#: granted, and neither completed nor lapsed
ALIVE = (
    BizStatus.APPROVED,
    BizStatus.SIGNED,
    BizStatus.PARTLY_DISBURSED,
    BizStatus.DISBURSED,
    BizStatus.SETTLED,
)
_ENDED = (IntermediaryStatus.SETTLED, IntermediaryStatus.TERMINATED)
_PARTS = ("principal", "interest", "penalty", "fee")


@dataclass(frozen=True)
class BusinessFigures:
    """What the ledger says of one business on a day, in yuan; what is owed by its parts."""

    disbursed: Decimal = ZERO
    principal_paid: Decimal = ZERO
    interest_paid: Decimal = ZERO
    penalty_paid: Decimal = ZERO
    fee_paid: Decimal = ZERO
    principal: Decimal = ZERO
    interest: Decimal = ZERO
    penalty: Decimal = ZERO
    has_loans: bool = False
    last_settled: date | None = None

    @property
    def outstanding(self) -> Decimal:
        return self.principal + self.interest + self.penalty


def figures_of(ids: Collection[int], day: date) -> dict[int, BusinessFigures]:
    """By business; interest runs to ``day``, fees and charges count as penalties."""
    paid: dict[int, Mapping[str, Any]] = {
        row["repayment__loan__application"]: row
        for row in RepaymentAllocation.objects.filter(
            repayment__loan__application__in=ids, repayment__reversed_at=None
        )
        .values("repayment__loan__application")
        .annotate(**{f"{part}_sum": Sum(part) for part in _PARTS})
    }
    loans: dict[int, list[Loan]] = {pk: [] for pk in ids}
    for loan in standing_loans(ids):
        loans[loan.application_id].append(loan)
    return {pk: _figures(loans[pk], paid.get(pk, {}), day) for pk in ids}


def standing_loans(ids: Collection[int]) -> QuerySet[Loan]:
    """The loans of the businesses whose money went out and stayed out."""
    return (
        Loan.objects.filter(application__in=ids)
        .exclude(status=LoanStatus.REVERSED)
        .select_related("product", "application")
        .order_by("pk")
    )


def completable(customer_id: int) -> QuerySet[BusinessApplication]:
    """Businesses of the customer with a loan that are not completed, the oldest first."""
    paid_out = Loan.objects.exclude(status=LoanStatus.REVERSED).filter(customer=customer_id)
    return BusinessApplication.objects.filter(
        customer=customer_id, pk__in=paid_out.values("application"), biz_status__in=ALIVE
    ).order_by("pk")


def is_all_completed(customer_id: int) -> bool:
    """Whether no business of the customer is alive, own or only arranged (M18)."""
    own = BusinessApplication.objects.filter(customer=customer_id, biz_status__in=ALIVE)
    arranged = IntermediaryApplication.objects.filter(
        customer=customer_id, wf_status=WfStatus.APPROVED
    ).exclude(biz_status__in=_ENDED)
    return not own.exists() and not arranged.exists()


def uncleared_fees(customer_id: int) -> Decimal:
    """Money of the customer that passed through and is still here (CMP-05).

    It is here whatever was decided on its fee sheet, and while nothing is decided yet.
    """
    sheets = IntermediaryApplication.objects.filter(customer=customer_id)
    return sum((sheet_of(each).total.balance for each in sheets), ZERO)


def _figures(loans: Iterable[Loan], paid: Mapping[str, Any], day: date) -> BusinessFigures:
    found = list(loans)
    owed = [loan_position(loan, day) for loan in found if loan.status != LoanStatus.SETTLED]
    settled = [loan.settled_on for loan in found if loan.settled_on is not None]
    return BusinessFigures(
        disbursed=sum((loan.principal for loan in found), ZERO),
        principal_paid=paid.get("principal_sum", ZERO),
        interest_paid=paid.get("interest_sum", ZERO),
        penalty_paid=paid.get("penalty_sum", ZERO),
        fee_paid=paid.get("fee_sum", ZERO),
        principal=sum((each.unpaid_principal for each in owed), ZERO),
        interest=sum((each.interest + each.accrued for each in owed), ZERO),
        penalty=sum((each.penalty + each.all_fees for each in owed), ZERO),
        has_loans=bool(found),
        last_settled=max(settled, default=None),
    )
