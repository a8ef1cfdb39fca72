"""What a person held goes on to others: to a successor, or to whom the stage's rules find."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from staff.models import Employee
from workflows import errors, route
from workflows.act import Act, lock_case
from workflows.assignment import resolve
from workflows.bpmn.model import DecideMode, OnSamePerson
from workflows.choices import LIVE, EventKind, ItemKind, ItemState
from workflows.choosing import with_choices
from workflows.conflicts import recused
from workflows.finding import first_free
from workflows.models import WorkItem
from workflows.pools import pool_holders
from workflows.recipients import check_recipient
from workflows.seats import Resolution, Seat
from workflows.services.items import hand_over
from workflows.settlement import settle
from workflows.vacancies import go_on, has_seats, lose_holder, vacant_seats


@transaction.atomic
def hand_on(
    *,
    item_id: int,
    leaving: Employee,
    successor: Employee | None,
    actor: Employee | None,
    now: datetime,
) -> str:
    """Give one work item of somebody who leaves to his successor, or on by the stage's rules.

    Says where it went. A successor is checked like the recipient of a transfer: never the
    handler, never who has decided in this round or is asked already, never across the duty
    lines. Without a successor the item goes back to its pool, to whom the rules find now, or
    to the leaver's superior; where nobody is left the stage stops and the administrators are
    told (WF-11). A committee's seat needs a successor (WF-20). Raises WF-12 when the item is
    his no more.
    """
    act = Act(lock_case(items=item_id), actor=actor, now=now, while_suspended=True)
    item = act.item(item_id)
    is_his = item.assignee_id == leaving.pk and item.kind != ItemKind.CORRECTION
    if item.state not in LIVE or not is_his:
        raise errors.stale()
    # Recorded first: the stage may go on without him, and the way it takes belongs to this event.
    event = act.record(
        EventKind.HANDED_ON,
        stage=item.stage,
        arrived_at=item.arrived_at,
        data={"from": leaving.name, "by_rule": successor is None},
        item=item,
    )
    if successor is not None:
        check_recipient(act, item.stage, successor)
        hand_over(act, item, successor, {"because": "successor", "from": leaving.name})
        act.notify("work_item.arrived", [successor.pk], step=item.stage.title)
        said = successor.name
    else:
        said = pass_on(act, item, leaving)
    event.data["recipient"] = said
    act.commit()
    return said


def pass_on(act: Act, item: WorkItem, leaving: Employee) -> str:
    """Let the stage's rules find somebody else for the item; says who; part of an act."""
    stage = item.stage
    settings = act.definition.stage(stage.node_id).settings
    if settings.decide == DecideMode.VOTE:
        raise errors.bad_recipient(
            gettext_lazy("A committee's seat is personal: name the member who takes it.")
        )
    if item.pool_role_id is not None and set(pool_holders(item)) - {leaving.pk}:
        item.assignee, item.claimed_at = None, None
        item.barred = sorted({*item.barred, leaving.pk})
        act.change_item(item)
        return _("back to the pool")
    others = [i for i in act.items_of(stage) if i.state in LIVE and i is not item]
    if has_seats(settings) and item.parent_seat is None:
        return _leave_seat(act, item, leaving)
    asked = {i.assignee_id for i in others if i.assignee_id is not None}
    found = _found(act, item, leaving, asked) if item.parent_seat is None else Resolution()
    is_free = found.is_empty and others and settings.decide == DecideMode.ANY
    if found.is_empty and not is_free:
        found = _superior(act, item, leaving, asked)
    if found.seats:
        seat = found.seats[0]
        new = hand_over(act, item, seat.employee, {})
        new.reason = seat.reason
        new.on_behalf_of, new.delegation = seat.on_behalf_of, seat.delegation
        act.notify("work_item.arrived", [seat.employee.pk], step=stage.title)
        return ", ".join(Resolution(seats=(seat,)).names())
    item.state = ItemState.TRANSFERRED
    act.change_item(item)
    if found.pools:
        route.ask(act, stage, found, settings)
        return ", ".join(found.names())
    # Whoever waited for his answer decides without it; with nobody left the stage stops (WF-11).
    settle(act, stage, settings)
    if stage.is_blocked:
        return _("nobody found; the administrators were told")
    return _("the others at this step decide")


def _leave_seat(act: Act, item: WorkItem, leaving: Employee) -> str:
    """A seat of a stage where each counts: somebody takes it, or it stays without a holder."""
    stage = item.stage
    asked = {i.assignee_id for i in act.items_of(stage) if i.state in LIVE and i.assignee_id}
    superior = _superior(act, item, leaving, asked).seats
    said = lose_holder(
        act,
        item,
        ItemState.TRANSFERRED,
        leaving=leaving,
        superior=superior[0] if superior else None,
    )
    go_on(act, stage, may_pass=False)
    if said:
        return said
    if vacant_seats(act, stage):
        return _("nobody found; the administrators were told")
    return _("the others at this step decide")


def _found(act: Act, item: WorkItem, leaving: Employee, asked: set[int]) -> Resolution:
    """Whom the rules find without the leaver, less those who are asked already."""
    settings = act.definition.stage(item.stage.node_id).settings
    found = resolve(
        # Somebody's leaving never approves anything.
        replace(
            with_choices(settings, act.case, item.stage.node_id),
            on_same_person=OnSamePerson.NEXT_PERSON,
        ),
        act.case,
        kind=act.kind,
        document=lambda: act.document,
        decided=act.decided_people | {leaving.pk},
        now=act.now,
    )
    seats = tuple(_moved(s, leaving) for s in found.seats if s.employee.pk not in asked)
    pooled = {i.pool_role_id for i in act.items_of(item.stage) if i.state in LIVE and i is not item}
    pools = tuple(
        replace(p, reason=_because(p.reason, leaving), away=(*p.away, leaving.pk))
        for p in found.pools
        if p.role_id not in pooled
    )
    return Resolution(seats=seats, pools=pools)


def _superior(act: Act, item: WorkItem, leaving: Employee, asked: set[int]) -> Resolution:
    case = act.case
    barred = {case.handler_id, case.creator_id, *act.decided_people, *asked, *recused(case)}
    superior = first_free(leaving, barred)
    if superior is None:
        return Resolution()
    reason = {**_because(item.reason, leaving), "instead_of": leaving.name}
    seat = Seat(superior, reason, item.weight, item.has_veto)
    return Resolution(seats=(seat,))


def _moved(seat: Seat, leaving: Employee) -> Seat:
    return replace(seat, reason=_because(seat.reason, leaving))


def _because(reason: dict[str, Any], leaving: Employee) -> dict[str, Any]:
    return {**reason, "because": "left", "from": leaving.name}
