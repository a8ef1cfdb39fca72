"""Roles come and go under running cases: nobody keeps what he held through a role he lost, and
whoever gets a role takes up what stood still for want of people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from staff.choices import DutyLine
from staff.models import Employee
from staff.ranks import ranks_of
from workflows import route
from workflows.access import holds_pool
from workflows.act import Act, lock_case
from workflows.assignment import may_stand_in
from workflows.bpmn.model import AssigneeKind, AssigneeRule, RoleReach
from workflows.choices import LIVE, CaseState, EventKind, ItemKind, ItemState
from workflows.choosing import CHOSEN, candidates, rule_of
from workflows.finding import holders_of
from workflows.models import Stage, WorkItem
from workflows.pools import pool_holders, stages_without_people
from workflows.settlement import settle
from workflows.vacancies import (
    fill_seats,
    go_on,
    lose_holder,
    note_filled,
    vacant_seats,
)

#: the person was asked as the superior of somebody, or in place of one who is away
_NOT_BY_HIS_ROLE = ("handler", "decided", "empty", "recused")
_ASKING = (ItemKind.DECISION, ItemKind.ADVICE)


def release_lost_items(*, employee: Employee, actor: Employee, now: datetime) -> None:
    """Take from a person what he held through a role that he has lost.

    Claimed items go back to their pool, seats of a countersign, a sequence or a vote to another
    holder of the role or stay empty, signers who decide nowhere any more need not sign. So does
    what was given to him, what he decides for somebody away, what others decide for him, and a
    step for which he was chosen; a step that names him stays his. A stage
    with an empty seat or without anybody left is blocked, as when it opens (WF-11). Called in
    the transaction that takes the role away.
    """
    holder = Employee.objects.get(pk=employee.pk)
    held = WorkItem.objects.filter(
        Q(assignee=holder) | Q(on_behalf_of=holder), state__in=LIVE, kind__in=_ASKING
    )
    for case_id in held.order_by("case_id").values_list("case_id", flat=True).distinct():
        act = Act(lock_case(pk=case_id), actor=actor, now=now, while_suspended=True)
        # Under the lock: a delegation may have moved his items while the case was waited for.
        if [item for item in _held_by(act, holder) if _take_away(act, item, holder)]:
            act.commit()
    for stage in stages_without_people().order_by("process_id", "pk"):
        _stop(stage, actor, now)


def _held_by(act: Act, holder: Employee) -> Iterator[WorkItem]:
    for item in list(act.items):
        is_his = holder.pk in (item.assignee_id, item.on_behalf_of_id)
        if is_his and item.state in LIVE and item.kind in _ASKING:
            yield item


def _take_away(act: Act, item: WorkItem, holder: Employee) -> bool:
    """Take the item from who has lost its role; False when he keeps it."""
    if item.pool_role_id is not None:
        if item.claimed_at is None or holds_pool(item, holder):
            return False
        item.assignee = None
        item.claimed_at = None
        item.barred = sorted({*item.barred, *act.decided_people})
        act.change_item(item)
        _record_loss(act, item, holder)
        return True
    if item.reason.get("rule") == "ASKED":
        ranks = ranks_of([holder.pk])[holder.pk]
        if any(rank.line != DutyLine.ADMINISTRATION for rank in ranks):
            return False
    elif not _has_lost(act, item, holder):
        return False
    _record_loss(act, item, holder)
    chosen = act.case.choices.get(item.stage.node_id, ())
    if item.reason.get("rule") in CHOSEN and holder.pk in chosen:
        rest = [pk for pk in chosen if pk != holder.pk]
        act.case.choices = {**act.case.choices, item.stage.node_id: rest}
    lose_holder(act, item, ItemState.REMOVED)
    go_on(act, item.stage, may_pass=False)
    return True


def _has_lost(act: Act, item: WorkItem, holder: Employee) -> bool:
    because, rule = item.reason.get("because"), item.reason.get("rule")
    stands_in = item.on_behalf_of_id is not None and item.on_behalf_of_id != holder.pk
    if stands_in or because in ("transfer", "overdue") or rule == "REASSIGNED":
        settings = act.definition.stage(item.stage.node_id).settings
        return not may_stand_in(holder, settings, act.case)
    if because in _NOT_BY_HIS_ROLE:
        return False
    if rule == AssigneeKind.ROLE:
        reach = RoleReach(item.reason["reach"])
        by_role = AssigneeRule(AssigneeKind.ROLE, role=item.reason["role"], reach=reach)
        return holder.pk not in {row.employee_id for row in holders_of(by_role, act.case)}
    if rule in CHOSEN:
        stage = act.definition.stage(item.stage.node_id)
        choosing = rule_of(stage, AssigneeKind(rule))
        return choosing is not None and holder not in candidates(stage, choosing, act.case)
    return False


def _record_loss(act: Act, item: WorkItem, holder: Employee) -> None:
    act.record(
        EventKind.RELEASED,
        stage=item.stage,
        arrived_at=item.arrived_at,
        by_system=True,
        data={"person": holder.name, "tokens": act.case.tokens},
    )


def stop_unattended_stages(*, now: datetime) -> None:
    """The worker's tick: stop what has lost its people without any act noticing it.

    One transaction a case, so that a locked one delays the others by one wait at most.
    """
    for stage in stages_without_people().order_by("process_id", "pk"):
        with transaction.atomic():
            _stop(stage, None, now)


def _stop(stage: Stage, actor: Employee | None, now: datetime) -> None:
    act = Act(lock_case(pk=stage.process_id), actor=actor, now=now, while_suspended=True)
    still_open = next((s for s in act.open_stages() if s.pk == stage.pk), None)
    if still_open and stages_without_people().filter(pk=stage.pk).exists():
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

    Somebody got a superior, came back, or is free again. One transaction a case, so that a
    locked one delays the others by one wait at most.
    """
    for stage_id, case_id in _blocked_stages():
        with transaction.atomic():
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
    """A pool that has people again, or a stage that found nobody at all when it opened."""
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
    resolved = route.whom(act, stage, settings)
    if resolved.is_empty:
        return False
    note_filled(act, stage, resolved.names() or [resolved.auto_pass])
    if resolved.auto_pass:
        route.pass_by_itself(act, stage, resolved.auto_pass)
    else:
        route.ask(act, stage, resolved, settings)
    return True


def _names(people: Iterable[int]) -> list[str]:
    found = Employee.objects.filter(pk__in=people).order_by("pk")
    return list(found.values_list("name", flat=True))
