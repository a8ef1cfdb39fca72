"""A stage's clock: working hours since it began, without the spans in which it stood still."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from staff.calendar import MAX_HOURS, WorkingCalendar

#: what a float of hours may be off: a hundredth of a second
_TOLERANCE = 0.01 / 3600


@dataclass(frozen=True)
class Clock:
    """``pauses`` are over and in order; ``paused_at`` is set while the clock stands still."""

    started: datetime
    pauses: Sequence[tuple[datetime, datetime]] = ()
    paused_at: datetime | None = None

    @classmethod
    def stored(
        cls, started: datetime, pauses: Sequence[Sequence[str]], paused_at: datetime | None = None
    ) -> Clock:
        """A clock out of the spans that a stage keeps; those before the start do not count."""
        spans = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in pauses]
        later = [(max(begin, started), end) for begin, end in spans if end > started]
        return cls(started, later, paused_at)

    def used(self, calendar: WorkingCalendar, now: datetime) -> float:
        """Working hours that the clock has run until ``now``."""
        return sum(
            calendar.working_hours_between(begin, min(end or now, now))
            for begin, end in self._runs()
            if begin < now
        )

    def moment(self, calendar: WorkingCalendar, hours: Decimal) -> datetime | None:
        """When ``hours`` working hours have run; None while that waits for the clock to go on.

        A moment that had come before the clock was stopped stays where it was. What lies
        beyond ``MAX_HOURS`` is taken for that.
        """
        left = min(float(hours), float(MAX_HOURS))
        for begin, end in self._runs():
            if end is None:
                return calendar.add_working_hours(begin, left)
            ran = calendar.working_hours_between(begin, end)
            if left <= ran + _TOLERANCE:
                return min(calendar.add_working_hours(begin, left), end)
            left -= ran
        return None

    def _runs(self) -> Iterator[tuple[datetime, datetime | None]]:
        """The spans in which the clock ran; the last one is open unless it stands still."""
        begin = self.started
        for stopped, resumed in self.pauses:
            yield begin, stopped
            begin = resumed
        yield begin, self.paused_at
