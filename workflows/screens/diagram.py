"""流程图 (M23): the case's own version, with what was really done and taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from staff.calendar import working_hours_between
from workflows.bpmn.model import Definition
from workflows.bpmn.svg import render_svg
from workflows.bpmn.theme import Mark, State, ThemeName
from workflows.bpmn.words import condition_words, route_words
from workflows.choices import EventKind, ItemState, StageOutcome
from workflows.definitions import definition_of
from workflows.kinds import kind_for
from workflows.models import Case, HistoryEvent, Stage, WorkItem
from workflows.screens.history import case_events, secret_stages
from workflows.screens.reasons import holder_words
from workflows.services.counting import TO_HANDLER

_STATES = {
    StageOutcome.APPROVED: State.DONE,
    StageOutcome.REJECTED: State.REJECTED,
    StageOutcome.RETURNED: State.RETURNED,
    StageOutcome.AUTO_PASSED: State.SKIPPED,
}


def stage_marks(
    case: Case, items: Sequence[WorkItem], definition: Definition, *, now: datetime
) -> dict[str, Mark]:
    """The latest visit to each node decides its mark; a visit closed undecided leaves none."""
    secret = secret_stages(items, definition, reader_id=0)
    marks: dict[str, Mark] = {}
    for stage in Stage.objects.filter(process=case).exclude(node_id="").order_by("id"):
        own = [item for item in items if item.stage_id == stage.pk]
        if stage.is_open:
            marks[stage.node_id] = Mark(
                State.CURRENT,
                people=_waiting(own, is_secret=stage.pk in secret),
                waiting_hours=round(working_hours_between(stage.created, now), 1),
                round=stage.round,
            )
        elif stage.outcome in _STATES:
            state = _STATES[StageOutcome(stage.outcome)]
            people = tuple(i.decided_by.name for i in own if i.decided_by)
            marks[stage.node_id] = Mark(state, people, stage.finished, round=stage.round)
        elif marks.get(stage.node_id, Mark(State.DONE)).state == State.CURRENT:
            del marks[stage.node_id]
    return marks


def _waiting(items: Sequence[WorkItem], *, is_secret: bool) -> tuple[str, ...]:
    """Who is asked: names, the role of a pool, empty seats; in a secret vote everybody."""
    states = {ItemState.OPEN, ItemState.VACANT} | ({ItemState.DECIDED} if is_secret else set())
    return tuple(holder_words(item) for item in items if item.state in states)


def taken_flows(events: Sequence[HistoryEvent], version_id: int) -> set[str]:
    """Edges that acts took under the version; stored when they were taken, never inferred."""
    return {flow for event in events if event.flow_version_id == version_id for flow in event.path}


def returned_jumps(
    events: Sequence[HistoryEvent], definition: Definition
) -> list[tuple[str, str, int]]:
    """Returns and jumps as (from, to, round); one to the handler leads to the start event."""
    start = definition.start.id
    return [
        (
            event.node_id,
            start if event.data.get("target") == TO_HANDLER else event.data["target"],
            event.round,
        )
        for event in events
        if event.kind in (EventKind.RETURNED, EventKind.JUMPED)
    ]


def draw_case(
    case: Case,
    items: Sequence[WorkItem],
    *,
    now: datetime,
    language: str,
    theme: ThemeName = "light",
    is_vertical: bool = False,
) -> str:
    """The case's diagram as SVG, for prints, phones and pages without scripts."""
    definition = definition_of(case.flow_version_id)
    events = case_events(case)
    return render_svg(
        definition,
        marks=stage_marks(case, items, definition, now=now),
        taken=taken_flows(events, case.flow_version_id),
        language=language,
        theme=theme,
        condition_words=condition_words(
            definition, kind_for(case.document_kind).condition_facts, language=language
        ),
        returns=returned_jumps(events, definition),
        orientation="vertical" if is_vertical else "horizontal",
        description=" ".join(case_words(case, items, now=now, language=language)),
    )


def case_words(case: Case, items: Sequence[WorkItem], *, now: datetime, language: str) -> list[str]:
    """The diagram in sentences, one a stage, for screen readers."""
    definition = definition_of(case.flow_version_id)
    kind = kind_for(case.document_kind)
    marks = stage_marks(case, items, definition, now=now)
    return route_words(definition, kind.condition_facts, marks=marks, language=language)


def case_marks(
    case: Case, items: Sequence[WorkItem], definition: Definition, *, now: datetime
) -> dict[str, Any]:
    """What the drawing in the browser marks; ids are those of the BPMN."""
    events = case_events(case)
    return {
        "nodes": {
            node_id: {
                "state": mark.state.value,
                "people": list(mark.people),
                "at": mark.at.isoformat() if mark.at else None,
                "hours": _plain(mark.waiting_hours),
                "round": mark.round,
            }
            for node_id, mark in stage_marks(case, items, definition, now=now).items()
        },
        "taken": sorted(taken_flows(events, case.flow_version_id)),
        "returns": [list(jump) for jump in returned_jumps(events, definition)],
        "labels": element_labels(definition, case.document_kind),
    }


def element_labels(definition: Definition, document_kind: str) -> dict[str, str]:
    """Titles and conditions in the reader's words; the BPMN holds them in Chinese and as FEEL."""
    language = get_language() or "zh-hans"
    titles = {pk: element.title(language) for pk, element in definition.elements.items()}
    facts = kind_for(document_kind).condition_facts
    return titles | condition_words(definition, facts, language=language)


def _plain(hours: Decimal | float | None) -> float | None:
    return None if hours is None else float(hours)
