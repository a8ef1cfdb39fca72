"""The business objects that a work report can count from the apps that are below it."""

from __future__ import annotations

from datetime import date

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from applications.models import BusinessApplication
from customers.models import Customer, FollowUp, StageChange
from documents.choices import WfStatus
from staff.models import Employee
from staff.work_figures import Figure, FigureSource


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


OWN_FIGURES = (
    FigureSource("new_customers", _("New customers"), _new_customers, order=10),
    FigureSource("follow_ups", _("Follow-ups"), _follow_ups, order=20),
    FigureSource("stage_moves", _("Stage moves"), _stage_moves, order=30),
    FigureSource("applications", _("Business applications"), _applications, order=40),
)
