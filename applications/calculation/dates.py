"""Monthly due dates, the length of interest periods and the rest-day rule (domain.md §4.7, 4.8)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

# Longer than any holiday, so that a calendar without working days cannot hang the search.
_LONGEST_REST = 60


@dataclass(frozen=True)
class GridDay:
    """A day of the month that months without it replace by their last day.

    The wish is kept: the 31st falls on 28 February and comes back on 31 March.
    """

    month: int  # counted from year 0
    day: int

    @classmethod
    def of(cls, day: date, anchor: int) -> GridDay:
        """``day`` as the given day of its month where it is that day, else as its own."""
        month = day.year * 12 + day.month - 1
        on_grid = cls(month, anchor)
        return on_grid if on_grid.date == day else cls(month, day.day)

    @property
    def date(self) -> date:
        year, month = divmod(self.month, 12)
        return date(year, month + 1, min(self.day, monthrange(year, month + 1)[1]))

    def plus(self, months: int) -> GridDay:
        return GridDay(self.month + months, self.day)


@dataclass(frozen=True)
class Period:
    """An interest period; its first day counts, its last does not (算头不算尾).

    ``annual_rate`` in percent is that of the period where it may differ from the terms'.
    """

    start: GridDay
    end: GridDay
    annual_rate: Decimal | None = None

    @property
    def whole_months(self) -> int:
        return self._parts[0]

    @property
    def odd_days(self) -> int:
        """Days beyond the whole months."""
        return self._parts[1]

    @property
    def actual_days(self) -> int:
        return (self.end.date - self.start.date).days

    @property
    def _parts(self) -> tuple[int, int]:
        if self.start.day == self.end.day:
            return self.end.month - self.start.month, 0
        return months_and_days(self.start, self.end.date)


def months_and_days(start: GridDay, end: date) -> tuple[int, int]:
    """Whole months from ``start`` that fit before ``end``, and the days left over."""
    months = end.year * 12 + end.month - 1 - start.month
    if start.plus(months).date > end:
        months -= 1
    return months, (end - start.plus(months).date).days


def due_after(start: date, months: int) -> date:
    """The day on which a term of whole months from ``start`` ends (domain.md §4.8)."""
    return GridDay.of(start, start.day).plus(months).date


def due_grid(start: date, months: int, first_due: date | None) -> list[GridDay]:
    """The contractual due dates: one a month, the last on the day the term ends.

    A ``first_due`` other than one month after ``start`` sets the day of all dues but the
    last, which stays at ``start`` + ``months``: the first and last period are then longer
    or shorter than a month.
    """
    origin = GridDay.of(start, start.day)
    maturity = origin.plus(months)
    first = GridDay.of(first_due, start.day) if first_due else origin.plus(1)
    return [first.plus(step) for step in range(months - 1)] + [maturity]


def move_off_rest_day(
    day: date, *, rule: str, is_working_day: Callable[[date], bool], after: date
) -> date:
    """The payment date for a contractual due date; never on or before ``after``.

    Interest still runs to the contractual date.
    """
    if rule == "SAME_DAY":
        return day
    step = timedelta(days=1 if rule == "NEXT_WORKING_DAY" else -1)
    moved = day
    for _tries in range(_LONGEST_REST):
        if is_working_day(moved):
            return moved if moved > after else day
        moved += step
    return day
