"""Planned tasks and visits on the page of their customer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from documents.panels import Panel, PanelContent, register_panel
from reports.selectors.work_plans import tasks_of_customer
from staff.models import Employee

#: rows shown on the page
SHOWN = 20


def register() -> None:
    register_panel(
        Panel(
            "customer",
            "planned-tasks",
            _("Planned tasks and visits"),
            "reports/_planned_tasks.html",
            planned_for,
            order=95,
            empty=_("Nothing is planned with this customer."),
            is_later=True,
        )
    )


def planned_for(customer: Customer, user: Employee) -> PanelContent:
    rows = list(tasks_of_customer(customer, user)[:SHOWN])
    return PanelContent(len(rows), {"rows": rows})
