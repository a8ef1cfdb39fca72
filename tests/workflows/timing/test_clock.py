"""The clock of a stage: pauses, re-timing, and that the arithmetic of both agrees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from staff.calendar import WorkingCalendar
from workflows.timing.arithmetic import Clock

CALENDAR = WorkingCalendar()
START = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)  # before the National Day holidays

moments = st.integers(0, 60 * 24 * 40).map(lambda minutes: START + timedelta(minutes=minutes))
hours = st.decimals("0.1", "120", places=2)
calendars = st.dictionaries(
    st.integers(0, 60).map(lambda days: (START + timedelta(days=days)).date()),
    st.booleans(),
    max_size=6,
).map(WorkingCalendar)


@st.composite
def clocks(draw: st.DrawFn) -> Clock:
    """A clock with up to four pauses that are over, and sometimes one that is not."""
    found = sorted(draw(st.lists(moments, min_size=1, max_size=10, unique=True)))
    started, rest = found[0], found[1:]
    paused_at = rest.pop() if len(rest) % 2 else None
    return Clock(started, list(zip(rest[::2], rest[1::2], strict=True)), paused_at)


class TestMoment:
    @settings(max_examples=200, deadline=None)
    @given(clocks(), hours, calendars)
    def test_at_the_moment_just_these_hours_have_run(
        self, clock: Clock, wanted: Decimal, calendar: WorkingCalendar
    ) -> None:
        moment = clock.moment(calendar, wanted)
        if moment is None:
            assert clock.paused_at is not None
            assert clock.used(calendar, clock.paused_at) < float(wanted)
        else:
            assert abs(clock.used(calendar, moment) - float(wanted)) < 1e-4

    @settings(max_examples=200, deadline=None)
    @given(clocks(), hours, hours)
    def test_more_hours_never_end_earlier(self, clock: Clock, few: Decimal, more: Decimal) -> None:
        first = clock.moment(CALENDAR, min(few, more))
        second = clock.moment(CALENDAR, max(few, more))
        assert second is None or (first is not None and first <= second)

    @settings(max_examples=200, deadline=None)
    @given(clocks(), hours, moments)
    def test_a_pause_never_brings_a_moment_forward_and_takes_nothing_back(
        self, clock: Clock, wanted: Decimal, again: datetime
    ) -> None:
        """Paused and resumed: what was due before the pause stays, the rest moves back."""
        begin = max([clock.started, *(end for _begin, end in clock.pauses)])
        running = Clock(clock.started, clock.pauses)
        paused = begin + timedelta(hours=3)
        resumed = max(again, paused)
        later = Clock(clock.started, [*clock.pauses, (paused, resumed)])
        before = running.moment(CALENDAR, wanted)
        after = later.moment(CALENDAR, wanted)
        assert before is not None
        assert after is not None
        if before <= paused:
            assert after == before
        else:
            assert after >= before
            lost = CALENDAR.working_hours_between(paused, resumed)
            gained = CALENDAR.working_hours_between(before, after)
            assert abs(gained - lost) < 1e-4

    @settings(max_examples=100, deadline=None)
    @given(moments, st.lists(hours, min_size=1, max_size=5))
    def test_retiming_forgets_the_limits_before(
        self, started: datetime, limits: list[Decimal]
    ) -> None:
        """Only the last limit counts: a due date is computed from the start, never shifted."""
        clock = Clock(started)
        dues = [clock.moment(CALENDAR, limit) for limit in limits]
        assert dues[-1] == Clock(started).moment(CALENDAR, limits[-1])

    def test_a_holiday_that_is_entered_later_moves_the_moment(self) -> None:
        clock = Clock(datetime(2026, 3, 2, 2, 0, tzinfo=UTC))
        tuesday_off = WorkingCalendar({datetime(2026, 3, 3).date(): False})
        assert clock.moment(CALENDAR, Decimal(8)) == datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
        assert clock.moment(tuesday_off, Decimal(8)) == datetime(2026, 3, 4, 2, 0, tzinfo=UTC)

    def test_what_lies_beyond_all_calendars_ends_somewhere(self) -> None:
        assert Clock(START).moment(CALENDAR, Decimal(100_000)) is not None
