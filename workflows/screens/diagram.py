"""流程图 (M23): the case's own version, with what was really done and taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language

from staff.calendar import working_hours_between
from workflows.bpmn.model import Definition
from workflows.bpmn.svg import render_svg
from workflows.bpmn.theme import Mark, State, ThemeName
from workflows.bpmn.words import condition_words, route_words
from workflows.choices import TO_HANDLER, EventKind, ItemState, StageOutcome
from workflows.definitions import definition_of
from workflows.kinds import kind_for
from workflows.models import Case, HistoryEvent, Stage, WorkItem
from workflows.screens.history import case_events, secret_stages
from workflows.screens.reasons import holder_words
from workflows.undoing import way_out

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


@dataclass(frozen=True)
class Way:
    """Edges that acts took under the case's version; stored when they were taken, never inferred.

    ``taken`` are those of the present round (the last one in which the case moved), ``earlier``
    those that it has left since: only a round before took them, or what took them was taken back.
    """

    taken: frozenset[str]
    earlier: frozenset[str]


def way_of(events: Sequence[HistoryEvent], version_id: int) -> Way:
    undone = _undone(events)
    rounds: dict[int, set[str]] = {}
    for event in events:
        if event.path and event.flow_version_id == version_id:
            number = 0 if event.sequence in undone else _round_of(event)
            rounds.setdefault(number, set()).update(event.path)
    present = max(rounds, default=0)
    taken = frozenset(rounds[present] if present else ())
    return Way(taken, frozenset().union(*rounds.values()) - taken)


def _round_of(event: HistoryEvent) -> int:
    """The round whose way the edges are; an act that begins a round is on record before it."""
    begins = event.kind in (EventKind.RETURNED, EventKind.JUMPED) or "turned_to" in event.data
    return event.round + 1 if begins else event.round


def _undone(events: Sequence[HistoryEvent]) -> set[int]:
    """The sequence numbers of what was taken back: how the stage was left before it, or the
    return from there."""
    found: set[int] = set()
    for place, back in enumerate(events):
        if back.kind != EventKind.TAKEN_BACK:
            continue
        before = events[:place]
        if "target" in back.data:
            returns = [
                e.sequence
                for e in before
                if e.kind == EventKind.RETURNED and e.stage_id == back.stage_id
            ]
            found.update(returns[-1:])
        else:
            found.update(event.sequence for event in way_out(back.stage_id, before))
    return found


def returned_jumps(
    events: Sequence[HistoryEvent], definition: Definition
) -> list[tuple[str, str, int]]:
    """Returns and jumps as (from, to, round); one to the handler leads to the start event.

    A return that was taken back led nowhere.
    """
    start, undone = definition.start.id, _undone(events)
    return [
        (
            event.node_id,
            start if event.data.get("target") == TO_HANDLER else event.data["target"],
            event.round,
        )
        for event in events
        if event.kind in (EventKind.RETURNED, EventKind.JUMPED) and event.sequence not in undone
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
    marks = stage_marks(case, items, definition, now=now)
    way = way_of(events, case.flow_version_id)
    return render_svg(
        definition,
        marks=marks,
        taken=way.taken,
        earlier=way.earlier,
        language=language,
        theme=theme,
        condition_words=condition_words(
            definition, kind_for(case.document_kind).condition_facts, language=language
        ),
        returns=returned_jumps(events, definition),
        orientation="vertical" if is_vertical else "horizontal",
        description=" ".join(_words(case, definition, marks, way, language=language)),
    )


@dataclass(frozen=True)
class DiagramPanel:
    """The diagram in sentences, one a stage, for screen readers; last the ways left since."""

    words: Sequence[str]
    has_earlier_way: bool


def load_panel(
    case: Case, items: Sequence[WorkItem], *, now: datetime, language: str
) -> DiagramPanel:
    definition = definition_of(case.flow_version_id)
    marks = stage_marks(case, items, definition, now=now)
    way = way_of(case_events(case), case.flow_version_id)
    words = _words(case, definition, marks, way, language=language)
    return DiagramPanel(words, bool(way.earlier))


def _words(
    case: Case, definition: Definition, marks: Mapping[str, Mark], way: Way, *, language: str
) -> list[str]:
    facts = kind_for(case.document_kind).condition_facts
    return route_words(definition, facts, marks=marks, earlier=way.earlier, language=language)


def case_marks(
    case: Case, items: Sequence[WorkItem], definition: Definition, *, now: datetime
) -> dict[str, Any]:
    """What the drawing in the browser marks; ids are those of the BPMN."""
    events = case_events(case)
    way = way_of(events, case.flow_version_id)
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
        "taken": sorted(way.taken),
        "earlier": sorted(way.earlier),
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
