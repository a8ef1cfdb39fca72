"""Roles come and go under running cases: nobody keeps what he held through a role he lost, and
whoever gets a role takes up what stood still for want of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import Q, QuerySet

from lending_crm.common.models import OutboxMessage
from lending_crm.common.problems import refusal_for
from staff.models import Employee
from workflows import route
from workflows.act import Act, lock_case
from workflows.basis import Basis, basis_of
from workflows.choices import ASKED, LIVE, CaseState, EventKind, ItemKind, ItemState
from workflows.conduct import is_conducted
from workflows.models import Stage, WorkItem
from workflows.pools import lacks_people, pool_holders, stages_without_people
from workflows.qualifying import still_qualifies
from workflows.settlement import settle
from workflows.vacancies import (
    fill_seats,
    go_on,
    lose_holder,
    note_filled,
    vacant_seats,
)

_ASKING = (ItemKind.DECISION, ItemKind.ADVICE)

ROLES_LOST_TOPIC = "workflows.roles_lost"
#: When is looked again at what somebody holds who lost a role: an act that found him with it may
#: be there only after the loss. No request lasts as long as the second wait.
LOOKS_AGAIN = (timedelta(seconds=10), timedelta(minutes=5))


def release_lost_items(*, employee: Employee, actor: Employee, now: datetime) -> None:
    """Take from a person what he held through a role that he has lost.

    Claimed items go back to their pool, seats of a countersign, a sequence or a vote to another
    holder of the role or stay empty, signers who decide nowhere any more need not sign. So does
    what was given to him, what he decides for somebody away, what others decide for him, and a
    step for which he was chosen; a step that names him stays his. A stage
    with an empty seat or without anybody left is blocked, as when it opens (WF-11). Called in
    the transaction that takes the role away; what an act gives him that is not there yet is
    taken a moment later, and he cannot decide it meanwhile (WF-03).
    """
    OutboxMessage.objects.bulk_create(
        OutboxMessage(
            topic=ROLES_LOST_TOPIC,
            payload={"employee": employee.pk},
            created_at=now,
            due_at=now + wait,
        )
        for wait in LOOKS_AGAIN
    )
    _release(employee.pk, actor, now)
    for stage in stages_without_people().order_by("process_id", "pk"):
        _stop(stage, actor, now)


def look_again(message: OutboxMessage, now: datetime) -> None:
    """Handler of ``workflows.roles_lost``: what somebody was given while he lost a role."""
    _release(message.payload["employee"], None, now)


def _release(holder_id: int, actor: Employee | None, now: datetime) -> None:
    holder = Employee.objects.get(pk=holder_id)
    held = _held_by(holder).select_related("case", "stage").order_by("case_id")
    lost = [item.case_id for item in held if not still_qualifies(item, holder, item.case)]
    for case_id in dict.fromkeys(lost):
        act = Act(lock_case(pk=case_id), actor=actor, now=now, while_suspended=True)
        # Under the lock: a delegation may have moved his items while the case was waited for.
        if [item for item in list(act.items) if _take_away(act, item, holder)]:
            act.commit()


def _held_by(holder: Employee) -> QuerySet[WorkItem]:
    # By the states of the index of delegated items; nobody holds a vacant seat.
    stood_in = Q(on_behalf_of=holder, delegation__isnull=False)
    mine = Q(assignee=holder) | stood_in
    return WorkItem.objects.filter(mine, state__in=ASKED, kind__in=_ASKING)


def _take_away(act: Act, item: WorkItem, holder: Employee) -> bool:
    """Take the item from who does not qualify for it any more; False where it is not so."""
    is_his = holder.pk in (item.assignee_id, item.on_behalf_of_id)
    is_asked = item.state in ASKED and item.kind in _ASKING
    if not is_his or not is_asked or still_qualifies(item, holder, act.case):
        return False
    _record_loss(act, item, holder)
    basis = basis_of(item, holder)
    if basis == Basis.POOL:
        item.assignee = None
        item.claimed_at = None
        item.barred = sorted({*item.barred, *act.decided_people})
        act.change_item(item)
        return True
    chosen = act.case.choices.get(item.stage.node_id, ())
    if basis == Basis.CHOSEN and holder.pk in chosen:
        rest = [pk for pk in chosen if pk != holder.pk]
        act.case.choices = {**act.case.choices, item.stage.node_id: rest}
    lose_holder(act, item, ItemState.REMOVED)
    go_on(act, item.stage, may_pass=False)
    return True


def _record_loss(act: Act, item: WorkItem, holder: Employee) -> None:
    act.record(
        EventKind.RELEASED,
        stage=item.stage,
        arrived_at=item.arrived_at,
        by_system=True,
        data={"person": holder.name, "tokens": act.case.tokens},
    )


def stop_unattended_stages(*, now: datetime) -> None:
    """The worker's tick: stop what has lost its people without any act noticing it."""
    for stage in stages_without_people().order_by("process_id", "pk"):
        with _unless_busy():
            _stop(stage, None, now)


