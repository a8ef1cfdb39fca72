"""剩余时间: how long a running case will still take, told with its spread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from staff.calendar import HOURS_A_DAY, WorkingCalendar, load_calendar
from workflows import facts
from workflows.bpmn.courses import course_ahead
from workflows.bpmn.walk import Token, WalkError
from workflows.choices import CaseState
from workflows.definitions import definition_of
from workflows.durations import Forecast, Sketch, forecast_of, left_of
from workflows.kinds import kind_for
from workflows.models import Case, Stage, StageDuration
from workflows.timing.clock import clock_of


def forecast_for(case: Case, *, now: datetime) -> Forecast | None:
    """Working hours that are left if every step approves; None where too little is known.

    Every step ahead needs a handful of finished visits; the fewest visits of any of them are
    the number of cases told. A case that is with its handler or suspended has no forecast.
    """
    if case.state != CaseState.IN_APPROVAL or case.suspended_at is not None:
        return None
    durations = StageDuration.objects.filter(flow_version=case.flow_version_id)
    known = {row.node_id: row for row in durations}
    if not known:
        return None
    kind = kind_for(case.document_kind)
    tokens = [Token(*pair) for pair in case.tokens]
    try:
        waves = course_ahead(
            definition_of(case.flow_version_id), facts.decode(case.facts, kind.facts), tokens
        )
    except (WalkError, KeyError):
        return None
    if not waves or any(stage not in known for wave in waves for stage in wave):
        return None
    now_open = {stage.node_id: stage for stage in case.stages.filter(finished=None)}
    calendar = load_calendar()
    sketches: list[list[Sketch]] = [
        [_left(tuple(known[s].sketch), now_open.get(s), calendar, now) for s in wave]
        for wave in waves
    ]
    return forecast_of(sketches, min(known[s].visits for wave in waves for s in wave))


def _left(sketch: Sketch, stage: Stage | None, calendar: WorkingCalendar, now: datetime) -> Sketch:
    return sketch if stage is None else left_of(sketch, clock_of(stage).used(calendar, now))


def forecast_words(forecast: Forecast) -> str:
    """'About 2 working days left, 1–4 in most cases; from 37 finished cases'."""
    values: dict[str, str | int] = {"n": forecast.cases}
    if forecast.high <= HOURS_A_DAY:
        names = ("middle", "low", "high")
        numbers: Sequence[float] = (forecast.middle, forecast.low, forecast.high)
        values |= {name: _number(hours) for name, hours in zip(names, numbers, strict=True)}
        return (
            _(
                "About %(middle)s working hours left, %(low)s–%(high)s in most cases; "
                "from %(n)s finished cases."
            )
            % values
        )
    values |= {
        "middle": _number(forecast.middle / HOURS_A_DAY),
        "low": _number(forecast.low / HOURS_A_DAY),
        "high": _number(forecast.high / HOURS_A_DAY),
    }
    return (
        _(
            "About %(middle)s working days left, %(low)s–%(high)s in most cases; "
            "from %(n)s finished cases."
        )
        % values
    )


def _number(value: float) -> str:
    """Whole numbers, halves below three: more would promise what nobody knows."""
    if value < 3:
        return f"{round(value * 2) / 2:g}"
    return f"{value:.0f}"
