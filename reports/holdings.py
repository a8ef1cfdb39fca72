"""Planned tasks and work reports as a person's holdings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from documents.services.keeping import Keeping, hand_over_kept
from lending_crm.common.errors import DomainError
from reports.models import PlanTask, ReportKeeper, WorkReport
from reports.selectors.work_plans import open_tasks
from reports.services.work_plans import hand_over_task
from staff.handing import Holding, Move, Moved, Warrant
from staff.models import Employee

_REASON_LANGUAGE = "zh-hans"
_KEEPING = Keeping(ReportKeeper, "report", "employee", "author", gettext_noop("kept by"))


class PlanTaskHoldings:
    """What is left to do by plans that still run; a plan itself stays its author's."""

    code = "planned_tasks"
    title = gettext_lazy("Planned tasks")
    by_rule = ""
    order = 70
    opens_to_keepers = False

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


class WorkReportWork:
    """工作报告 in a 工作移交: the receiver reads what was submitted; its author stays its author.

    A draft is nobody's but its author's, and goes nowhere.
    """

    code = "work_reports"
    title = gettext_lazy("Work reports")
    by_rule = ""
    option = "history"
    order = 75

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        rows = WorkReport.objects.held_by(employee).select_related("author")
        return [
            Holding(
                report.pk,
                f"{report.report_no} {report.title}",
                f"{report.author.name} {report.get_report_type_display()}",
                report.get_absolute_url(),
            )
            for report in rows.order_by("pk")
        ]

    def hand_over(
        self,
        moves: Sequence[Move],
        *,
        employee: Employee,
        actor: Employee | None,
        now: datetime,
        warrant: Warrant,
    ) -> Mapping[int, Moved]:
        return hand_over_kept(
            keeping=_KEEPING,
            moves=moves,
            held=WorkReport.objects.held_by(employee),
            employee=employee,
            actor=actor,
            now=now,
            warrant=warrant,
        )

    def along(self, pks: Collection[int]) -> dict[str, int]:
        return {}
