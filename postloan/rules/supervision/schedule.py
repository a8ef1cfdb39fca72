"""When reports are due, and until when each is in time (domain M16, A6)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from staff.calendar import WorkingCalendar

#: a report that is late by so many days carries the red mark
RED_AFTER = 3
#: the handler hears of it so many days before
SOON_BEFORE = 3
#: a calendar without a working day in so many days is broken
_LONGEST_REST = 60


def due_day(base: date, interval: int, period: int) -> date:
    """Calendar days from the day the supervision began; a late report never moves it."""
    return base + timedelta(days=interval * period)


def periods_due(base: date, interval: int, *, first: date, last: date) -> Iterator[int]:
    """The periods whose due day lies between the two days, both included."""
    period = max(1, -(-(first - base).days // interval))
    while due_day(base, interval, period) <= last:
        yield period
        period += 1


def last_period(base: date, interval: int, end: date) -> int:
    """The period that the end of the supervision lies in: its report is the last one."""
    return max(1, -(-(end - base).days // interval))


def last_day(due: date, calendar: WorkingCalendar) -> date:
    """The last day in time: the due day, or the next working day when it is a rest day."""
    for days in range(_LONGEST_REST):
        day = due + timedelta(days=days)
        if calendar.is_working_day(day):
            return day
    return due


def late_up_to(today: date, calendar: WorkingCalendar) -> date:
    """The latest due day whose last day in time is over."""
    day = today - timedelta(days=1)
    while last_day(day, calendar) >= today:
        day -= timedelta(days=1)
    return day


def working_days_after(day: date, count: int, calendar: WorkingCalendar) -> date:
    """The day on which ``count`` working days after ``day`` have passed; ``day`` is no part."""
    left = count
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    return day
