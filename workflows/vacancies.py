"""空席: a seat of a stage loses its holder, stays on record without one, and is filled.

The one place where that happens, whatever the cause: nobody found when the stage opens, a role
lost, a colleague who left, who decided in another branch or must abstain. A vacant seat is a
work item in the state ``VACANT``: the stage waits for it and counts it, nobody can answer it,
and the administrators are told (WF-11).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from staff.models import Employee
from workflows import route
from workflows.act import Act
from workflows.assignment import refill
from workflows.bpmn.model import AssigneeKind, DecideMode, OnSamePerson, StageSettings
from workflows.choices import LIVE, EventKind, ItemState
from workflows.choosing import with_choices
from workflows.models import Stage, WorkItem
from workflows.seats import Resolution, Seat, name_with, seat_of
from workflows.settlement import give_turns, settle, turns_at
from workflows.turns import Turns


def has_seats(settings: StageSettings) -> bool:
    """Whether each place of the stage must be answered; of 或签 and a pool only one."""
    return settings.decide != DecideMode.ANY


def vacant_seats(act: Act, stage: Stage) -> list[WorkItem]:
    """The seats without a holder, in their order."""
    found = [item for item in act.items_of(stage) if item.state == ItemState.VACANT]
    return sorted(found, key=lambda item: item.seat)


def lose_holder(
    act: Act,
    item: WorkItem,
    state: ItemState,
    *,
    leaving: Employee | None = None,
    superior: Seat | None = None,
) -> str:
    """Take the item from its holder and seat whom the place finds now; says who.

    ``state`` says how the item ends; who is ``leaving`` is not asked again, and his ``superior``
    sits down where the place finds nobody. Signers are not replaced, another holder of the same
    role who sits at the stage stands for it, and of 或签 the others decide. Where nobody is
    found the seat is vacant. Those whom the holder had asked go with him. Empty when nobody took
    the seat over.
    """
    _end_with_below(act, item, state)
    if not counts(act, item):
        return ""
    found = _refill(act, item, leaving)
    if found.vacant and superior is not None:
        found = Resolution(seats=(superior,))
    if found.seats:
        seat = found.seats[0]
        if leaving is not None:
            because = {"because": "left", "from": leaving.name}
            seat = replace(seat, reason={**seat.reason, **because})
        _sit(act, item, seat)
        return name_with(seat.employee, seat.on_behalf_of)
    if found.vacant:
        leave_vacant(act, item)
        route.block(act, item.stage)
    elif found.auto_pass:
        route.record_pass(act, item.stage, found.auto_pass)
    return ""


def leave_vacant(act: Act, item: WorkItem) -> None:
    """An empty seat in place of an item that its holder cannot have any more."""
    act.add_item(_next(act, item, state=ItemState.VACANT, reason=seat_of(item.reason)))


def counts(act: Act, item: WorkItem) -> bool:
    """Whether the stage waits for the item's seat: one of its own, that nobody else stands for."""
    settings = act.definition.stage(item.stage.node_id).settings
    return has_seats(settings) and item.parent_seat is None and not _is_represented(act, item)


def go_on(act: Act, stage: Stage, *, may_pass: bool) -> None:
    """What follows when people have left the stage without an answer.

    Where nobody is left and nobody has answered, the stage is asked anew: somebody else, an
    automatic pass where its settings say so and it ``may_pass``, or a stop.
    """
    settings = act.definition.stage(stage.node_id).settings
    turns = _turns(act, stage)
    if turns.live() or any(item.state == ItemState.DECIDED for item in turns.seated()):
        settle(act, stage, settings)
        return
    if not may_pass:
        settings = replace(settings, on_same_person=OnSamePerson.NEXT_PERSON)
    found = route.whom(act, stage, settings)
    if not found.auto_pass:
        route.ask(act, stage, found, settings)
    elif act.case.suspended_at is None:
        route.pass_by_itself(act, stage, found.auto_pass)
    elif not stage.is_blocked:
        route.block(act, stage)


