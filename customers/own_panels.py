"""The related lists that this app itself puts on the tabs of a customer.

Its first page is full: who is related stands with the graph, grades and shares of deals with
the change log.
"""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.choices import CustomerStatus, CustomerType
from customers.models import Customer
from customers.rules.permissions import may_keep_register
from customers.selectors.pool import credit_of, grade_history
from customers.selectors.related import register
from customers.selectors.tiers import tier_history
from documents.panels import Panel, PanelContent, register_panel
from staff.models import Employee

_SHOWN = 50
#: the tabs, as subjects of ``panels_of``
GRAPH, HISTORY = "customer_graph", "customer_history"


def register_own() -> None:
    register_panel(
        Panel(
            GRAPH,
            "related-employees",
            _("Related employees"),
            "customers/staff_relation_panel.html",
            _related_employees,
            order=300,
            empty=_("No employee is declared as related to this customer."),
        )
    )
    register_panel(
        Panel(
            HISTORY,
            "grades",
            _("Grade history"),
            "customers/grade_panel.html",
            _grades,
            order=310,
            empty=_("No change of grade yet; every prospect is graded daily."),
        )
    )
    register_panel(
        Panel(
            HISTORY,
            "credits",
            _("Shares of closed deals"),
            "customers/credit_panel.html",
            _credits,
            order=320,
        )
    )
    register_panel(
        Panel(
            HISTORY,
            "tiers",
            _("Tier history"),
            "customers/tier_panel.html",
            _tiers,
            order=315,
            empty=_("No change of tier yet; a form moves it."),
        )
    )


def _tiers(customer: Customer, user: Employee) -> PanelContent | None:
    # A prospect has a grade and no tier, and nothing to ask for.
    if customer.biz_status == CustomerStatus.PROSPECT:
        return None
    rows = list(tier_history(customer)[:_SHOWN])
    return PanelContent(len(rows), {"rows": rows})


def _grades(customer: Customer, user: Employee) -> PanelContent | None:
    if customer.customer_type == CustomerType.CHANNEL:
        return None
    rows = list(grade_history(customer)[:_SHOWN])
    return PanelContent(len(rows), {"rows": rows})


def _credits(customer: Customer, user: Employee) -> PanelContent | None:
    # Before the first deal there is nothing to share and nothing to ask.
    if customer.biz_status == CustomerStatus.PROSPECT:
        return None
    rows = list(credit_of(customer)[:_SHOWN])
    return PanelContent(len(rows), {"rows": rows}) if rows else None


def _related_employees(customer: Customer, user: Employee) -> PanelContent | None:
    if not may_keep_register(user):
        return None
    rows = list(register().filter(customer=customer))
    return PanelContent(
        len(rows),
        {"rows": rows, "customer": customer},
        new_url=reverse("customers:related-employee-new", args=[customer.pk]),
    )
