"""What an extension would cost the borrower; reads only."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from funds.models import Loan
from funds.rules.cost import Flow
from funds.rules.planning import Division, extension_lines
from funds.rules.rates import Rates
from funds.selectors.state import LoanState, state_of
from staff.calendar import load_calendar


def extended_cost(
    loan: Loan, *, amount: Decimal, new_due: date, rate: Decimal, day: date
) -> Decimal:
    """The all-in annual cost in percent if ``amount`` of the principal is due on ``new_due``.

    ``rate`` is annual percent from the old due date on; everything else is paid as agreed from
    ``day`` on. It is held against ``loan.cost_cap`` (R1, R5).
    """
    state = state_of(loan)
    return state.cost(
        day, [*_postponed(state, amount, day), *_extension(state, amount, new_due, rate, day)]
    )


def _postponed(state: LoanState, amount: Decimal, day: date) -> list[Flow]:
    """What need not be paid on the old dates, the latest first, and its interest until then."""
    flows, left = [], amount
    for line in reversed(state.lines):
        taken = min(left, line.unpaid_principal)
        left -= taken
        flows.append(Flow(max(line.due, day), taken))
        days = max((state.loan.due_date - line.contractual_due).days, 0)
        interest = state.terms.amount(taken, line.annual_rate, days)
        flows.append(Flow(max(state.loan.due_date, day), -interest))
    return flows


def _extension(
    state: LoanState, amount: Decimal, new_due: date, rate: Decimal, day: date
) -> list[Flow]:
    loan = state.loan
    division = Division(
        loan.method, Rates(rate), loan.day_count, loan.start_date.day, state.setting.rounding
    )
    lines = extension_lines(
        division,
        principal=amount,
        start=max(loan.due_date, day),
        end=new_due,
        rest_day=state.setting.rest_day,
        is_working_day=load_calendar().is_working_day,
    )
    return [Flow(line.due, -(line.principal + line.interest)) for line in lines]