def fill_seats(act: Act, stage: Stage) -> list[str]:
    """Fill the vacant seats for which somebody is found now; the names of who came."""
    names = []
    for item in vacant_seats(act, stage):
        found = _refill(act, item)
        if found.vacant:
            continue
        item.state = ItemState.REMOVED
        act.change_item(item)
        if found.seats:
            _sit(act, item, found.seats[0])
            names.append(name_with(found.seats[0].employee, found.seats[0].on_behalf_of))
        else:
            names.append(found.auto_pass or _others(act, stage))
    return names


def note_filled(act: Act, stage: Stage, names: Iterable[str]) -> None:
    """Put on record who came; the stage goes on once no seat of it is vacant."""
    left = len(vacant_seats(act, stage))
    stage.is_blocked = left > 0
    act.change_stage(stage)
    act.moved()
    act.record(
        EventKind.UNBLOCKED,
        stage=stage,
        by_system=True,
        data={"people": [name for name in names if name], "vacant": left},
    )


def _is_represented(act: Act, item: WorkItem) -> bool:
    """Whether another holder of the role sits at the stage, so that it is represented."""
    seat = seat_of(item.reason)
    if seat.get("rule") != AssigneeKind.ROLE.value:
        return False
    return any(
        other is not item
        and other.state not in (ItemState.VACANT, ItemState.NOT_NEEDED)
        and other.parent_seat is None
        and seat_of(other.reason) == seat
        for other in _turns(act, item.stage).seated()
    )


def _refill(act: Act, item: WorkItem, leaving: Employee | None = None) -> Resolution:
    stage = item.stage
    settings = act.definition.stage(stage.node_id).settings
    decided = act.decided_people
    if leaving is not None:
        # Somebody's leaving never approves anything.
        settings = replace(settings, on_same_person=OnSamePerson.NEXT_PERSON)
        decided = decided | {leaving.pk}
    return refill(
        with_choices(settings, act.case, stage.node_id),
        act.case,
        seat_of(item.reason),
        kind=act.kind,
        document=lambda: act.document,
        decided=decided,
        taken={i.assignee_id for i in act.items_of(stage) if i.state in LIVE and i.assignee_id},
        now=act.now,
    )


def _sit(act: Act, item: WorkItem, seat: Seat) -> None:
    """Ask the person in the item's seat, now or when its turn comes."""
    new = _next(act, item, state=ItemState.WAITING, reason=seat.reason)
    new.assignee = seat.employee
    new.owners = [*item.owners, seat.employee.pk]
    new.on_behalf_of, new.delegation = seat.on_behalf_of, seat.delegation
    act.add_item(new)
    give_turns(act, _turns(act, item.stage))


def _next(act: Act, item: WorkItem, *, state: ItemState, reason: dict[str, object]) -> WorkItem:
    """Another item in the same seat, with its weight in a vote."""
    return WorkItem(
        case=act.case,
        stage=item.stage,
        kind=item.kind,
        state=state,
        round=act.case.round,
        seat=item.seat,
        weight=item.weight,
        has_veto=item.has_veto,
        reason=reason,
        barred=sorted({act.case.handler_id, act.case.creator_id, *act.decided_people}),
        arrived_at=act.now,
        due_at=item.stage.due_at,
    )


def _end_with_below(act: Act, item: WorkItem, state: ItemState) -> None:
    below = list(_turns(act, item.stage).below(item))
    item.state = state
    act.change_item(item)
    for each in below:
        if each.state in LIVE:
            each.state = ItemState.REMOVED
            act.change_item(each)


def _others(act: Act, stage: Stage) -> str:
    people = [i.assignee for i in act.items_of(stage) if i.state in LIVE and i.assignee]
    return people[0].name if people else ""


def _turns(act: Act, stage: Stage) -> Turns:
    return turns_at(stage, act.items, act.definition.stage(stage.node_id).settings)
