"""Planned tasks as a person's holdings."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_lazy

from lending_crm.common.errors import DomainError
from reports.models import PlanTask
from reports.selectors.work_plans import open_tasks
from reports.services.work_plans import hand_over_task
from staff.handing import Holding
from staff.models import Employee

_REASON_LANGUAGE = "zh-hans"


class PlanTaskHoldings:
    """What is left to do by plans that still run; a plan itself stays its author's."""

    code = "planned_tasks"
    title = gettext_lazy("Planned tasks")
    by_rule = ""
    order = 70

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        return [
            Holding(
                task.pk,
                task.content,
                f"{task.plan.plan_no} {task.customer or ''}".strip(),
                task.plan.get_absolute_url(),
                task.customer_id,
            )
            for task in open_tasks(employee, day=timezone.localdate(now))
        ]

    def move(
        self,
        *,
        pk: int,
        employee: Employee,
        successor: Employee | None,
        actor: Employee,
        now: datetime,
    ) -> str:
        if successor is None:
            raise DomainError(
                "HND-09",
                gettext_lazy("Name who takes it over."),
                status=422,
                field="successor",
            )
        with translation.override(_REASON_LANGUAGE):
            reason = gettext("handed over to %(name)s") % {"name": successor.name}
        task = PlanTask.objects.get(pk=pk)
        hand_over_task(task=task, successor=successor, reason=reason, actor=actor, now=now)
        return successor.name
