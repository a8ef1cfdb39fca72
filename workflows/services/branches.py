"""One person in two branches: who decided in one is not asked again in the other (WF-02).

A decision of a delegate counts for the person away as well, so both leave the other branches.
"""

from __future__ import annotations

from collections.abc import Sequence

from staff.models import Employee
from workflows.access import holds_pool
from workflows.act import Act
from workflows.choices import LIVE, CaseState, EventKind, ItemKind, ItemState
from workflows.models import Stage, WorkItem
from workflows.pools import pool_holders
from workflows.vacancies import go_on, lose_holder


def step_aside(act: Act, decided: WorkItem) -> None:
    """Take the actor, and for whom he stood in, out of the branches beside his decision.

    Where others are asked there, they go on without him. Where he was the only one, the stage
    is asked anew, as if it had opened after his decision: somebody else, an automatic pass
    where its policy says so, or a stop that the administrators hear of.
    """
    for person in filter(None, (act.actor, decided.on_behalf_of)):
        held = [item for item in act.items if item.stage is not decided.stage]
        _take_out(act, person, EventKind.STEPPED_ASIDE, held)


def step_down(act: Act, person: Employee, because: EventKind) -> bool:
    """The same for somebody who may not decide at all any more; whether he was asked.

    Nor does he advise: who asked for his opinion decides without it.
    """
    was_asked = _take_out(act, person, because, act.items)
    return _take_out(act, person, because, act.items, kind=ItemKind.ADVICE) or was_asked


def unseat(act: Act, stage: Stage, person: Employee, because: EventKind) -> None:
    """Take somebody's seat at one stage away; the others go on without him."""
    _take_out(act, person, because, act.items_of(stage))


def _take_out(
    act: Act,
    person: Employee,
    because: EventKind,
    items_there: Sequence[WorkItem],
    *,
    kind: ItemKind = ItemKind.DECISION,
) -> bool:
    held: dict[int, list[WorkItem]] = {}
    stages: dict[int, Stage] = {}
    for item in items_there:
        if item.kind == kind and _waits_for(item, person):
            held.setdefault(id(item.stage), []).append(item)
            stages[id(item.stage)] = item.stage
    for key, items in held.items():
        if act.case.state == CaseState.IN_APPROVAL and stages[key].is_open:
            _leave(act, stages[key], items, person, because)
    return bool(held)


def _waits_for(item: WorkItem, person: Employee) -> bool:
    if item.state not in LIVE:
        return False
    if item.assignee_id is not None:
        return person.pk in (item.assignee_id, item.on_behalf_of_id)
    return holds_pool(item, person)


def _leave(
    act: Act, stage: Stage, held: list[WorkItem], person: Employee, because: EventKind
) -> None:
    left = [item for item in held if not _others_take(act, item, person)]
    if not left:
        return
    act.record(
        because,
        stage=stage,
        by_system=True,
        data={"person": person.name, "tokens": act.case.tokens},
    )
    for item in left:
        lose_holder(act, item, ItemState.REMOVED)
    go_on(act, stage, may_pass=True)


def _others_take(act: Act, item: WorkItem, person: Employee) -> bool:
    """Give a pool's item to the others of the pool; False for a seat, or when nobody is left."""
    if item.pool_role_id is None:
        return False
    # Who decided while somebody else held the item may not take it any more either.
    item.barred = sorted({*item.barred, person.pk, *act.decided_people})
    if not pool_holders(item):
        return False
    item.assignee = None
    item.claimed_at = None
    act.change_item(item)
    return True
