"""What a customer's loans stand at, as a handover of bad customers asks; reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from customers.choices import RiskClass
from funds.choices import BAD_CLASSES, CLASS_ORDER, LoanStatus
from funds.models import Loan
from funds.selectors.loans import loan_position
from postloan.choices.bad_customers import HandoverStatus
from postloan.models import BadCustomerHandover, HandedLoan, RecoveryRecord
from postloan.selectors.supervision import red_twice

if TYPE_CHECKING:
    from django.db.models import QuerySet

ZERO = Decimal("0.00")
#: 不良 begins with the 91st day (A20)
MOST_DAYS = 90


@dataclass(frozen=True)
class Standing:
    """A customer's running loans on a day; amounts in yuan.

    ``overdue_days`` is that of the loan longest overdue, ``risk_class`` the worst.
    """

    loans: Sequence[HandedLoan]
    is_red_twice: bool = False

    @property
    def balance(self) -> Decimal:
        return sum((row.principal for row in self.loans), ZERO)

    @property
    def interest(self) -> Decimal:
        return sum((row.interest for row in self.loans), ZERO)

    @property
    def penalty(self) -> Decimal:
        return sum((row.penalty for row in self.loans), ZERO)

    @property
    def overdue_days(self) -> int:
        return max((row.overdue_days for row in self.loans), default=0)

    @property
    def risk_class(self) -> str:
        found = (row.risk_class for row in self.loans)
        return max(found, key=CLASS_ORDER.__getitem__, default=RiskClass.NORMAL.value)

    @property
    def is_bad(self) -> bool:
        """More than 90 days overdue, 次级 or worse, or red twice in a row (A20)."""
        is_late = self.overdue_days > MOST_DAYS or self.risk_class in BAD_CLASSES
        return bool(self.loans) and (is_late or self.is_red_twice)


def standing_of(customer_id: int, day: date) -> Standing:
    """The running loans with what is unpaid on ``day``, interest to the day included."""
    rows = []
    loans = Loan.objects.filter(customer=customer_id).running().select_related("application")
    for position, loan in enumerate(loans.order_by("pk")):
        owed = loan_position(loan, day)
        rows.append(
            HandedLoan(
                loan=loan,
                position=position,
                principal=owed.unpaid_principal,
                interest=owed.interest + owed.accrued,
                penalty=owed.penalty + owed.fees,
                overdue_days=max(owed.days_overdue, loan.overdue_days),
                risk_class=loan.risk_class,
            )
        )
    return Standing(rows, bool(red_twice([customer_id])))


def owed_of(customer_id: int, day: date) -> Decimal:
    """Everything that the customer still owes in yuan, of loans written off too."""
    loans = Loan.objects.filter(customer=customer_id)
    unsettled = loans.exclude(status__in=(LoanStatus.SETTLED, LoanStatus.REVERSED))
    positions = (loan_position(loan, day) for loan in unsettled)
    return sum((each.settlement for each in positions), ZERO)


@dataclass(frozen=True)
class Glance:
    """``Standing`` by what was counted and classed last; days of the loan longest overdue."""

    is_bad: bool
    overdue_days: int


def glance_at(customer_id: int) -> Glance:
    """One query, and one of the supervision reports of a customer who is not bad without them."""
    loans = Loan.objects.filter(customer=customer_id).running()
    rows = list(loans.values_list("overdue_days", "risk_class"))
    days = max((overdue for overdue, _class in rows), default=0)
    is_late = days > MOST_DAYS or any(each in BAD_CLASSES for _days, each in rows)
    return Glance(is_late or (bool(rows) and bool(red_twice([customer_id]))), days)


def managed_handover(customer_id: int) -> BadCustomerHandover | None:
    """The handover under which asset recovery has the customer now."""
    rows = BadCustomerHandover.objects.filter(customer=customer_id)
    return rows.filter(biz_status=HandoverStatus.MANAGED).first()


def open_handover(customer_id: int, *, excluding: int | None = None) -> str | None:
    """The number of the handover of the customer that is on its way (BAD-06)."""
    rows = BadCustomerHandover.objects.filter(open_customer=customer_id)
    if excluding is not None:
        rows = rows.exclude(pk=excluding)
    return rows.values_list("doc_no", flat=True).first()


def recovery_records(handover: BadCustomerHandover) -> QuerySet[RecoveryRecord]:
    return RecoveryRecord.objects.filter(handover=handover).select_related("by").order_by("-pk")
