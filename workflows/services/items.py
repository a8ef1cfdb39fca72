"""签收, 释放, 转办, 改派, 取回: who holds a work item."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from staff.models import Employee
from workflows import errors
from workflows.access import (
    check_administers,
    check_independent,
    check_may_decide,
    check_offered,
    holds_pool,
    holds_step,
)
from workflows.act import Act, lock_case
from workflows.bpmn.model import DecideMode, StageAction
from workflows.choices import (
    LIVE,
    CaseState,
    Decision,
    EventKind,
    ItemKind,
    ItemState,
)
from workflows.models import Case, Stage, WorkItem
from workflows.qualifying import may_decide_again
from workflows.recipients import check_is_another, check_recipient
from workflows.seats import seat_of
from workflows.services.opinions import cleaned_reason
from workflows.services.reopening import (
    ask_again,
    go_on_asking,
    reopen_approved,
    undo_return,
    undone,
    untouched_return,
)
from workflows.settlement import give_turns, turns_at
from workflows.turns import Turns
from workflows.vacancies import vacant_seats

TRANSFER_REASON_LENGTH = 2


@transaction.atomic
def claim(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """签收: take a pool item for oneself; the others of the pool no longer see it."""
    case = lock_case(items=item_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    if act.is_replay(EventKind.CLAIMED, at=item):
        return case
    if item.assignee_id == actor.pk and item.state == ItemState.OPEN:
        return case
    check_may_claim(act, item)
    act.check_seen(seen_version)
    if holds_step(act, item.stage):
        return case  # he holds the step already, through another pool of it
    item.assignee = actor
    item.claimed_at = now
    item.owners = [*item.owners, actor.pk]
    act.change_item(item)
    act.record(EventKind.CLAIMED, stage=item.stage, arrived_at=item.arrived_at)
    return act.commit()


def check_may_claim(act: Act, item: WorkItem) -> None:
    """WF-23 where another of the pool has it, else what forbids deciding on it."""
    is_held = item.assignee_id not in (None, act.actor.pk) and item.state == ItemState.OPEN
    if is_held and holds_pool(item, act.actor):
        raise errors.claimed_by_other(str(item.assignee))
    try:
        check_may_decide(act, item)
    except errors.DomainError as refusal:
        if refusal.code != "WF-24":
            raise


@transaction.atomic
def release(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Give a claimed item back to its pool."""
    case = lock_case(items=item_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    if act.is_replay(EventKind.RELEASED, at=item):
        return case
    check_may_release(act, item)
    act.check_seen(seen_version)
    _back_to_pool(act, item)
    act.record(EventKind.RELEASED, stage=item.stage, arrived_at=item.arrived_at)
    return act.commit()


def check_may_release(act: Act, item: WorkItem) -> None:
    """WF-03 for anybody who has not claimed it."""
    is_claimed = item.state == ItemState.OPEN and item.claimed_at is not None
    if not is_claimed or item.assignee_id != act.actor.pk:
        raise errors.not_assigned()


def _back_to_pool(act: Act, item: WorkItem) -> None:
    item.assignee = None
    item.claimed_at = None
    item.barred = sorted({*item.barred, *act.decided_people})
    act.change_item(item)


@transaction.atomic
def transfer(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    recipient: Employee,
    reason: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """转办: give the item away; the chain of its owners is kept.

    Whom the owner has asked answers to the new owner, so an item that waits for signers or a
    delegate may be given away too.
    """
    case = lock_case(items=item_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    if act.is_replay(EventKind.TRANSFERRED, at=item):
        return case
    check_may_decide(act, item, may_wait=True)
    check_offered(act.definition.stage(item.stage.node_id).settings, StageAction.TRANSFER)
    act.check_seen(seen_version)
    check_recipient(act, item.stage, recipient)
    check_is_another(act, recipient)
    reason = cleaned_reason(reason, TRANSFER_REASON_LENGTH)
    hand_over(act, item, recipient, {"from": actor.name})
    act.record(
        EventKind.TRANSFERRED,
        stage=item.stage,
        opinion=reason,
        arrived_at=item.arrived_at,
        data={"recipient_id": recipient.pk, "recipient": recipient.name},
        item=item,
    )
    act.notify("work_item.arrived", [recipient.pk], step=item.stage.title)
    return act.commit()


@transaction.atomic
def reassign(
    *,
    case_id: int,
    stage_id: int,
    actor: Employee,
    now: datetime,
    recipient: Employee,
    reason: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """改派: an administrator gives an open stage to somebody; also wakes a blocked one.

    Where seats of the stage are vacant only the first of these is given, also of a committee.
    Visible in history as the administrator's act. The recipient is checked like any other:
    never the handler, never who decided in this round, never across the duty lines. Not on the
    administrator's own case (WF-43).
    """
    case = lock_case(pk=case_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    if act.is_replay(EventKind.REASSIGNED):
        return case
    check_administers(case, actor)
    act.check_seen(seen_version)
    stage = next((s for s in act.open_stages() if s.pk == stage_id), None)
    if stage is None or not stage.node_id:
        raise errors.stale()
    vacant = vacant_seats(act, stage)
    is_vote = act.definition.stage(stage.node_id).settings.decide == DecideMode.VOTE
    if is_vote and not vacant:
        raise errors.bad_recipient(_("The seats of a committee cannot be given away."))
    check_recipient(act, stage, recipient)
    reason = cleaned_reason(reason, TRANSFER_REASON_LENGTH)
    if vacant:
        # Only a seat that nobody holds is given away; the others at the step stay asked.
        _fill(act, vacant[0], recipient)
    else:
        _give_whole(act, stage, recipient)
    stage.is_blocked = len(vacant) > 1
    act.change_stage(stage)
    act.moved()
    act.record(
        EventKind.REASSIGNED,
        stage=stage,
        opinion=reason,
        data={
            "recipient_id": recipient.pk,
            "recipient": recipient.name,
            "vacant": max(len(vacant) - 1, 0),
        },
    )
    act.notify("work_item.arrived", [recipient.pk], exclude_actor=False, step=stage.title)
    return act.commit()


def _fill(act: Act, vacant: WorkItem, recipient: Employee) -> None:
    """The recipient sits down in the empty seat, and answers when its turn comes."""
    vacant.state = ItemState.REMOVED
    act.change_item(vacant)
    new = seat_person(
        act,
        vacant.stage,
        recipient,
        {"rule": "REASSIGNED", "from": act.actor.name, "seat": seat_of(vacant.reason)},
        [recipient.pk],
        seat=vacant.seat,
    )
    new.weight, new.has_veto = vacant.weight, vacant.has_veto
    settings = act.definition.stage(vacant.stage.node_id).settings
    give_turns(act, turns_at(vacant.stage, act.items, settings))


def _give_whole(act: Act, stage: Stage, recipient: Employee) -> None:
    """The recipient answers for everybody who was asked at the step."""
    why = {"from": act.actor.name}
    waiting = [i for i in act.items_of(stage) if i.state in LIVE]
    waiting.sort(key=lambda i: (i.parent_seat is not None, i.seat))
    for item in waiting[1:]:
        # Given away for good: a later 取回 opens again only what closed with the stage.
        item.state = ItemState.TRANSFERRED
        act.change_item(item)
    if waiting:
        hand_over(act, waiting[0], recipient, why).state = ItemState.OPEN
        return
    seat = Turns(act.items_of(stage)).next_seat()
    reason = {"rule": "REASSIGNED", **why}
    seat_person(act, stage, recipient, reason, [recipient.pk], seat=seat)


def hand_over(act: Act, item: WorkItem, recipient: Employee, why: dict[str, Any]) -> WorkItem:
    """Close the item as given away and open one for the recipient; ``why`` says of what act."""
    state, item.state = item.state, ItemState.TRANSFERRED
    act.change_item(item)
    new = seat_person(
        act,
        item.stage,
        recipient,
        {**not_standing_in(item.reason), "because": "transfer", **why},
        [*item.owners, recipient.pk],
        seat=item.seat,
    )
    new.parent_seat, new.link, new.kind = item.parent_seat, item.link, item.kind
    new.state = state
    new.weight, new.has_veto, new.due_at = item.weight, item.has_veto, item.due_at
    return new


def not_standing_in(reason: dict[str, Any]) -> dict[str, Any]:
    """Why somebody was asked, without the standing delegation that brought it to him."""
    return {key: value for key, value in reason.items() if key not in ("for", "until")}


def seat_person(
    act: Act,
    stage: Stage,
    person: Employee,
    reason: dict[str, Any],
    owners: list[int],
    *,
    seat: int,
) -> WorkItem:
    """Ask one more person at an open stage."""
    return act.add_item(
        WorkItem(
            case=act.case,
            stage=stage,
            seat=seat,
            round=act.case.round,
            assignee=person,
            reason=reason,
            owners=owners,
            barred=sorted({act.case.handler_id, act.case.creator_id}),
            arrived_at=act.now,
            due_at=stage.due_at,
        )
    )


@transaction.atomic
def take_back(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """取回: an approver's own approval or return, until somebody acted on it (WF-21): the next
    stage, the handler, or in the same stage who was asked after him; in an open vote any ballot.

    The stages that the decision opened close and stay on record; those that it closed open again
    with everybody who had been asked. A document that was returned is under approval again, as it
    was submitted.
    """
    case = lock_case(items=item_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    if act.is_replay(EventKind.TAKEN_BACK, at=item):
        return case
    check_may_take_back(act, item)
    act.check_seen(seen_version)
    returned = untouched_return(act, item) if item.decision == Decision.RETURN else None
    has_turned = item.round != case.round
    if has_turned:
        act.join_round_before()
        item = act.item(item_id)
    stage = item.stage
    beside: list[Stage] = []
    if returned is not None:
        beside = undo_return(act, stage, returned)
    elif not stage.is_open:
        reopen_approved(act, stage, has_turned=has_turned)
    ask_again(act, stage)
    turns = turns_at(stage, act.items, act.definition.stage(stage.node_id).settings)
    item.state = ItemState.OPEN
    if any(i.state == ItemState.DECIDED for i in turns.waiting_for(item)):
        raise errors.taken_back_too_late()
    item.decision = item.opinion = ""
    item.conditions, item.terms = [], {}
    item.decided_by = item.decided_at = None
    if item.pool_role_id is not None and item.claimed_at is None:
        item.assignee = None
    act.change_item(item)
    for other in beside:
        ask_again(act, other)
    _ask_pools_again(act)
    case.conditions.filter(stage=stage, set_by=actor, revoked_at=None).update(revoked_at=now)
    act.moved()
    act.record(
        EventKind.TAKEN_BACK,
        stage=stage,
        arrived_at=item.arrived_at,
        data={"tokens": case.tokens, **undone(returned)},
    )
    for open_stage in (stage, *beside):
        go_on_asking(act, open_stage)
    return act.commit()


def check_may_take_back(act: Act, item: WorkItem) -> None:
    """His own decision of a case that has not ended, in this round or just before the route led
    back or the case was returned, or any ballot of his while the vote is open.

    Not where he could not decide anew: WF-17 for who has to abstain since, WF-03 for who has lost
    the role that gave him the item.
    """
    case = act.case
    if item.decided_by_id != act.actor.pk or item.kind != ItemKind.DECISION:
        raise errors.not_assigned()
    if case.state in (CaseState.APPROVED, CaseState.REJECTED):
        raise errors.final_decision_stays()
    is_with_handler = case.state == CaseState.RETURNED and item.decision == Decision.RETURN
    if case.state != CaseState.IN_APPROVAL and not is_with_handler:
        raise errors.wrong_state(case.state)
    if item.round < case.round - 1 or not item.can_be_taken_back:
        raise errors.taken_back_too_late()
    if item.stage.node_id not in act.definition.elements:
        raise errors.moved_on_since()
    check_independent(case, act.actor)
    if not may_decide_again(item, act.actor, case):
        raise errors.not_assigned()


def _ask_pools_again(act: Act) -> None:
    """Pools of other branches that had let go of him when he decided."""
    own = {act.case.handler_id, act.case.creator_id}
    for item in act.items:
        if item.state not in LIVE or item.pool_role_id is None or act.actor.pk in own:
            continue
        if act.actor.pk in item.barred:
            item.barred = [pk for pk in item.barred if pk != act.actor.pk]
            act.change_item(item)
