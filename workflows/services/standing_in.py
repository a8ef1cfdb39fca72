"""委托 takes hold of what is open: items move when it begins and come back when it is over.

Each item moves in a transaction of its own, under its own case's lock, so that one that is
being decided at this moment stops no other. What could not be moved says why.
"""

from __future__ import annotations

from datetime import datetime

from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy

from lending_crm.common.errors import DomainError
from lending_crm.common.problems import refusal_for
from staff.handing import Moved
from staff.models import Delegation, Employee
from workflows import errors
from workflows.access import is_his
from workflows.act import Act, lock_case
from workflows.assignment import is_within, reason_to_stand_in
from workflows.bpmn.model import DecideMode
from workflows.choices import ASKED, LIVE, EventKind, ItemKind, ItemState
from workflows.models import WorkItem
from workflows.pools import pool_holders
from workflows.recipients import check_recipient
from workflows.services.handing_on import pass_on
from workflows.services.items import hand_over, seat_person
from workflows.turns import Turns


class CaseKeeper:
    """The engine's part in a standing delegation (``staff.handing.DelegationKeeper``)."""

    def begin(self, *, delegation: Delegation, now: datetime) -> list[Moved]:
        """Move what waits for the person away to his delegate; once for each delegation."""
        principal = Employee.objects.get(pk=delegation.principal_id)
        waiting = WorkItem.objects.waiting_for(principal).filter(kind=ItemKind.DECISION)
        waiting |= WorkItem.objects.claimable_by(principal).filter(kind=ItemKind.DECISION)
        waiting |= WorkItem.objects.filter(assignee=principal, state=ItemState.WAITING)
        if delegation.document_kind:
            waiting = waiting.filter(case__document_kind=delegation.document_kind)
        return [
            _tried(item, lambda pk=item.pk: _stand_in(pk, delegation, now))  # type: ignore[misc]
            for item in waiting.select_related("case").order_by("case_id", "id")
        ]

    def bring_back(self, *, now: datetime, delegation: Delegation | None = None) -> list[Moved]:
        """Items of delegations that are over go back to who had been away."""
        over = Q(delegation__ended_at__isnull=False) | Q(delegation__ends_at__lte=now)
        items = WorkItem.objects.filter(over, state__in=ASKED, delegation__isnull=False)
        if delegation is not None:
            items = items.filter(delegation=delegation)
        return [
            _tried(item, lambda pk=item.pk: _come_back(pk, now))  # type: ignore[misc]
            for item in items.select_related("case").order_by("case_id", "id")
        ]


def _tried(item: WorkItem, move: object) -> Moved:
    label = f"{item.case.doc_no} {item.case.party}".strip()
    url = f"/cases/{item.case_id}/"
    try:
        with transaction.atomic():
            return Moved(label, url, move())  # type: ignore[operator]
    except (DomainError, OperationalError) as error:
        refusal = refusal_for(error)
        if refusal is None:
            raise
        return Moved(label, url, refusal=refusal)


def _stand_in(item_id: int, delegation: Delegation, now: datetime) -> str:
    act = Act(lock_case(items=item_id), actor=delegation.created_by, now=now, while_suspended=True)
    # His roles of this moment: he may have lost one while the case was waited for.
    principal = Employee.objects.get(pk=delegation.principal_id)
    item, delegate = act.item(item_id), delegation.delegate
    if item.state not in LIVE or not is_his(item, principal):
        raise errors.stale()
    if act.definition.stage(item.stage.node_id).settings.decide == DecideMode.VOTE:
        raise errors.bad_recipient(gettext_lazy("A committee's seat is personal."))
    if not is_within(delegation, act.case):
        raise errors.above_ceiling(principal.name)
    check_recipient(act, item.stage, delegate)
    reason = reason_to_stand_in(item.reason, delegation)
    if item.assignee_id is None and set(pool_holders(item)) - {principal.pk}:
        # The rest of the pool keeps it; only who is away leaves, and his delegate comes.
        item.barred = sorted({*item.barred, principal.pk})
        act.change_item(item)
        number = Turns(act.items_of(item.stage)).next_seat()
        owners = [principal.pk, delegate.pk]
        new = seat_person(act, item.stage, delegate, reason, owners, seat=number)
    else:
        new = hand_over(act, item, delegate, {})
        new.reason = reason
    new.due_at = item.due_at
    new.on_behalf_of, new.delegation = principal, delegation
    act.record(
        EventKind.STOOD_IN,
        stage=item.stage,
        arrived_at=item.arrived_at,
        data={"recipient_id": delegate.pk, "recipient": delegate.name, "for": principal.name},
        by_system=True,
    )
    act.notify("work_item.arrived", [delegate.pk], exclude_actor=False, step=item.stage.title)
    act.commit()
    return delegate.name


def _come_back(item_id: int, now: datetime) -> str:
    found = WorkItem.objects.select_related("delegation__created_by").get(pk=item_id)
    delegation = found.delegation
    if delegation is None:
        raise errors.stale()
    act = Act(lock_case(items=item_id), actor=delegation.created_by, now=now, while_suspended=True)
    item = act.item(item_id)
    principal, delegate = item.on_behalf_of, item.assignee
    if item.state not in LIVE or principal is None or delegate is None:
        raise errors.stale()
    # Recorded first: the stage may go on without both, and its way belongs to this event.
    event = act.record(
        EventKind.CAME_BACK,
        stage=item.stage,
        arrived_at=item.arrived_at,
        data={"from": delegate.name},
        by_system=True,
    )
    mine = [i for i in act.items_of(item.stage) if i.assignee_id == principal.pk]
    if any(i.state in LIVE for i in mine):
        item.state = ItemState.TRANSFERRED
        act.change_item(item)
        said = principal.name
    else:
        said = _give_back(act, item, principal)
    event.data["recipient"] = said
    act.commit()
    return said


def _give_back(act: Act, item: WorkItem, principal: Employee) -> str:
    """To who was away; to whom the rules find where he may not decide any more."""
    try:
        check_recipient(act, item.stage, principal)
    except DomainError:
        return pass_on(act, item, principal)
    new = hand_over(act, item, principal, {})
    new.reason = {key: value for key, value in new.reason.items() if key != "because"}
    if "because" in item.reason:
        new.reason["because"] = item.reason["because"]
    act.notify("work_item.arrived", [principal.pk], exclude_actor=False, step=item.stage.title)
    return principal.name
