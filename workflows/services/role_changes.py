"""Roles come and go under running cases: nobody keeps what he held through a role he lost, and
whoever gets a role takes up what stood still for want of people.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from staff.choices import DutyLine
from staff.models import Branch, Employee, Role
from workflows import route
from workflows.access import holds_pool
from workflows.act import Act, lock_case
from workflows.assignment import deciding_lines, holders_of, may_stand_in, resolve
from workflows.bpmn.model import AssigneeKind, AssigneeRule, DecideMode, RoleReach
from workflows.choices import LIVE, CaseState, EventKind, ItemState
from workflows.choosing import with_choices
from workflows.models import Stage, WorkItem
from workflows.pools import pool_holders, stages_without_people
from workflows.settlement import settle, turns_at

#: the person was asked as the superior of somebody, or in place of one who is away
_NOT_BY_HIS_ROLE = ("handler", "decided", "empty")


def release_lost_items(*, employee: Employee, actor: Employee, now: datetime) -> None:
    """Take from a person what he held through a role that he has lost.

    Claimed items go back to their pool, seats of a countersign, a sequence or a vote to the
    role's other holders, signers who decide nowhere any more need not sign. A stage without
    anybody left is blocked, as one that finds nobody when it opens (WF-11). Called in the
    transaction that takes the role away.
    """
    holder = Employee.objects.get(pk=employee.pk)
    held = WorkItem.objects.filter(assignee=holder, state__in=LIVE).filter(
        Q(claimed_at__isnull=False) | Q(reason__rule__in=[AssigneeKind.ROLE.value, "ASKED"])
    )
    for item_id, case_id in held.order_by("case_id", "pk").values_list("pk", "case_id"):
        act = Act(lock_case(pk=case_id), actor=actor, now=now, while_suspended=True)
        item = act.item(item_id)
        if item.state in LIVE and _take_away(act, item, holder):
            act.commit()
    for stage in stages_without_people().order_by("process_id", "pk"):
        _stop(stage, actor, now)


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
        if deciding_lines(holder) - {DutyLine.ADMINISTRATION}:
            return False
        _remove(act, item)
    elif not _has_lost(act, item, holder):
        return False
    elif _others_sit(act, item):
        _remove(act, item)
    else:
        _vacate(act, item)
    _record_loss(act, item, holder)
    settings = act.definition.stage(item.stage.node_id).settings
    settle(act, item.stage, settings)
    return True


def _has_lost(act: Act, item: WorkItem, holder: Employee) -> bool:
    if item.reason.get("because") in _NOT_BY_HIS_ROLE or item.on_behalf_of_id is not None:
        return False
    if item.reason.get("because") in ("transfer", "overdue"):
        return not may_stand_in(holder, item.stage.duty_line)
    return holder.pk not in {row.employee_id for row in holders_of(_rule(item), act.case)}


def _rule(item: WorkItem) -> AssigneeRule:
    """The rule by which the seat was filled, as it was stored with the item."""
    reach = RoleReach(item.reason["reach"])
    return AssigneeRule(AssigneeKind.ROLE, role=item.reason["role"], reach=reach)


def _others_sit(act: Act, item: WorkItem) -> bool:
    """Whether the role is still represented at the stage by another of its holders."""
    turns = turns_at(item.stage, act.items, act.definition.stage(item.stage.node_id).settings)
    return any(
        other is not item and all(other.reason.get(k) == item.reason[k] for k in ("role", "reach"))
        for other in turns.seated()
    )


def _remove(act: Act, item: WorkItem) -> None:
    turns = turns_at(item.stage, act.items, act.definition.stage(item.stage.node_id).settings)
    for each in (item, *turns.below(item)):
        if each.state in LIVE:
            each.state = ItemState.REMOVED
            act.change_item(each)


def _vacate(act: Act, item: WorkItem) -> None:
    """The seat goes to the role's holders: whoever holds it, now or later, finds it at once."""
    state, item.state = item.state, ItemState.REMOVED
    act.change_item(item)
    case, reach = act.case, RoleReach(item.reason["reach"])
    asked = {i.assignee_id for i in act.items_of(item.stage) if i.assignee_id and i is not item}
    branch_id = case.branch_id if reach in (RoleReach.BRANCH, RoleReach.DEPARTMENT) else None
    if reach == RoleReach.HEAD_OFFICE:
        offices = Branch.objects.filter(is_head_office=True)
        branch_id = offices.values_list("pk", flat=True).first()
    reason = {key: item.reason[key] for key in ("rule", "role", "reach")}
    settings = act.definition.stage(item.stage.node_id).settings
    empty = act.add_item(
        WorkItem(
            case=case,
            stage=item.stage,
            state=state,
            round=case.round,
            seat=item.seat,
            weight=item.weight,
            has_veto=item.has_veto,
            pool_role=Role.objects.get(code=item.reason["role"]),
            pool_branch_id=branch_id,
            pool_department_id=case.department_id if reach == RoleReach.DEPARTMENT else None,
            claim_required=settings.claim_required,
            reason=reason,
            barred=sorted({case.handler_id, case.creator_id, *act.decided_people, *asked}),
            arrived_at=act.now,
            due_at=item.stage.due_at,
        )
    )
    people = pool_holders(empty)
    if not people and not item.stage.is_blocked:
        # The others may still answer; without this seat the stage does not pass.
        route.block(act, item.stage)
    if state == ItemState.OPEN:
        act.notify("work_item.arrived", people, step=item.stage.title)


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
    """Ask again at every stage that stands still for want of people; somebody got a role.

    Called in the transaction that gives the role to ``employee``.
    """
    blocked = Stage.objects.filter(is_blocked=True, outcome="").order_by("process_id", "pk")
    for stage_id, case_id in blocked.values_list("pk", "process_id"):
        act = Act(lock_case(pk=case_id), actor=actor, now=now, while_suspended=True)
        stage = next((s for s in act.open_stages() if s.pk == stage_id), None)
        if stage is None or not stage.is_blocked or act.case.state != CaseState.IN_APPROVAL:
            continue
        if _wake(act, stage, employee):
            act.commit()


def _wake(act: Act, stage: Stage, employee: Employee) -> bool:
    settings = act.definition.stage(stage.node_id).settings
    waiting = [item for item in act.items_of(stage) if item.state in LIVE]
    if waiting:
        takers = [
            {item.assignee_id} if item.assignee_id else pool_holders(item) for item in waiting
        ]
        enough = any if settings.decide == DecideMode.ANY else all
        if not enough(takers):
            return False
        _unblock(act, stage, employee)
        act.notify("work_item.arrived", [employee.pk], exclude_actor=False, step=stage.title)
        return True
    resolved = resolve(
        with_choices(settings, act.case, stage.node_id),
        act.case,
        kind=act.kind,
        document=lambda: act.document,
        decided=act.decided_people,
        now=act.now,
    )
    if resolved.is_empty:
        return False
    _unblock(act, stage, employee)
    if resolved.auto_pass:
        route.pass_by_itself(act, stage, resolved.auto_pass)
    else:
        route.ask(act, stage, resolved, settings)
    return True


def _unblock(act: Act, stage: Stage, employee: Employee) -> None:
    stage.is_blocked = False
    act.change_stage(stage)
    act.moved()
    act.record(EventKind.UNBLOCKED, stage=stage, by_system=True, data={"person": employee.name})
