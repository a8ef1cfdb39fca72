"""Who loses a role loses what he had claimed through it; the pool gets it back at once.

Where he was the last of the pool, the case stops and the administrators are told.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from staff.models import Employee
from workflows import route
from workflows.access import holds_pool
from workflows.act import Act, lock_case
from workflows.choices import EventKind, ItemState
from workflows.models import Stage, WorkItem
from workflows.pools import stages_without_people


def release_lost_items(*, employee: Employee, actor: Employee, now: datetime) -> None:
    """Give claimed items back whose pool the employee no longer belongs to.

    A stage whose pools are empty now is blocked, as one that finds nobody when it opens
    (WF-11). Called in the transaction that takes the role away.
    """
    holder = Employee.objects.get(pk=employee.pk)
    claimed = WorkItem.objects.filter(
        assignee=holder, state=ItemState.OPEN, claimed_at__isnull=False
    )
    for item_id, case_id in claimed.order_by("case_id").values_list("pk", "case_id"):
        act = Act(lock_case(pk=case_id), actor=actor, now=now, while_suspended=True)
        item = act.item(item_id)
        if item.state != ItemState.OPEN or holds_pool(item, holder):
            continue
        item.assignee = None
        item.claimed_at = None
        act.change_item(item)
        act.record(EventKind.RELEASED, stage=item.stage, arrived_at=item.arrived_at, by_system=True)
        act.commit()
    for stage in stages_without_people().order_by("process_id", "pk"):
        _stop(stage, actor, now)


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
