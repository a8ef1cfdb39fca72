"""One person in two branches: who decided in one is not asked again in the other (WF-02)."""

from __future__ import annotations

from collections.abc import Sequence

from staff.models import Employee
from workflows import route
from workflows.access import holds_pool
from workflows.act import Act
from workflows.assignment import resolve
from workflows.bpmn.model import StageSettings
from workflows.choices import LIVE, CaseState, EventKind, ItemKind, ItemState
from workflows.choosing import with_choices
from workflows.models import Stage, WorkItem
from workflows.pools import pool_holders
from workflows.settlement import settle, turns_at
from workflows.turns import Turns


def step_aside(act: Act, decided_at: Stage) -> None:
    """Take the actor out of the branches beside the stage at which he has just decided.

    Where others are asked there, they go on without him. Where he was the only one, the stage
    is asked anew, as if it had opened after his decision: somebody else, an automatic pass
    where its policy says so, or a stop that the administrators hear of.
    """
    held = [item for item in act.items if item.stage is not decided_at]
    _take_out(act, act.actor, EventKind.STEPPED_ASIDE, held)


def step_down(act: Act, person: Employee, because: EventKind) -> bool:
    """The same for somebody who may not decide at all any more; whether he was asked."""
    return _take_out(act, person, because, act.items)


def unseat(act: Act, stage: Stage, person: Employee, because: EventKind) -> None:
    """Take somebody's seat at one stage away; the others go on without him."""
    _take_out(act, person, because, act.items_of(stage))


def _take_out(
    act: Act, person: Employee, because: EventKind, items_there: Sequence[WorkItem]
) -> bool:
    held: dict[int, list[WorkItem]] = {}
    stages: dict[int, Stage] = {}
    for item in items_there:
        if _waits_for(item, person):
            held.setdefault(id(item.stage), []).append(item)
            stages[id(item.stage)] = item.stage
    for key, items in held.items():
        if act.case.state == CaseState.IN_APPROVAL and stages[key].is_open:
            _leave(act, stages[key], items, person, because)
    return bool(held)


def _waits_for(item: WorkItem, person: Employee) -> bool:
    if item.state not in LIVE or item.kind != ItemKind.DECISION:
        return False
    if item.assignee_id is not None:
        return item.assignee_id == person.pk
    return holds_pool(item, person)


def _leave(
    act: Act, stage: Stage, held: list[WorkItem], person: Employee, because: EventKind
) -> None:
    settings = act.definition.stage(stage.node_id).settings
    turns = turns_at(stage, act.items, settings)
    left = [item for item in held if not _others_take(act, item, person)]
    for item in left:
        _remove(act, item, turns)
    if not left:
        return
    act.record(
        because,
        stage=stage,
        by_system=True,
        data={"person": person.name, "tokens": act.case.tokens},
    )
    if turns.live() or any(item.state == ItemState.DECIDED for item in turns.seated()):
        settle(act, stage, settings)
    else:
        _ask_anew(act, stage, settings)


def _others_take(act: Act, item: WorkItem, person: Employee) -> bool:
    """Give a pool's item to the others of the pool; False for a seat, or when nobody is left."""
    if item.pool_role_id is None:
        return False
    item.barred = sorted({*item.barred, person.pk})
    if not pool_holders(item):
        return False
    item.assignee = None
    item.claimed_at = None
    act.change_item(item)
    return True


def _remove(act: Act, item: WorkItem, turns: Turns) -> None:
    """Out of his inbox, and out of those of all whom he had asked to sign or to answer first."""
    for each in (item, *list(turns.below(item))):
        if each.state in LIVE:
            each.state = ItemState.REMOVED
            act.change_item(each)


def _ask_anew(act: Act, stage: Stage, settings: StageSettings) -> None:
    found = resolve(
        with_choices(settings, act.case, stage.node_id),
        act.case,
        kind=act.kind,
        document=lambda: act.document,
        decided=act.decided_people,
    )
    if found.auto_pass:
        route.pass_by_itself(act, stage, found.auto_pass)
    elif found.is_empty:
        route.block(act, stage)
    else:
        route.ask(act, stage, found, settings)
