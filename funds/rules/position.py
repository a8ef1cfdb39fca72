"""What a loan stands at on a day, computed from its instalments and fees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from funds.models.fields import ZERO
from funds.rules.growth import LateTerms, accrued_interest, growth

if TYPE_CHECKING:
    from funds.models import Loan, LoanCharge, ScheduleLine


@dataclass(frozen=True)
class Position:
    """Yuan on one day.

    ``interest``, ``penalty`` and ``fees`` are due and unpaid, ``principal_due`` the due part of
    ``unpaid_principal``. ``accrued`` is the interest of the running period, ``fees_to_come`` what
    was charged, that is not due yet.
    """

    day: date
    unpaid_principal: Decimal
    principal_due: Decimal
    interest: Decimal
    penalty: Decimal
    fees: Decimal
    fees_to_come: Decimal
    accrued: Decimal
    overdue_since: date | None
    days_overdue: int
    next_due: date | None
    next_amount: Decimal

    @property
    def due_total(self) -> Decimal:
        """Everything that should have been paid by the day."""
        return self.principal_due + self.interest + self.penalty + self.fees

    @property
    def settlement(self) -> Decimal:
        """B + accrued interest to the day + fees (domain §4.9), without an early fee."""
        return self.unpaid_principal + self.interest + self.penalty + self.all_fees + self.accrued

    @property
    def all_fees(self) -> Decimal:
        """What ends the loan pays the fees that fall due later, too."""
        return self.fees + self.fees_to_come

    @property
    def overdue_principal(self) -> Decimal:
        return self.principal_due if self.days_overdue else ZERO


def position_of(
    loan: Loan,
    lines: Sequence[ScheduleLine],
    charges: Sequence[LoanCharge],
    *,
    day: date,
    terms: LateTerms,
) -> Position:
    """``lines`` are those of the schedule in force; no day before ``loan.booked_to``."""
    due = [line for line in lines if line.due <= day]
    grown = [growth(line, day, terms) for line in due]
    coming = running_line(lines, day)
    since = overdue_since(lines, day)
    return Position(
        day=day,
        unpaid_principal=_sum(line.unpaid_principal for line in lines),
        principal_due=_sum(line.unpaid_principal for line in due),
        interest=_sum(line.unpaid_interest for line in due) + _sum(each.interest for each in grown),
        penalty=_sum(line.unpaid_penalty for line in due) + _sum(each.penalty for each in grown),
        fees=_sum(charge.unpaid for charge in charges if charge.due_on <= day),
        fees_to_come=_sum(charge.unpaid for charge in charges if charge.due_on > day),
        accrued=ZERO if coming is None else accrued_on(loan, coming, day),
        overdue_since=since,
        days_overdue=(day - since).days if since else 0,
        next_due=coming.due if coming else None,
        next_amount=coming.unpaid if coming else ZERO,
    )


def accrued_on(loan: Loan, line: ScheduleLine, day: date) -> Decimal:
    return accrued_interest(line, day, day_count=loan.day_count, anchor=loan.start_date.day)


def running_line(lines: Sequence[ScheduleLine], day: date) -> ScheduleLine | None:
    """The next instalment that is neither due on ``day`` nor paid."""
    return next((line for line in lines if line.due > day and line.unpaid > 0), None)


def overdue_since(lines: Sequence[ScheduleLine], day: date) -> date | None:
    """The oldest due date before ``day`` of which principal or interest is unpaid.

    Penalty interest alone makes nobody overdue: it would never let him be in order again.
    """
    return min((line.due for line in lines if line.due < day and line.uncleared > 0), default=None)


def _sum(amounts: object) -> Decimal:
    return sum(amounts, ZERO)  # type: ignore[call-overload, no-any-return]
