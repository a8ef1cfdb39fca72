"""Planned tasks and work reports as a person's holdings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.utils import timezone, translation
from django.utils.translation import gettext, gettext_lazy, gettext_noop

from documents import errors
from lending_crm.common.changes import changed_fields
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from reports.models import PlanTask, ReportKeeper, WorkReport
from reports.selectors.work_plans import open_tasks
from reports.services.work_plans import hand_over_task
from staff.handing import Holding, Move, Moved, Warrant
from staff.models import Employee
from staff.services.handing import refused

_REASON_LANGUAGE = "zh-hans"
#: what a row of 修改记录 is about when a report changed hands
_KEEPER = gettext_noop("kept by")


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
        """A handful of statements for all of them; HND-11 for what is not his any more."""
        pks = [move.holding.pk for move in moves]
        locked = WorkReport.objects.select_for_update(of=("self",), no_key=True)
        list(locked.filter(pk__in=pks).order_by("pk").values_list("pk"))
        held = WorkReport.objects.held_by(employee).select_related("branch").in_bulk(pks)
        done: dict[int, Moved] = {}
        keepers: list[ReportKeeper] = []
        changes: list[ChangeRecord] = []
        for move in moves:
            report, successor = held.get(move.holding.pk), move.successor
            if report is None:
                done[move.holding.pk] = refused(move, errors.not_his_any_more(employee.name))
            elif successor is None:
                done[move.holding.pk] = refused(move, errors.needs_successor())
            elif successor.branch_id != report.branch_id and not warrant.crosses_branches:
                reason = errors.receiver_elsewhere(report.branch.name)
                done[move.holding.pk] = refused(move, reason)
            else:
                keepers.append(ReportKeeper(report=report, employee=successor, since=now))
                changes += changed_fields(
                    instance=report,
                    before={_KEEPER: employee.name},
                    after={_KEEPER: successor.name},
                    actor=actor,
                    now=now,
                )
                done[move.holding.pk] = Moved(
                    move.holding.label, move.holding.url, said=successor.name
                )
        _keep(keepers)
        ChangeRecord.objects.bulk_create(changes)
        return done

    def along(self, pks: Collection[int]) -> dict[str, int]:
        return {}


def _keep(keepers: Sequence[ReportKeeper]) -> None:
    """A report that comes back to its author needs nobody to keep it."""
    back = {each.report_id for each in keepers if each.employee_id == each.report.author_id}
    ReportKeeper.objects.filter(report__in=back).delete()
    ReportKeeper.objects.bulk_create(
        [each for each in keepers if each.report_id not in back],
        update_conflicts=True,
        unique_fields=["report"],
        update_fields=["employee", "since"],
    )
