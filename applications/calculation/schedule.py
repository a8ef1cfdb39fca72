"""还款计划: what the borrower pays on which day, for all six methods (domain.md §4.1–4.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext

from django.utils.translation import gettext_lazy as _

from applications.calculation.dates import (
    GridDay,
    Period,
    due_grid,
    months_and_days,
    move_off_rest_day,
)
from applications.calculation.errors import InvalidTerms
from applications.calculation.methods import METHODS, ZERO, interest
from applications.calculation.terms import (
    REST_DAY_RULES,
    ROUNDINGS,
    Terms,
    check_amount,
    check_choice,
    check_day,
)
from lending_crm.common.money import FEN, MAX_AMOUNT

# Powers over 600 periods lose digits; what is left must still round to the right fen.
_PRECISION = 60


@dataclass(frozen=True)
class PlanRow:
    """One row of a CUSTOM plan; ``due`` is a date or a number of months after the start.

    Interest left open is calculated on the balance for the time since the row before.
    """

    due: date | int
    principal: Decimal
    interest: Decimal | None = None


@dataclass(frozen=True)
class Line:
    """One instalment; amounts in yuan, ``balance`` is the principal unpaid after it.

    ``due`` is the day of payment, moved off a rest day where the product says so;
    ``contractual_due`` is the day to which interest runs, ``elapsed`` the months from the
    start to it (days beyond whole months as thirtieths).
    """

    no: int
    due: date
    principal: Decimal
    interest: Decimal
    balance: Decimal
    contractual_due: date
    elapsed: Decimal

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest


@dataclass(frozen=True)
class Schedule:
    """The instalments of one loan; their principals add up to its principal exactly (N30)."""

    method: str
    principal: Decimal
    annual_rate: Decimal
    months: int
    start: date
    lines: tuple[Line, ...]

    @property
    def maturity(self) -> date:
        return self.lines[-1].contractual_due

    @property
    def total_interest(self) -> Decimal:
        return sum((line.interest for line in self.lines), ZERO)

    @property
    def total(self) -> Decimal:
        return self.principal + self.total_interest


def schedule(
    method: str,
    principal: Decimal,
    annual_rate: Decimal,
    months: int,
    start: date,
    *,
    first_due: date | None = None,
    day_count: str = "30/360",
    rest_day: str = "SAME_DAY",
    is_working_day: Callable[[date], bool] | None = None,
    rounding: str = "FEN",
    plan: Iterable[PlanRow] = (),
) -> Schedule:
    """The schedule of a loan paid out on ``start``.

    ``annual_rate`` is percent a year. ``rounding`` says how the equal instalment is
    rounded: to the fen, to the yuan, or up to the yuan; interest is always rounded to the
    fen, halves up, and the last instalment absorbs what is left. ``is_working_day`` is
    asked when ``rest_day`` moves payments; without it Saturday and Sunday are rest days.
    ``plan`` is for the method CUSTOM only.

    Raises ``InvalidTerms`` (a ``ValueError``) for terms that cannot be calculated.
    """
    terms = Terms(method, principal, annual_rate, months, start, first_due, day_count)
    check_choice("rest_day", rest_day, REST_DAY_RULES)
    check_choice("rounding", rounding, ROUNDINGS)
    rows = tuple(plan)
    with localcontext() as context:
        context.prec = _PRECISION
        if method == "CUSTOM":
            periods = _plan_periods(terms, rows)
            parts = _plan_parts(terms, rows, periods)
        else:
            if rows:
                raise InvalidTerms("plan", _("Only the method CUSTOM takes a repayment plan."))
            periods = _periods(terms)
            parts = list(METHODS[method](terms, periods, rounding))
        if sum(capital + due for capital, due in parts) > MAX_AMOUNT:
            raise InvalidTerms(
                "principal",
                _("Principal and interest together are larger than the system can hold."),
            )
        days = _payment_days(periods, rest_day, is_working_day or _is_weekday)
        lines = _lines(terms, periods, parts, days)
    return Schedule(method, principal.quantize(FEN), annual_rate, months, start, lines)


def _periods(terms: Terms) -> list[Period]:
    origin = GridDay.of(terms.start, terms.start.day)
    if terms.method == "BULLET":
        return [Period(origin, origin.plus(terms.months))]
    grid = due_grid(terms.start, terms.months, terms.first_due)
    return [Period(a, b) for a, b in zip([origin, *grid], grid, strict=False)]


def _plan_periods(terms: Terms, rows: Sequence[PlanRow]) -> list[Period]:
    """The periods of a CUSTOM plan; its days must ascend and its principals add up."""
    if not 1 <= len(rows) <= 600:
        raise InvalidTerms("plan", _("The repayment plan needs 1 to 600 rows."))
    origin = GridDay.of(terms.start, terms.start.day)
    maturity = origin.plus(terms.months).date
    before, periods = origin, []
    for number, row in enumerate(rows, start=1):
        day = _plan_day(row, origin)
        if not before.date < day.date <= maturity:
            raise InvalidTerms(
                "plan",
                _("Row %(row)s of the plan must follow the row before and not exceed %(end)s."),
                row=number,
                end=maturity.isoformat(),
            )
        check_amount("plan", row.principal)
        if row.interest is not None:
            check_amount("plan", row.interest)
        periods.append(Period(before, day))
        before = day
    if (total := sum(row.principal for row in rows)) != terms.principal:
        raise InvalidTerms(
            "plan",
            _("The principals of the plan add up to %(sum)s, not to %(principal)s."),
            sum=f"{total:,.2f}",
            principal=f"{terms.principal:,.2f}",
        )
    return periods


def _plan_day(row: PlanRow, origin: GridDay) -> GridDay:
    if isinstance(row.due, int):
        # Bounded before it becomes a date, which cannot lie beyond the year 9999.
        return origin.plus(min(max(row.due, -1), 1200))
    check_day("plan", row.due)
    return GridDay.of(row.due, origin.day)


def _plan_parts(
    terms: Terms, rows: Sequence[PlanRow], periods: Sequence[Period]
) -> list[tuple[Decimal, Decimal]]:
    balance, parts = terms.principal, []
    for row, period in zip(rows, periods, strict=True):
        due = interest(terms, balance, period) if row.interest is None else row.interest
        parts.append((row.principal, due))
        balance -= row.principal
    return parts


def _payment_days(
    periods: Sequence[Period], rest_day: str, is_working_day: Callable[[date], bool]
) -> list[date]:
    before, days = periods[0].start.date, []
    for period in periods:
        before = move_off_rest_day(
            period.end.date, rule=rest_day, is_working_day=is_working_day, after=before
        )
        days.append(before)
    return days


def _lines(
    terms: Terms,
    periods: Sequence[Period],
    parts: Sequence[tuple[Decimal, Decimal]],
    days: Sequence[date],
) -> tuple[Line, ...]:
    origin = GridDay.of(terms.start, terms.start.day)
    balance, lines = terms.principal.quantize(FEN), []
    for number, (period, (capital, due), day) in enumerate(
        zip(periods, parts, days, strict=True), start=1
    ):
        balance -= capital
        whole, odd = months_and_days(origin, period.end.date)
        lines.append(
            Line(
                no=number,
                due=day,
                principal=capital.quantize(FEN),
                interest=due.quantize(FEN),
                balance=balance,
                contractual_due=period.end.date,
                elapsed=whole + Decimal(odd) / 30,
            )
        )
    return tuple(lines)


def _is_weekday(day: date) -> bool:
    return day.weekday() < 5
