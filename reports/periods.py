"""The period of a report: the day, week (Monday to Sunday) or month that a day lies in."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from reports.choices import ReportType

#: outside these years a week would run over the edge of the calendar
YEARS = range(2000, 2100)


def period_of(kind: str, day: date) -> tuple[date, date]:
    """First and last day; raises ``ValueError`` for an unknown type or a year outside YEARS."""
    if day.year not in YEARS:
        raise ValueError(f"no period in the year {day.year}")
    match ReportType(kind):
        case ReportType.DAY:
            return day, day
        case ReportType.WEEK:
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=6)
        case ReportType.MONTH:
            last = calendar.monthrange(day.year, day.month)[1]
            return day.replace(day=1), day.replace(day=last)
