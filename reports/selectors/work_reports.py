"""What the pages of work reports read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise

from reports.models import ReportComment, ReportReceiver, WorkReport
from reports.selectors.work_plans import PlanRow, rows_shown
from staff.models import Employee
from staff.work_figures import figure_sources

_ABOVE = """
    WITH RECURSIVE above(id) AS (
        SELECT superior_id FROM staff_employee WHERE id = %s
        UNION
        SELECT person.superior_id FROM staff_employee person JOIN above ON person.id = above.id
    ) SELECT id FROM above WHERE id IS NOT NULL
"""
TABS = ("mine", "below", "copied")


def superiors_of(employee: Employee) -> QuerySet[Employee]:
    """Everybody above him who works here: the direct superior, his superior and so on."""
    chain = RawSQL(_ABOVE, [employee.pk])  # noqa: S611 - the text is a constant
    return Employee.objects.active().filter(pk__in=chain).order_by("employee_no")


def is_superior(person: Employee, *, of: Employee) -> bool:
    return superiors_of(of).filter(pk=person.pk).exists()


def report_list(user: Employee, *, tab: str) -> QuerySet[WorkReport]:
    """One of the three tabs; an unknown one is 我的工作报告."""
    rows: Any = WorkReport.objects.visible_to(user).select_related("author", "branch")
    if tab == "below":
        return rows.of_people_below(user)
    return rows.copied_to(user) if tab == "copied" else rows.written_by(user)


def visible_reports(user: Employee) -> QuerySet[WorkReport]:
    """Every report in sight, for the API and for one page."""
    return WorkReport.objects.visible_to(user).select_related("author", "department", "branch")


@dataclass(frozen=True)
class Line:
    """One line of the frozen table; ``label`` is the code once its source is gone."""

    label: str | Promise
    count: int
    amount: Decimal | None
    due: int | None


def table_of(report: WorkReport) -> list[Line]:
    sources = figure_sources()
    return [
        Line(
            label=sources[row["code"]].label if row["code"] in sources else row["code"],
            count=row["count"],
            amount=None if row["amount"] is None else Decimal(row["amount"]),
            due=row["due"],
        )
        for row in report.figures
    ]


@dataclass(frozen=True)
class ReportPage:
    """One report with its table, whom it was sent to and what was said about it."""

    report: WorkReport
    table: list[Line]
    plan_rows: list[PlanRow]
    receivers: Sequence[ReportReceiver]
    comments: Sequence[ReportComment]


def report_page(report: WorkReport) -> ReportPage:
    return ReportPage(
        report=report,
        table=table_of(report),
        plan_rows=rows_shown(report.plan_rows),
        receivers=list(report.receivers.select_related("employee")),
        comments=list(report.comments.select_related("by")),
    )
