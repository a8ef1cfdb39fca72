"""The business objects that a work report can count from the apps that are below it."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from applications.models import BusinessApplication
from customers.models import Customer, FollowUp, StageChange
from documents.choices import WfStatus
from reports.choices import TaskState
from reports.models import PlanTask
from reports.selectors.work_plans import tasks_within
from staff.models import Employee
from staff.work_figures import Figure, FigureSource

#: the object whose table also keeps the tasks one by one
PLANNED_TASKS = "planned_tasks"


def _new_customers(author: Employee, first: date, last: date) -> Figure:
    rows = Customer.objects.filter(creator=author, created_at__date__range=(first, last))
    return Figure(rows.count())


def _follow_ups(author: Employee, first: date, last: date) -> Figure:
    return Figure(FollowUp.objects.filter(by=author, at__date__range=(first, last)).count())


def _stage_moves(author: Employee, first: date, last: date) -> Figure:
    """What the system moved counts for nobody; the first stage of a new one is no move."""
    rows = StageChange.objects.filter(
        by=author, at__date__range=(first, last), from_stage__isnull=False
    )
    return Figure(rows.count())


def _applications(author: Employee, first: date, last: date) -> Figure:
    rows = BusinessApplication.objects.filter(
        handler=author, created_at__date__range=(first, last)
    ).exclude(wf_status=WfStatus.VOID)
    return Figure(rows.count(), amount=rows.aggregate(total=Sum("amount_total"))["total"])


def _planned_tasks(author: Employee, first: date, last: date) -> Figure:
    """计划与实际: done of what was planned."""
    return _done_of(tasks_within(author, first, last))


def _planned_visits(author: Employee, first: date, last: date) -> Figure:
    return _done_of(tasks_within(author, first, last).filter(is_visit=True))


def _done_of(tasks: QuerySet[PlanTask]) -> Figure:
    return Figure(tasks.filter(state=TaskState.DONE).count(), due=tasks.count())


OWN_FIGURES = (
    FigureSource("new_customers", _("New customers"), _new_customers, order=10),
    FigureSource("follow_ups", _("Follow-ups"), _follow_ups, order=20),
    FigureSource("stage_moves", _("Stage moves"), _stage_moves, order=30),
    FigureSource("applications", _("Business applications"), _applications, order=40),
    FigureSource(PLANNED_TASKS, _("Planned tasks"), _planned_tasks, order=90),
    FigureSource("planned_visits", _("Planned visits"), _planned_visits, order=91),
)
