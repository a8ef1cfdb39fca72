"""加签, 减签, 委派, 答复: the holder of an item has others answer as well, or first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from lending_crm.common.errors import refuse_all
from staff.models import Employee
from staff.ranks import ranks_of
from workflows import asking_errors, errors
from workflows.access import check_independent, check_may_decide, check_offered, holds_step
from workflows.act import Act, lock_case
from workflows.bpmn.model import StageAction, StageSettings
from workflows.choices import (
    LIVE,
    CaseState,
    Decision,
    EventKind,
    ItemKind,
    ItemLink,
    ItemState,
)
from workflows.models import Case, WorkItem
from workflows.recipients import check_is_another, check_recipient, signer_refusal
from workflows.services.opinions import cleaned_opinion, cleaned_reason
from workflows.settlement import give_turns, settle, turns_at
from workflows.turns import SEATED

REASON_LENGTH = 2
PEOPLE_AT_MOST = 20
#: where signers may be asked, as pages and the API name it
POSITIONS = (ItemLink.BEFORE, ItemLink.BESIDE, ItemLink.AFTER)


@transaction.atomic
def add_signers(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    people: Sequence[Employee],
    position: str,
    reason: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """加签: ask others to sign too, ``BEFORE``, ``BESIDE`` or ``AFTER`` oneself.

    Before: the item comes back to its owner when all of them have answered. After: they are
    asked when he has approved. The stage is decided when everybody asked has approved; a
    signer's return or rejection counts as anybody's. Signers may add signers themselves. Never
    the handler (WF-14), never somebody who is asked or has decided in this round (WF-20); all
    refusals come at once.
    """
    case = lock_case(items=item_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    if act.is_replay(EventKind.SIGNERS_ADDED, at=item):
        return case
    check_may_decide(act, item)
    settings = _settings(act, item)
    check_offered(settings, StageAction.ADD_SIGNERS)
    act.check_seen(seen_version)
    if position not in POSITIONS:
        raise asking_errors.bad_position()
    signers = _distinct(people)
    ranks = ranks_of(each.pk for each in signers)
    refuse_all(
        refusal for each in signers if (refusal := signer_refusal(act, each, ranks[each.pk]))
    )
    reason = cleaned_reason(reason, REASON_LENGTH)
    _take(act, item)
    link = ItemLink(position)
    for signer in signers:
        _hang(act, item, signer, link, ItemKind.DECISION)
    act.record(
        EventKind.SIGNERS_ADDED,
        stage=item.stage,
        opinion=reason,
        arrived_at=item.arrived_at,
        data={"people": _named(signers), "ids": _ids(signers), "position": link.value},
        item=item,
    )
    give_turns(act, turns_at(item.stage, act.items, settings))
    return act.commit()


@transaction.atomic
def delegate(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    recipient: Employee,
    reason: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """委派: have somebody of the duty line and level answer; the item then comes back to its owner.

    The owner is whoever holds the item when the answer comes, also after a transfer.
    """
    case = lock_case(items=item_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    if act.is_replay(EventKind.DELEGATED, at=item):
        return case
    check_may_decide(act, item)
    settings = _settings(act, item)
    check_offered(settings, StageAction.DELEGATE)
    act.check_seen(seen_version)
    check_recipient(act, item.stage, recipient)
    check_is_another(act, recipient)
    reason = cleaned_reason(reason, REASON_LENGTH)
    _take(act, item)
    _hang(act, item, recipient, ItemLink.DELEGATE, ItemKind.ADVICE)
    act.record(
        EventKind.DELEGATED,
        stage=item.stage,
        opinion=reason,
        arrived_at=item.arrived_at,
        data={"recipient_id": recipient.pk, "recipient": recipient.name},
        item=item,
    )
    give_turns(act, turns_at(item.stage, act.items, settings))
    return act.commit()


@transaction.atomic
def answer(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    opinion: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """答复: the delegate says what he thinks; the owner of the item decides."""
    case = lock_case(items=item_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    if act.is_replay(EventKind.ANSWERED, at=item):
        return case
    check_may_answer(act, item)
    act.check_seen(seen_version)
    opinion = cleaned_opinion(opinion, required=True)
    settings = _settings(act, item)
    turns = turns_at(item.stage, act.items, settings)
    owner = turns.at(item.parent_seat)
    arrived_at = item.arrived_at
    act.decide_item(item, Decision.ANSWER, opinion=opinion)
    event = act.record(EventKind.ANSWERED, stage=item.stage, opinion=opinion, arrived_at=arrived_at)
    if owner is not None and owner.assignee is not None:
        event.on_behalf_of = owner.assignee
        event.on_behalf_name = owner.assignee.name
    settle(act, item.stage, settings)
    return act.commit()


@transaction.atomic
def remove_signers(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    people: Sequence[Employee],
    reason: str,
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """减签: take back the request to signers (or a delegate) who have not answered.

    For whoever holds the item that they were asked from, also when he has approved already.
    Those whom they asked in turn go with them. When nobody is left to answer, the stage goes
    on at once.
    """
    case = lock_case(items=item_id)
    act = Act(case, actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    if act.is_replay(EventKind.SIGNERS_REMOVED, at=item):
        return case
    check_may_remove(act, item)
    act.check_seen(seen_version)
    settings = _settings(act, item)
    turns = turns_at(item.stage, act.items, settings)
    asked = {i.assignee_id: i for i in turns.children(item) if i.state in LIVE}
    signers = _distinct(people)
    refuse_all(asking_errors.not_your_signer(each.name) for each in signers if each.pk not in asked)
    reason = cleaned_reason(reason, REASON_LENGTH)
    gone: list[WorkItem] = []
    for signer in signers:
        own = asked[signer.pk]
        gone += [i for i in (own, *turns.below(own)) if i.state in LIVE]
    for each in gone:
        each.state = ItemState.REMOVED
        act.change_item(each)
    act.record(
        EventKind.SIGNERS_REMOVED,
        stage=item.stage,
        opinion=reason,
        data={"people": _named(signers), "ids": _ids(signers), "tokens": case.tokens},
        item=item,
    )
    told = [each.assignee_id for each in gone if each.assignee_id]
    act.notify("work_item.removed", told, step=item.stage.title)
    settle(act, item.stage, settings)
    return act.commit()


def check_may_answer(act: Act, item: WorkItem) -> None:
    """WF-03 for anybody but the delegate, also where he must abstain (WF-01, WF-17)."""
    if act.case.state != CaseState.IN_APPROVAL:
        raise errors.wrong_state(act.case.state)
    check_independent(act.case, act.actor)
    if item.kind != ItemKind.ADVICE or item.assignee_id != act.actor.pk:
        raise errors.not_assigned()
    if item.state != ItemState.OPEN:
        raise errors.stale()


def check_may_remove(act: Act, item: WorkItem) -> None:
    """WF-03 for anybody but the holder of the item that the signers were asked from."""
    if act.case.state != CaseState.IN_APPROVAL:
        raise errors.wrong_state(act.case.state)
    if item.kind == ItemKind.CORRECTION or item.assignee_id != act.actor.pk:
        raise errors.not_assigned()
    if item.state not in SEATED or not item.stage.is_open:
        raise errors.stale()


def _settings(act: Act, item: WorkItem) -> StageSettings:
    return act.definition.stage(item.stage.node_id).settings


def _distinct(people: Sequence[Employee]) -> list[Employee]:
    found = list({person.pk: person for person in people}.values())
    if not found:
        raise asking_errors.nobody_chosen()
    if len(found) > PEOPLE_AT_MOST:
        raise asking_errors.too_many_people(PEOPLE_AT_MOST)
    return found


def _take(act: Act, item: WorkItem) -> None:
    """Who has others answer for a pool's item holds it from now on."""
    if item.assignee_id is None:
        if holds_step(act, item.stage):
            raise asking_errors.holds_step_already()
        item.assignee = act.actor
        item.claimed_at = act.now
        item.owners = [*item.owners, act.actor.pk]
        act.change_item(item)


def _hang(act: Act, owner: WorkItem, person: Employee, link: ItemLink, kind: ItemKind) -> WorkItem:
    """A new seat below the owner's; whether its turn has come is settled afterwards."""
    seat = max(item.seat for item in act.items_of(owner.stage)) + 1
    return act.add_item(
        WorkItem(
            case=act.case,
            stage=owner.stage,
            kind=kind,
            state=ItemState.WAITING,
            round=act.case.round,
            assignee=person,
            seat=seat,
            parent_seat=owner.seat,
            link=link.value,
            reason={"rule": "ASKED", "from": act.actor.name, "link": link.value},
            owners=[person.pk],
            barred=sorted({act.case.handler_id, act.case.creator_id}),
            arrived_at=act.now,
            due_at=owner.stage.due_at,
        )
    )


def _named(people: Sequence[Employee]) -> list[str]:
    return [person.name for person in people]


def _ids(people: Sequence[Employee]) -> list[int]:
    return [person.pk for person in people]
