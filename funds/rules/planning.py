"""Instalments of a loan: the first schedule, and what is left of one divided anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext

from applications.calculation import PlanRow, Schedule, schedule
from applications.calculation.dates import GridDay, Period, move_off_rest_day
from applications.calculation.methods import METHODS, interest
from applications.calculation.terms import Terms
from applications.choices import RepaymentMethod
from funds.choices import Treatment
from funds.models.fields import ZERO
from funds.rules.rates import Rates

_PRECISION = 60
IsWorkingDay = Callable[[date], bool]


@dataclass(frozen=True)
class NewLine:
    """An instalment to be stored; see ``ScheduleLine`` for the meaning of the columns."""

    starts_on: date
    contractual_due: date
    due: date
    base: Decimal
    principal: Decimal
    interest: Decimal
    annual_rate: Decimal
    carried_interest: Decimal = ZERO
    penalty: Decimal = ZERO
    interest_booked: Decimal = ZERO
    late_to: date | None = None
    penalty_to: date | None = None


@dataclass(frozen=True)
class Division:
    """How principal is divided: method, annual percent by day, day count, and the grid's day."""

    method: str
    rates: Rates
    day_count: str
    anchor: int
    rounding: str = "FEN"

    def terms(self, principal: Decimal, start: date) -> Terms:
        method = RepaymentMethod.BULLET if self.method == RepaymentMethod.CUSTOM else self.method
        return Terms(method, principal, self.rates.first, 1, start, None, self.day_count)

    def period(self, start: date, end: date) -> Period:
        """With its own rate: of a period in which the rate changes, the mean by their days."""
        parts = [
            Period(GridDay.of(first, self.anchor), GridDay.of(last, self.anchor), rate)
            for first, last, rate in self.rates.parts(start, end)
        ]
        rate = parts[0].annual_rate
        if len(parts) > 1:
            days = [Decimal(self._days(part)) for part in parts]
            costs = (each * (part.annual_rate or 0) for each, part in zip(days, parts, strict=True))
            rate = sum(costs, ZERO) / sum(days)
        return Period(parts[0].start, parts[-1].end, rate)

    def cost(self, principal: Decimal, start: date, end: date) -> Decimal:
        """Interest of the principal between the days, in yuan to the fen."""
        return interest(self.terms(principal, start), principal, self.period(start, end))

    def _days(self, period: Period) -> int:
        if self.day_count == "30/360":
            return period.whole_months * 30 + period.odd_days
        return period.actual_days


def first_schedule(
    division: Division,
    *,
    principal: Decimal,
    months: int,
    start: date,
    first_due: date | None,
    rest_day: str,
    is_working_day: IsWorkingDay,
    plan: Iterable[PlanRow] = (),
) -> list[NewLine]:
    """The instalments of principal paid out on ``start``; raises ``CalculationError``."""
    found = schedule(
        division.method,
        principal,
        division.rates.first,
        months,
        start,
        first_due=first_due,
        day_count=division.day_count,
        rest_day=rest_day,
        is_working_day=is_working_day,
        rounding=division.rounding,
        plan=plan,
    )
    return lines_of(found)


def lines_of(found: Schedule) -> list[NewLine]:
    is_flat = found.method == RepaymentMethod.FLAT
    before, balance, lines = found.start, found.principal, []
    for line in found.lines:
        lines.append(
            NewLine(
                starts_on=before,
                contractual_due=line.contractual_due,
                due=line.due,
                base=found.principal if is_flat else balance,
                principal=line.principal,
                interest=line.interest,
                annual_rate=found.annual_rate,
            )
        )
        before, balance = line.contractual_due, line.balance
    return lines


@dataclass(frozen=True)
class Due:
    """A date of the old schedule that stays, with what was to be paid on it."""

    contractual_due: date
    due: date
    principal: Decimal = ZERO
    total: Decimal = ZERO


def divide_anew(
    division: Division,
    *,
    principal: Decimal,
    start: date,
    dues: Sequence[Due],
    treatment: str = Treatment.REDUCE,
) -> list[NewLine]:
    """``principal`` from ``start`` on, over the dates that are left (domain §4.9).

    Each period costs the rate of its own days: one before an extension keeps the old rate.
    REDUCE keeps the term and lowers the instalments, SHORTEN keeps them and drops the last.
    """
    periods = [
        division.period(begin, due.contractual_due)
        for begin, due in zip([start, *(due.contractual_due for due in dues)], dues, strict=False)
    ]
    with localcontext() as context:
        context.prec = _PRECISION
        parts = _parts(division, principal, start, dues, periods, treatment)
    return _joined(division, principal, start, dues, parts)


