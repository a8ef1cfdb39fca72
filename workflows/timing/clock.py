"""Wind, pause, resume and re-time the clocks of a case's stages.

Everything here works on an ``Act``, so that due dates and timers are written with the act
that moves them. Other acts call ``pause_clocks`` and ``resume_clocks`` (material requested,
case suspended) and ``retime`` (a limit, the calendar or the version of the route changed).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from staff.calendar import WorkingCalendar, load_calendar
from workflows.act import Act
from workflows.bpmn.durations import duration_hours
from workflows.choices import LIVE, TimerKind, TimerState
from workflows.models import Case, MaterialRequest, Stage, Timer
from workflows.timing.arithmetic import Clock


@dataclass(frozen=True)
class Wanted:
    """A timer that a stage should have: what it does and after how many working hours."""

    kind: TimerKind
    hours: Decimal
    percent: int = 0
    element_id: str = ""
    tell: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[int, str]:
        return self.percent, self.element_id


def clock_of(stage: Stage) -> Clock:
    """The clock of a stage, as it is stored."""
    return Clock.stored(stage.started or stage.created, stage.pauses, stage.paused_at)


def limit_of(case: Case, stage: Stage) -> Decimal | None:
    """The stage's limit in working hours: what an administrator set, else the route's own."""
    changed: Mapping[str, str] = case.flow_version.limits
    if stage.node_id in changed:
        return Decimal(changed[stage.node_id])
    return case.act.definition.stage(stage.node_id).settings.limit_hours


def wanted_timers(act: Act, stage: Stage) -> list[Wanted]:
    """What the route asks of time at the stage; a ladder only where there is a limit."""
    limit = limit_of(act.case, stage)
    ladder = act.definition.stage(stage.node_id).settings.ladder if limit is not None else ()
    rungs = [
        Wanted(
            TimerKind(rung.act.value),
            limit * rung.percent / 100,
            rung.percent,
            tell=tuple(sorted(who.value for who in rung.tell)),
        )
        for rung in ladder
        if limit is not None
    ]
    boundary = [
        Wanted(TimerKind.BOUNDARY, duration_hours(timer.duration), element_id=timer.id)
        for timer in act.definition.timers(stage.node_id)
    ]
    return rungs + boundary


def wind(act: Act, stage: Stage) -> None:
    """Start the clock of a stage that opens: its due date, and one row for each timer."""
    wanted = wanted_timers(act, stage)
    limit = limit_of(act.case, stage)
    if not wanted and limit is None:
        return
    calendar = load_calendar()
    clock = clock_of(stage)
    if limit is not None:
        stage.due_at = clock.moment(calendar, limit)
    for one in wanted:
        due = clock.moment(calendar, one.hours)
        act.add_timer(_row(stage, one, due))


def _row(stage: Stage, wanted: Wanted, due: datetime | None) -> Timer:
    return Timer(
        stage=stage,
        kind=wanted.kind,
        percent=wanted.percent,
        element_id=wanted.element_id,
        tell=list(wanted.tell),
        due_at=due,
        ring_at=due,
    )


def pause_clocks(act: Act, stages: Iterable[Stage] | None = None) -> None:
    """Stop the clocks of open stages, all of them or the given ones; one that stands stays so."""
    running = [stage for stage in _clocked(act, stages) if stage.paused_at is None]
    calendar = load_calendar()
    for stage in running:
        stage.paused_at = act.now
        act.change_stage(stage)
        _set_due(act, stage, calendar)


def resume_clocks(act: Act, stages: Iterable[Stage] | None = None) -> None:
    """Let paused clocks go on; what the pause took is added to everything that is due.

    The caller knows whether another reason to stand still remains, and then does not call.
    """
    standing = [stage for stage in _clocked(act, stages) if stage.paused_at is not None]
    calendar = load_calendar()
    for stage in standing:
        if stage.paused_at is not None and stage.paused_at < act.now:
            stage.pauses = [*stage.pauses, [stage.paused_at.isoformat(), act.now.isoformat()]]
        stage.paused_at = None
        act.change_stage(stage)
        _set_due(act, stage, calendar)


def retime(act: Act, stages: Iterable[Stage] | None = None) -> list[Stage]:
    """Compute due dates and timers of all open stages, or the given ones, anew; those that moved.

    Pauses stay counted. A rung that rang rings again when its moment lies ahead now; one
    whose moment has passed rings at the next tick. Timers that the route does not name any
    more are not needed, new ones are added.
    """
    calendar = load_calendar()
    moved = []
    for stage in _clocked(act, stages):
        before = stage.due_at
        _set_due(act, stage, calendar)
        if stage.due_at != before:
            moved.append(stage)
    return moved


def _clocked(act: Act, stages: Iterable[Stage] | None) -> list[Stage]:
    """Open stages of the route; what the flow class itself opens has no clock."""
    return [s for s in (act.open_stages() if stages is None else stages) if s.node_id]


def _set_due(act: Act, stage: Stage, calendar: WorkingCalendar) -> None:
    clock = clock_of(stage)
    limit = limit_of(act.case, stage)
    due = clock.moment(calendar, limit) if limit is not None else None
    if due != stage.due_at:
        stage.due_at = due
        act.change_stage(stage)
    for item in act.items_of(stage):
        if item.state in LIVE and item.due_at != due:
            item.due_at = due
            act.change_item(item)
    _set_timers(act, stage, clock, calendar)


def _set_timers(act: Act, stage: Stage, clock: Clock, calendar: WorkingCalendar) -> None:
    """Bring the rows in line with what is wanted; a parked or dropped one stays as it is."""
    known = {(row.percent, row.element_id): row for row in Timer.objects.filter(stage=stage)}
    for wanted in wanted_timers(act, stage):
        due = clock.moment(calendar, wanted.hours)
        row = known.pop(wanted.key, None)
        if row is None:
            act.add_timer(_row(stage, wanted, due))
            continue
        # A timer of the route runs out once a visit; a rung is about the due date of now.
        is_ahead = wanted.percent > 0 and due is not None and due > act.now
        rings_again = row.state == TimerState.DONE and is_ahead
        if rings_again or row.state == TimerState.NOT_NEEDED:
            row.state, row.attempts, row.ended_at = TimerState.WAITING, 0, None
        row.kind, row.tell = wanted.kind, list(wanted.tell)
        row.due_at = due
        row.ring_at = due if row.state == TimerState.WAITING else None
        act.change_timer(row)
    for row in known.values():
        if row.state == TimerState.WAITING:
            row.state, row.ring_at, row.ended_at = TimerState.NOT_NEEDED, None, act.now
            act.change_timer(row)


def rewind(act: Act, stage: Stage) -> None:
    """Set the timers and due dates of a stage that opens again, its items live; the limit may have
    changed meanwhile, and what rang while it was closed did nothing.

    A clock that stood still for material goes on where the material has come since.
    """
    asked = MaterialRequest.objects.filter(stage=stage, pauses_clock=True, answered_at=None)
    if stage.paused_at is not None and not asked.exists():
        resume_clocks(act, [stage])
    else:
        _set_due(act, stage, load_calendar())
