"""From an application's rows to schedules and the all-in annual cost of ``calculation``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from applications.calculation import (
    AllInRate,
    CalculationError,
    Fee,
    PlanRow,
    Schedule,
    all_in_rate,
    schedule,
)
from applications.choices import FeeBasis, RepaymentMethod
from applications.models import AmountLine, FeeLine
from lending_crm.common.money import yuan


@dataclass(frozen=True)
class Cost:
    """What the borrower pays; ``problem`` says why it cannot be computed.

    ``schedules`` are in the order of the lines, None where a line cannot be calculated.
    """

    schedules: tuple[Schedule | None, ...] = ()
    all_in: AllInRate | None = None
    problem: CalculationError | None = None

    @property
    def rate(self) -> Decimal | None:
        """IRR × 12 in percent, the figure held against the cap (BUS-05)."""
        return self.all_in.nominal if self.all_in else None


def line_schedule(line: AmountLine, *, start: date) -> Schedule:
    """The schedule as if the line were paid out at once on ``start``; tranches come later.

    Raises ``CalculationError`` for terms that cannot be calculated.
    """
    return schedule(
        line.method,
        line.amount,
        line.annual_rate,
        line.term_months,
        start,
        day_count=line.product.day_count,
        plan=plan_rows(line) if line.method == RepaymentMethod.CUSTOM else (),
    )


def plan_rows(line: AmountLine) -> list[PlanRow]:
    return [PlanRow(int(month), Decimal(str(principal))) for month, principal in line.plan]


def scaled_plan(plan: Sequence[Sequence[Any]], *, amount: Decimal, term: int) -> list[list[Any]]:
    """Stored plan rows in proportion to ``amount``, joined by month; what lies after ``term`` is
    due with it. Rounded by what is due so far, so that the rows add up to the amount."""
    months: dict[int, Decimal] = {}
    for month, principal in plan:
        due = min(int(month), term)
        months[due] = months.get(due, Decimal(0)) + Decimal(str(principal))
    total, passed, before = sum(months.values()), Decimal(0), Decimal("0.00")
    rows: list[list[Any]] = []
    for month in sorted(months):
        passed += months[month]
        due_by_then = yuan(amount * passed / total) if total else before
        rows.append([month, f"{due_by_then - before:f}"])
        before = due_by_then
    return rows


def cost_of(lines: Sequence[AmountLine], fees: Sequence[FeeLine], *, start: date) -> Cost:
    """Schedules and all-in cost of all lines together; never raises."""
    schedules: list[Schedule | None] = []
    problem: CalculationError | None = None
    for line in lines:
        try:
            schedules.append(line_schedule(line, start=start))
        except CalculationError as error:
            schedules.append(None)
            problem = problem or error
    done = [each for each in schedules if each is not None]
    if not done or problem is not None:
        return Cost(tuple(schedules), problem=problem)
    try:
        return Cost(tuple(schedules), all_in=all_in_rate(done, [fee_terms(fee) for fee in fees]))
    except CalculationError as error:
        return Cost(tuple(schedules), problem=error)


def fee_terms(fee: FeeLine) -> Fee:
    value = fee.rate if fee.basis == FeeBasis.RATE else fee.amount
    return Fee(value=value or Decimal(0), basis=fee.basis, timing=fee.timing)


def shares(lines: Sequence[AmountLine], amount: Decimal) -> list[Decimal]:
    """The amount in yuan in proportion to the lines; the last takes what rounding leaves."""
    total = sum((line.amount for line in lines), Decimal("0.00"))
    found = [yuan(line.amount * amount / total) for line in lines[:-1]]
    return [*found, amount - sum(found, Decimal("0.00"))] if lines else []


def scaled_lines(
    lines: Sequence[AmountLine], *, amount: Decimal, term: int | None, rate: Decimal | None
) -> list[AmountLine]:
    """The lines as approved: amounts in proportion, no term or rate above the approved one.

    A CUSTOM plan does not survive a change of its amount or term; such a line is then reckoned
    as interest first, its principal at the end, which is what a plan costs at most.
    """
    found = []
    for line, share in zip(lines, shares(lines, amount), strict=True):
        months = line.term_months if term is None else min(line.term_months, term)
        method = line.method
        if method == RepaymentMethod.CUSTOM and (share, months) != (line.amount, line.term_months):
            method = RepaymentMethod.INTEREST_FIRST
        found.append(
            AmountLine(
                product=line.product,
                amount=share,
                term_months=months,
                annual_rate=line.annual_rate if rate is None else min(line.annual_rate, rate),
                method=method,
                plan=line.plan,
            )
        )
    return [line for line in found if line.amount > 0]