def _parts(
    division: Division,
    principal: Decimal,
    start: date,
    dues: Sequence[Due],
    periods: Sequence[Period],
    treatment: str,
) -> list[tuple[Decimal, Decimal]]:
    terms = division.terms(principal, start)
    if treatment == Treatment.SHORTEN:
        return list(_shortened(division, terms, dues, periods))
    if division.method == RepaymentMethod.CUSTOM:
        return list(_in_proportion(terms, dues, periods))
    if division.method == RepaymentMethod.BULLET and len(periods) > 1:
        return list(METHODS[RepaymentMethod.INTEREST_FIRST](terms, periods, division.rounding))
    return list(METHODS[division.method](terms, periods, division.rounding))


def _shortened(
    division: Division, terms: Terms, dues: Sequence[Due], periods: Sequence[Period]
) -> Iterable[tuple[Decimal, Decimal]]:
    balance = terms.principal
    is_flat = division.method == RepaymentMethod.FLAT
    keeps_total = division.method == RepaymentMethod.EQUAL_INSTALLMENT
    for number, (due, period) in enumerate(zip(dues, periods, strict=True), start=1):
        cost = interest(terms, terms.principal if is_flat else balance, period)
        wanted = max(due.total - cost, ZERO) if keeps_total else due.principal
        part = balance if number == len(dues) else min(wanted, balance)
        balance -= part
        yield part, cost
        if not balance:
            return


def _in_proportion(
    terms: Terms, dues: Sequence[Due], periods: Sequence[Period]
) -> Iterable[tuple[Decimal, Decimal]]:
    total = sum((due.principal for due in dues), ZERO)
    balance = terms.principal
    for number, (due, period) in enumerate(zip(dues, periods, strict=True), start=1):
        share = (terms.principal * due.principal / total).quantize(ZERO) if total else ZERO
        part = balance if number == len(dues) else min(share, balance)
        yield part, interest(terms, balance, period)
        balance -= part


def _joined(
    division: Division,
    principal: Decimal,
    start: date,
    dues: Sequence[Due],
    parts: Sequence[tuple[Decimal, Decimal]],
) -> list[NewLine]:
    before, balance, lines = start, principal, []
    for due, (part, cost) in zip(dues, parts, strict=False):
        lines.append(
            NewLine(
                starts_on=before,
                contractual_due=due.contractual_due,
                due=due.due,
                base=principal if division.method == RepaymentMethod.FLAT else balance,
                principal=part,
                interest=cost,
                annual_rate=division.rates.until(due.contractual_due),
            )
        )
        before, balance = due.contractual_due, balance - part
    return lines


def extension_lines(
    division: Division,
    *,
    principal: Decimal,
    start: date,
    end: date,
    rest_day: str,
    is_working_day: IsWorkingDay,
) -> list[NewLine]:
    """The instalments of extended principal from ``start`` to ``end``, a month apart.

    A bullet loan stays one; with the other methods the months are those of the loan and the
    last period may be shorter.
    """
    grid, origin = [], GridDay.of(start, division.anchor)
    if division.method != RepaymentMethod.BULLET:
        step = 1
        while origin.plus(step).date < end:
            grid.append(origin.plus(step).date)
            step += 1
    days = [*grid, end]
    before, dues = start, []
    for day in days:
        before = move_off_rest_day(day, rule=rest_day, is_working_day=is_working_day, after=before)
        dues.append(Due(day, before))
    if division.method == RepaymentMethod.CUSTOM:
        division = replace(division, method=RepaymentMethod.INTEREST_FIRST)
    return divide_anew(division, principal=principal, start=start, dues=dues)


def with_carried(lines: Sequence[NewLine], carried: Decimal) -> list[NewLine]:
    """The lines with interest that was earned before them put into the first one."""
    if not carried:
        return list(lines)
    first, *rest = lines
    first = replace(
        first,
        interest=first.interest + carried,
        carried_interest=first.carried_interest + carried,
    )
    return [first, *rest]