@contextmanager
def _unless_busy() -> Iterator[None]:
    """A transaction of its own; a case that somebody holds delays the others by one wait and
    comes again at the next tick.
    """
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        if refusal_for(error) is None:
            raise


def _stop(stage: Stage, actor: Employee | None, now: datetime) -> None:
    act = Act(lock_case(pk=stage.process_id), actor=actor, now=now, while_suspended=True)
    still_open = next((s for s in act.open_stages() if s.pk == stage.pk), None)
    if still_open is None or is_conducted(still_open):
        return  # a session at which everybody has voted waits for whoever counts the votes
    if lacks_people(stage):
        route.block(act, still_open)
        act.commit()


def wake_blocked_stages(*, employee: Employee, actor: Employee | None, now: datetime) -> None:
    """Ask again at every stage that lacks people; somebody got a role.

    Called in the transaction that gives the role to ``employee``.
    """
    for stage_id, case_id in _blocked_stages():
        _wake(stage_id, case_id, actor, now)


def fill_vacant_seats(*, now: datetime) -> None:
    """The worker's tick: fill seats whose holder came otherwise than by a role.

    Somebody got a superior, came back, or is free again.
    """
    for stage_id, case_id in _blocked_stages():
        with _unless_busy():
            _wake(stage_id, case_id, None, now)


def _blocked_stages() -> list[tuple[int, int]]:
    blocked = Stage.objects.filter(is_blocked=True, outcome="").order_by("process_id", "pk")
    return list(blocked.values_list("pk", "process_id"))


def _wake(stage_id: int, case_id: int, actor: Employee | None, now: datetime) -> None:
    act = Act(lock_case(pk=case_id), actor=actor, now=now, while_suspended=True)
    stage = next((s for s in act.open_stages() if s.pk == stage_id), None)
    if stage is None or not stage.is_blocked or act.case.state != CaseState.IN_APPROVAL:
        return
    if vacant_seats(act, stage):
        names = fill_seats(act, stage)
        if not names:
            return
        note_filled(act, stage, names)
        settle(act, stage, act.definition.stage(stage.node_id).settings)
    elif not _wake_whole(act, stage):
        return
    act.commit()


def _wake_whole(act: Act, stage: Stage) -> bool:
    """A pool that has people again, a stage that found nobody at all when it opened, or one
    whose last answer was waited for while the case was suspended."""
    settings = act.definition.stage(stage.node_id).settings
    waiting = [item for item in act.items_of(stage) if item.state in LIVE]
    if waiting:
        takers = {
            pk
            for item in waiting
            for pk in ([item.assignee_id] if item.assignee_id else pool_holders(item))
        }
        if not takers:
            return False
        note_filled(act, stage, _names(takers))
        act.notify("work_item.arrived", takers, exclude_actor=False, step=stage.title)
        return True
    own = (item for item in act.items_of(stage) if item.parent_seat is None)
    if answered := [item for item in own if item.state == ItemState.DECIDED]:
        return _go_on_with(act, stage, answered)
    resolved = route.whom(act, stage, settings)
    if resolved.is_empty or (resolved.auto_pass and act.case.suspended_at is not None):
        return False
    note_filled(act, stage, resolved.names() or [resolved.auto_pass])
    if resolved.auto_pass:
        route.pass_by_itself(act, stage, resolved.auto_pass)
    else:
        route.ask(act, stage, resolved, settings)
    return True


def _go_on_with(act: Act, stage: Stage, answered: Sequence[WorkItem]) -> bool:
    """Nobody is missing at a stage whose last answer came while the case was suspended."""
    if act.case.suspended_at is not None or is_conducted(stage):
        return False
    note_filled(act, stage, _names(i.decided_by_id for i in answered if i.decided_by_id))
    settle(act, stage, act.definition.stage(stage.node_id).settings)
    return True


def _names(people: Iterable[int]) -> list[str]:
    found = Employee.objects.filter(pk__in=people).order_by("pk")
    return list(found.values_list("name", flat=True))
