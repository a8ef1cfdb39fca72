"""Working days and working hours: the public calendar of China and the lender's exceptions.

Weekends, public holidays and make-up days come from ``chinesecalendar``. It knows a year only
once the State Council has published it; until then Monday to Friday count as working days and
``missing_years`` names the year, so that somebody enters its holidays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.utils import timezone

import chinese_calendar

from lending_crm.common.compiled import Compiled
from staff.models import HolidayOverride

if TYPE_CHECKING:
    Hours = int | float | Decimal

#: the eight working hours of a day
WORKING_HOURS = ((time(8, 30), time(12, 0)), (time(13, 30), time(18, 0)))
HOURS_A_DAY = 8
#: how far ahead a missing year is called out: the last due dates that are computed today
HORIZON = timedelta(days=60)
#: a longer limit than this is a typing error, and would walk the calendar for ever
MAX_HOURS = 8 * 366 * 5
_SHOWN_KEY = "staff.calendar.shown"
_SHOWN_SECONDS = 60


@dataclass(frozen=True)
class WorkingCalendar:
    """The calendar with the lender's exceptions read once; for many computations in a row."""

    overrides: dict[date, bool] = field(default_factory=dict)

    def is_working_day(self, day: date) -> bool:
        if day in self.overrides:
            return self.overrides[day]
        return _is_public_working_day(day)

    def add_working_hours(self, moment: datetime, hours: Hours) -> datetime:
        """The moment at which ``hours`` working hours have passed since ``moment``.

        Ends within working hours: eight hours from nine in the morning are nine the next
        working morning, and what would end at 18:00 sharp ends there, not the next day.
        """
        if hours < 0 or hours > MAX_HOURS:
            raise ValueError(f"working hours out of range: {hours}")
        left = timedelta(seconds=float(hours) * 3600)
        start = _local(moment)
        for begin, end in self._spans(start):
            if left <= end - begin:
                return begin + left
            left -= end - begin
        raise ValueError("the calendar has no working day left")

    def working_hours_between(self, start: datetime, end: datetime) -> float:
        """Working hours from ``start`` to ``end``; negative when ``end`` comes first."""
        if end < start:
            return -self.working_hours_between(end, start)
        first, last = _local(start), _local(end)
        begins, ends = first.date(), last.date()
        between = (begins + timedelta(days=number) for number in range(1, (ends - begins).days))
        total = timedelta(hours=HOURS_A_DAY) * sum(map(self.is_working_day, between))
        for day in {begins, ends}:
            for opens, closes in self._spans_of(day, first):
                total += max(min(closes, last) - max(opens, first), timedelta())
        return total.total_seconds() / 3600

    def _spans(self, start: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working spans from ``start`` on, the first one cut to begin there."""
        day = start.date()
        last = day + timedelta(days=366 * 8)
        while day <= last:
            for begin, end in self._spans_of(day, start):
                if end > start:
                    yield max(begin, start), end
            day += timedelta(days=1)

    def _spans_of(self, day: date, zoned: datetime) -> list[tuple[datetime, datetime]]:
        """The working spans of the day in the zone of ``zoned``; none on a rest day."""
        if not self.is_working_day(day):
            return []
        return [
            (
                datetime.combine(day, opens, tzinfo=zoned.tzinfo),
                datetime.combine(day, closes, tzinfo=zoned.tzinfo),
            )
            for opens, closes in WORKING_HOURS
        ]


# Each answer of the public calendar walks all the holidays that it knows; they never change.
@lru_cache(maxsize=4096)
def _is_public_working_day(day: date) -> bool:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def _local(moment: datetime) -> datetime:
    # The office keeps its own hours, wherever the reader has set his clock.
    return timezone.localtime(moment, timezone.get_default_timezone())


_OVERRIDES = Compiled(lambda: HolidayOverride.objects.values_list("day", "is_working"))


def load_calendar() -> WorkingCalendar:
    """The calendar with today's exceptions; one query."""
    return WorkingCalendar(dict(_OVERRIDES()))


def shown_calendar() -> WorkingCalendar:
    """The calendar for hours that are only shown; up to a minute old, mostly without a query.

    Nothing that is due may be computed from it.
    """
    return cache.get_or_set(_SHOWN_KEY, load_calendar, _SHOWN_SECONDS) or load_calendar()


def is_working_day(day: date) -> bool:
    return load_calendar().is_working_day(day)


def add_working_hours(moment: datetime, hours: Hours) -> datetime:
    """See ``WorkingCalendar.add_working_hours``; one query. ``hours`` in working hours."""
    return load_calendar().add_working_hours(moment, hours)


def working_hours_between(start: datetime, end: datetime) -> float:
    """See ``WorkingCalendar.working_hours_between``; one query."""
    return load_calendar().working_hours_between(start, end)


def known_years() -> range:
    """The years whose holidays the public calendar knows."""
    days = chinese_calendar.holidays
    return range(min(days).year, max(days).year + 1)


def missing_years(today: date) -> list[int]:
    """Years that due dates reach from today on and whose holidays nobody has entered."""
    wanted = [
        year for year in range(today.year, (today + HORIZON).year + 1) if year not in known_years()
    ]
    if not wanted:
        return []
    entered = set(
        HolidayOverride.objects.filter(day__year__in=wanted).values_list("day__year", flat=True)
    )
    return [year for year in wanted if year not in entered]
