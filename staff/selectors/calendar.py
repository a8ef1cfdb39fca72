"""A year of the working calendar as its page shows it."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language

import chinese_calendar

from staff.calendar import WorkingCalendar, known_years
from staff.models import HolidayOverride


@dataclass(frozen=True)
class Day:
    """One day; ``kind`` is working, rest, holiday, makeup or exception."""

    day: date
    kind: str
    name: str
    is_working: bool
    is_today: bool


@dataclass(frozen=True)
class Month:
    first: date
    weeks: list[list[Day | None]]


@dataclass(frozen=True)
class Year:
    year: int
    months: list[Month]
    exceptions: list[HolidayOverride]
    working_days: int
    is_known: bool


def year_view(year: int, *, today: date) -> Year:
    """Every day of the year with what it is and why; one query."""
    exceptions = list(HolidayOverride.objects.filter(day__year=year).order_by("day"))
    overrides = {row.day: row for row in exceptions}
    working = WorkingCalendar({day: row.is_working for day, row in overrides.items()})
    months, total = [], 0
    for number in range(1, 13):
        weeks: list[list[Day | None]] = []
        for week in calendar.Calendar().monthdatescalendar(year, number):
            row: list[Day | None] = []
            for day in week:
                if day.month != number:
                    row.append(None)
                    continue
                one = _day(day, overrides.get(day), working, today)
                total += one.is_working
                row.append(one)
            weeks.append(row)
        months.append(Month(date(year, number, 1), weeks))
    return Year(year, months, exceptions, total, year in known_years())


def _day(day: date, override: HolidayOverride | None, working: WorkingCalendar, today: date) -> Day:
    is_working = working.is_working_day(day)
    name, kind = "", "working" if is_working else "rest"
    if override is not None:
        name, kind = override.name, "exception"
    elif day in chinese_calendar.workdays and day.weekday() > 4:
        name, kind = _holiday_name(chinese_calendar.workdays[day]), "makeup"
    elif day in chinese_calendar.holidays:
        name, kind = _holiday_name(chinese_calendar.holidays[day]), "holiday"
    return Day(day, kind, name, is_working, day == today)


def _holiday_name(english: str) -> str:
    if (get_language() or "").startswith("en"):
        return english
    return str(chinese_calendar.Holiday(english).chinese)
