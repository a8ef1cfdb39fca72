"""ISO 8601 durations of boundary timers, read as working time (engine.md §5)."""

from __future__ import annotations

import re
from decimal import Decimal

#: working hours that a day, a week, a month and a year of a duration stand for
HOURS_A_DAY = 8
_DAYS = {"days": 1, "weeks": 5, "months": 21, "years": 250}
_DURATION = re.compile(
    r"P(?!$)(?:(?P<years>\d{1,6})Y)?(?:(?P<months>\d{1,6})M)?(?:(?P<weeks>\d{1,6})W)?"
    r"(?:(?P<days>\d{1,6}(?:\.\d{1,6})?)D)?"
    r"(?:T(?!$)(?:(?P<hours>\d{1,6}(?:\.\d{1,6})?)H)?(?:(?P<minutes>\d{1,6}(?:\.\d{1,6})?)M)?"
    r"(?:(?P<seconds>\d{1,6}(?:\.\d{1,6})?)S)?)?"
)


def duration_hours(text: str) -> Decimal:
    """How many working hours the duration is: PT4H are 4, P1D is a working day of 8.

    Raises ValueError for a text that is no duration of more than nothing.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    parts = {name: Decimal(value) for name, value in match.groupdict().items() if value}
    hours = parts.get("hours", Decimal(0))
    hours += parts.get("minutes", Decimal(0)) / 60 + parts.get("seconds", Decimal(0)) / 3600
    hours += sum(
        (parts.get(name, Decimal(0)) * days * HOURS_A_DAY for name, days in _DAYS.items()),
        Decimal(0),
    )
    if hours <= 0:
        raise ValueError(text)
    return hours
