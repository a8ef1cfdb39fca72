"""Who stands behind a pool item, and where nobody does any more."""

from __future__ import annotations

from django.db.models import Exists, F, Func, IntegerField, OuterRef, Q, QuerySet
from django.db.models.lookups import IsNull
from viewflow.workflow.status import STATUS

from staff.models import RoleAssignment
from workflows.choices import ALIVE, ItemState
from workflows.models import Stage, WorkItem


def pool_holders(item: WorkItem) -> list[int]:
    """The ids of the active people who may take the item now."""
    held = RoleAssignment.objects.filter(role=item.pool_role_id, employee__is_active=True)
    if item.pool_branch_id is not None:
        held = held.filter(Q(branch=None) | Q(branch=item.pool_branch_id))
    if item.pool_department_id is not None:
        held = held.filter(Q(department=None) | Q(department=item.pool_department_id))
    return list(held.exclude(employee__in=item.barred).values_list("employee_id", flat=True))


def open_stages() -> QuerySet[Stage]:
    """Stages of live cases that wait for somebody, the handler's corrections among them."""
    return Stage.objects.filter(outcome="", status=STATUS.ASSIGNED, process__state__in=ALIVE)


def unattended_stages() -> QuerySet[Stage]:
    """Open stages at which nobody can act now, blocked ones among them."""
    barred = Func(
        OuterRef("barred"), F("employee"), function="array_position", output_field=IntegerField()
    )
    holding = RoleAssignment.objects.filter(
        Q(branch=None) | Q(branch=OuterRef("pool_branch")) | IsNull(OuterRef("pool_branch"), True),
        Q(department=None)
        | Q(department=OuterRef("pool_department"))
        | IsNull(OuterRef("pool_department"), True),
        IsNull(barred, True),
        role=OuterRef("pool_role"),
        employee__is_active=True,
    )
    waiting = WorkItem.objects.filter(stage=OuterRef("pk"), state=ItemState.OPEN)
    held = waiting.filter(Q(assignee__is_active=True) | Q(assignee=None) & Exists(holding))
    return open_stages().filter(~Exists(held))


def stages_without_people() -> QuerySet[Stage]:
    """Open stages of the route that have lost everybody; blocked ones left out."""
    return unattended_stages().filter(is_blocked=False).exclude(node_id="")
