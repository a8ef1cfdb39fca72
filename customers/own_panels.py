"""The related lists that this app itself puts on the page of a customer."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.panels import Panel, PanelContent, register_panel
from customers.rules.permissions import may_keep_register
from customers.selectors.related import register
from staff.models import Employee


def register_own() -> None:
    register_panel(
        Panel(
            "customer",
            "related-employees",
            _("Related employees"),
            "customers/staff_relation_panel.html",
            _related_employees,
            order=300,
            empty=_("No employee is declared as related to this customer."),
        )
    )


def _related_employees(customer: Customer, user: Employee) -> PanelContent | None:
    if not may_keep_register(user):
        return None
    rows = list(register().filter(customer=customer))
    return PanelContent(
        len(rows),
        {"rows": rows, "customer": customer},
        new_url=reverse("customers:related-employee-new", args=[customer.pk]),
    )
