"""Who stands behind a pool item, and where nobody does any more."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.lookups import IsNull

from lending_crm.common.keys import Keys
from staff.models import RoleAssignment
from workflows.choices import ALIVE, ItemState
from workflows.models import Stage, WorkItem

#: stages that wait for somebody
OPEN = Q(outcome="", finished=None)


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
    return Stage.objects.filter(OPEN, process__state__in=ALIVE)


def is_attended() -> Exists:
    """Whether somebody can act at a stage now; asked of each stage by itself."""
    held = Q(assignee__is_active=True) | Q(assignee=None) & Exists(_holders())
    return Exists(_open_at_stage().filter(held))


def unattended(stages: QuerySet[Stage]) -> QuerySet[Stage]:
    """Those of the open ``stages`` at which nobody can act now, blocked ones among them.

    Found for all at once: where nobody is asked; and among the few at which somebody is asked
    who is not there any more, where he was the last.
    """
    nobody = stages.filter(~Exists(_open_at_stage()))
    gone = Keys(_stages_that_lost_somebody())
    keys = nobody.values("pk").union(stages.filter(~is_attended(), pk__among=gone).values("pk"))
    return Stage.objects.filter(pk__among=Keys(keys))


def stages_without_people() -> QuerySet[Stage]:
    """Open stages of the route that have lost everybody; blocked ones left out."""
    return unattended(_going_stages())


def lacks_people(stage: Stage) -> bool:
    """Whether the stage is one of those, asked of it alone."""
    return _going_stages().filter(~is_attended(), pk=stage.pk).exists()


def _going_stages() -> QuerySet[Stage]:
    return open_stages().filter(is_blocked=False).exclude(node_id="")


def _open_at_stage() -> QuerySet[WorkItem]:
    return WorkItem.objects.filter(stage=OuterRef("pk"), state=ItemState.OPEN)


def _holders() -> QuerySet[RoleAssignment]:
    """The roles by which somebody may take a pool item, which the outer row is."""
    barred = Func(
        OuterRef("barred"), F("employee"), function="array_position", output_field=IntegerField()
    )
    return RoleAssignment.objects.filter(
        Q(branch=None) | Q(branch=OuterRef("pool_branch")) | IsNull(OuterRef("pool_branch"), True),
        Q(department=None)
        | Q(department=OuterRef("pool_department"))
        | IsNull(OuterRef("pool_department"), True),
        IsNull(barred, True),
        role=OuterRef("pool_role"),
        employee__is_active=True,
    )


class _OfGroup(Exists):
    """Asked of each group, not of each row before they are grouped."""

    contains_aggregate = True


def _stages_that_lost_somebody() -> QuerySet[Any, Any]:
    """The keys of stages that ask somebody who has left, or a pool in which nobody is.

    Who is in a pool is asked once for all of its items that bar the same people.
    """
    asked = WorkItem.objects.filter(state=ItemState.OPEN).order_by()
    of_pool = Func(ArrayAgg("stage"), function="unnest", output_field=BigIntegerField())
    of_empty_pools = (
        asked.filter(assignee=None)
        .values("pool_role", "pool_branch", "pool_department", "barred")
        .annotate(of_pool=of_pool)
        .filter(~_OfGroup(_holders()))
        .values("of_pool")
    )
    return asked.filter(assignee__is_active=False).values("stage").union(of_empty_pools)
