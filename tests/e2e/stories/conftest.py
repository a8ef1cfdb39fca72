"""The stories of domain.md §13 begin on a fixed day and jump from there."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

import pytest


class Clock:
    """The clock of this process: the services of a test and the server of its pages ask it."""

    def __init__(self, machine: Any, start: datetime) -> None:
        self._machine = machine
        self._machine.move_to(start, tick=True)

    @property
    def today(self) -> date:
        return timezone.localdate()

    def to(self, day: date) -> None:
        """Ten in the morning in Shanghai."""
        self._machine.move_to(timezone.make_aware(datetime.combine(day, time(10))), tick=True)

    def on(self, days: int) -> None:
        self.to(self.today + timedelta(days=days))


@pytest.fixture(autouse=True)
def clock(time_machine: Any, now: datetime) -> Clock:
    return Clock(time_machine, now)
