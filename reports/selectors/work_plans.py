"""What the pages of work plans read, and what a work report takes from them (X4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from customers.models import Customer
from reports.choices import TaskState
from reports.models import PlanComment, PlanTask, WorkPlan
from staff.models import Employee

TABS = ("mine", "below")
_STATES = dict(TaskState.choices)


def plan_list(user: Employee, *, tab: str) -> QuerySet[WorkPlan]:
    """One of the two tabs with how much is done; an unknown one is 我的计划."""
    rows: Any = WorkPlan.objects.select_related("author", "branch").annotate(
        planned=Count("tasks"),
        done=Count("tasks", filter=Q(tasks__state=TaskState.DONE)),
        missed=Count("tasks", filter=Q(tasks__state=TaskState.NOT_DONE)),
    )
    return rows.of_people_below(user) if tab == "below" else rows.written_by(user)


def visible_plans(user: Employee) -> QuerySet[WorkPlan]:
    """Every plan in sight, for the API and for one page."""
    return WorkPlan.objects.visible_to(user).select_related("author", "department", "branch")


def visible_tasks(user: Employee) -> QuerySet[PlanTask]:
    return PlanTask.objects.visible_to(user).select_related(
        "plan__author", "customer", "added_by", "photo"
    )


@dataclass(frozen=True)
class PlanPage:
    """One plan with its tasks and what was said about it."""

    plan: WorkPlan
    tasks: Sequence[PlanTask]
    comments: Sequence[PlanComment]
    is_running: bool

    @property
    def done(self) -> int:
        return sum(task.state == TaskState.DONE for task in self.tasks)

    @property
    def visits(self) -> int:
        return sum(task.is_visit and task.state == TaskState.DONE for task in self.tasks)


def plan_page(plan: WorkPlan, *, now: datetime) -> PlanPage:
    return PlanPage(
        plan=plan,
        tasks=list(plan.tasks.select_related("customer", "added_by", "photo")),
        comments=list(plan.comments.select_related("by")),
        is_running=plan.ends_on >= timezone.localdate(now),
    )


def tasks_of_customer(customer: Customer, user: Employee) -> QuerySet[PlanTask]:
    """Tasks and visits planned for the customer, of plans in sight, the newest first."""
    return visible_tasks(user).filter(customer=customer).order_by("-id")


def tasks_within(author: Employee, first: date, last: date) -> QuerySet[PlanTask]:
    """The author's tasks of all plans that lie wholly within the days: a week's report counts
    the plans of its days and of the week, not a seventh of the month's."""
    return PlanTask.objects.filter(
        plan__author=author, plan__starts_on__gte=first, plan__ends_on__lte=last
    ).order_by("plan__starts_on", "plan_id", "id")


def open_tasks(employee: Employee, *, day: date) -> QuerySet[PlanTask]:
    """What he still has to do by plans whose period is not over on ``day``."""
    return (
        PlanTask.objects.filter(plan__author=employee, plan__ends_on__gte=day, state=TaskState.OPEN)
        .select_related("plan", "customer")
        .order_by("id")
    )


def frozen_rows(author: Employee, first: date, last: date) -> list[dict[str, Any]]:
    """计划与实际 as plain JSON: type and day of the plan, task, customer, state, outcome."""
    return [
        {
            "plan_type": task.plan.plan_type,
            "starts_on": task.plan.starts_on.isoformat(),
            "content": task.content,
            "customer": task.customer.name if task.customer else "",
            "is_visit": task.is_visit,
            "state": task.state,
            "outcome": task.outcome,
        }
        for task in tasks_within(author, first, last).select_related("plan", "customer")
    ]


@dataclass(frozen=True)
class PlanRow:
    """One row of the frozen comparison, as a reader sees it."""

    content: str
    customer: str
    is_visit: bool
    state: str
    label: Any
    outcome: str


def rows_shown(rows: Sequence[dict[str, Any]]) -> list[PlanRow]:
    return [
        PlanRow(
            content=row["content"],
            customer=row["customer"],
            is_visit=row["is_visit"],
            state=row["state"],
            label=_STATES.get(row["state"], row["state"]),
            outcome=row["outcome"],
        )
        for row in rows
    ]


def exported_tasks(user: Employee, query: QueryDict, now: datetime) -> QuerySet[PlanTask]:
    """The tasks of the plans of a tab, the newest plan first."""
    plans = WorkPlan.objects.all()
    shown = plans.of_people_below(user) if query.get("tab") == "below" else plans.written_by(user)
    return (
        PlanTask.objects.filter(plan__in=shown)
        .select_related("plan__author", "customer", "added_by")
        .order_by("-plan__starts_on", "-plan_id", "id")
    )
