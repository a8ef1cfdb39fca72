"""When things happened: working hours before the present, and many stories at once."""

from __future__ import annotations

import heapq
import math
from bisect import bisect_left
from collections.abc import Callable, Generator, Iterator
from datetime import date, datetime, timedelta
from itertools import count

from django.utils import timezone

from staff.calendar import WORKING_HOURS, WorkingCalendar

#: A story yields how many working hours before the present it goes on, and gets that moment.
Story = Generator[float, datetime, None]

_DAYS_BACK = 400


class Clock:
    """Moments by their distance from the present in working hours.

    What lies three working hours back is three hours into its limit at whatever hour of
    whatever day the demo is loaded; a Sunday counts as the end of the Friday before.
    """

    def __init__(self, now: datetime, calendar: WorkingCalendar) -> None:
        self.now = now
        self._spans = list(_spans_back(now, calendar))
        self._elapsed = [0.0]
        for begin, end in self._spans:
            self._elapsed.append(self._elapsed[-1] + (end - begin).total_seconds() / 3600)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)

    def ago(self, hours: float) -> datetime:
        """The moment with ``hours`` working hours between it and the present."""
        hours = max(hours, 0.0)
        index = max(bisect_left(self._elapsed, hours) - 1, 0)
        return self._spans[index][1] - timedelta(hours=hours - self._elapsed[index])

    def hours_since(self, day: date) -> float:
        """Working hours from ten in the morning of a day until the present."""
        total = 0.0
        for begin, end in self._spans:
            if begin.date() < day:
                break
            total += (end - begin).total_seconds() / 3600
        return max(total - 1.5, 0.1)


def _spans_back(now: datetime, calendar: WorkingCalendar) -> Iterator[tuple[datetime, datetime]]:
    """Working spans that lie before the present, the latest first."""
    local = timezone.localtime(now)
    for days in range(_DAYS_BACK):
        day = local.date() - timedelta(days=days)
        if not calendar.is_working_day(day):
            continue
        for opens, closes in reversed(WORKING_HOURS):
            begin = datetime.combine(day, opens, tzinfo=local.tzinfo)
            end = min(datetime.combine(day, closes, tzinfo=local.tzinfo), local)
            if begin < end:
                yield begin, end


class Timeline:
    """Lets many stories happen side by side, in the order of time.

    So numbers, change logs and exposures come about as they would have: what is booked
    later has a later number and sees what was booked before.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._order = count()
        self._waiting: list[tuple[float, int, Story]] = []
        self._reached = math.inf

    def start(self, story: Story) -> None:
        """Let a story begin; one that another story starts begins after that one's moment."""
        hours = next(story, None)
        if hours is not None:
            self._wait(hours, story)

    def run(self, *, reached: Callable[[datetime], None]) -> None:
        """Tell every story to its end; ``reached`` hears each moment that something happens."""
        while self._waiting:
            earliest, _order, story = heapq.heappop(self._waiting)
            self._reached = -earliest
            moment = self._clock.ago(self._reached)
            reached(moment)
            try:
                hours = story.send(moment)
            except StopIteration:
                continue
            self._wait(hours, story)

    def _wait(self, hours: float, story: Story) -> None:
        # Nothing happens before what led to it, and nobody acts twice in one moment.
        hours = min(hours, self._reached - 0.01)
        heapq.heappush(self._waiting, (-hours, next(self._order), story))
