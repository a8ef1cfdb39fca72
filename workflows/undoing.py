"""What a route would be had one approval not been given: what 取回 goes back to.

The other branches keep what they did. The history of the round tells every step that was
taken; all but the one taken back are walked again over the round's first tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any

from workflows.bpmn import walk
from workflows.bpmn.model import Definition
from workflows.choices import PASSED, TO_HANDLER, CaseState, EventKind, ItemState, StageOutcome
from workflows.models import Case, HistoryEvent, Stage, WorkItem


def tokens_without(
    stage: Stage,
    *,
    definition: Definition,
    facts: Mapping[str, Any],
    events: Sequence[HistoryEvent],
    outcomes: Mapping[int, str],
) -> tuple[walk.Token, ...] | None:
    """The route's tokens had the stage not been left; None when a later step stands on it.

    ``outcomes`` are those of the case's stages by id; a stage that is not among them passed by
    itself. ``events`` are all of the case in their order.
    """
    entry = next((e for e in reversed(events) if "entered" in e.data), None)
    if entry is None:
        return None
    moves: dict[tuple[str, int], tuple[str, HistoryEvent]] = {}
    for event in events:
        if event.sequence <= entry.sequence or not event.path or event.stage_id is None:
            continue
        if event.kind == EventKind.TIMER_FIRED:
            moves["timer", event.sequence] = (event.data["timer"], event)
        elif outcomes.get(event.stage_id, StageOutcome.AUTO_PASSED) in PASSED:
            moves.pop(("stage", event.stage_id), None)
            moves["stage", event.stage_id] = (event.node_id, event)
    if moves.pop(("stage", stage.pk), None) is None:
        # It was left before the route was entered anew, by a migration to another version.
        return None
    tokens = tuple(walk.Token(*pair) for pair in entry.data["entered"])
    for element_id, event in moves.values():
        if walk.Token(event.node_id) in tokens:
            answered = {**facts, **event.data.get("answer", {})}
            tokens = walk.advance(definition, element_id, answered, tokens).tokens
        elif event.kind != EventKind.AUTO_PASSED:
            return None
    return tokens


def way_out(stage_id: int | None, events: Sequence[HistoryEvent]) -> list[HistoryEvent]:
    """The event by which a visit to a stage was left last, and those of the same act that let
    stages behind it pass by themselves; empty where it was not left."""
    left = [n for n, event in enumerate(events) if event.stage_id == stage_id and event.path]
    if not left:
        return []
    way = events[left[-1]]
    same_act = takewhile(lambda e: e.actor_id is None and e.at == way.at, events[left[-1] + 1 :])
    return [way, *(event for event in same_act if event.kind == EventKind.AUTO_PASSED)]


#: what is done at a stage with an item that stays open, or goes to another person
_TAKING_UP = frozenset(
    {
        EventKind.TRANSFERRED,
        EventKind.SIGNERS_ADDED,
        EventKind.DELEGATED,
        EventKind.MATERIAL_REQUESTED,
        EventKind.CORRECTED,
    }
)


def is_acted_on(item: WorkItem) -> bool:
    """Whether somebody has taken the item up: it was decided or claimed."""
    return item.state == ItemState.DECIDED or item.claimed_at is not None


def taken_up(events: Iterable[HistoryEvent]) -> set[int]:
    """The stages, by id, at which somebody did something with his item short of deciding."""
    return {e.stage_id for e in events if e.kind in _TAKING_UP and e.stage_id is not None}


def is_untouched(
    returned: HistoryEvent,
    case: Case,
    items: Iterable[WorkItem],
    events: Iterable[HistoryEvent],
) -> bool:
    """Whether what a return opened waits still: the handler has not submitted again, nobody has
    acted in the round that it began, and no later act has begun another one."""
    is_with_handler = returned.data["target"] == TO_HANDLER
    waits = CaseState.RETURNED if is_with_handler else CaseState.IN_APPROVAL
    if case.state != waits or case.round != returned.round + 1:
        return False
    if taken_up(event for event in events if event.sequence > returned.sequence):
        return False
    return not any(is_acted_on(item) for item in items if item.round == case.round)
