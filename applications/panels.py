"""Applications on the pages of customers and opportunities, and in the global search."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.permissions import may_apply
from applications.rules import refusals
from applications.rules.eligibility import customer_refusals
from applications.selectors import (
    application_list,
    applications_of_customer,
    applications_of_opportunity,
)
from customers import errors
from customers.search import Hit, Provider, register_provider
from documents.choices import WfStatus
from documents.panels import Panel, PanelContent, register_panel
from staff.models import Employee

#: rows shown on the page; the list has the rest
SHOWN = 20


def register() -> None:
    register_panel(
        Panel(
            subject="opportunity",
            code="applications",
            title=_("Business applications"),
            template="applications/_panel.html",
            load=of_opportunity,
            order=10,
            new_label=_("Business application"),
            empty=_("No applications yet."),
        )
    )
    register_panel(
        Panel(
            subject="customer",
            code="applications",
            title=_("Business applications"),
            template="applications/_panel.html",
            load=of_customer,
            order=30,
            empty=_("No applications yet; they are made from an opportunity."),
        )
    )
    register_provider(
        Provider(
            code="applications",
            label=_("Business applications"),
            icon="file-dollar",
            find=find,
            list_url=lambda: reverse("applications:list"),
            order=40,
        )
    )


def of_opportunity(opportunity: Any, user: Employee) -> PanelContent:
    """New ones may be made here by the account manager while nothing stands against it."""
    rows = list(applications_of_opportunity(opportunity, user)[:SHOWN])
    content = PanelContent(count=len(rows), data={"rows": rows})
    if not may_apply(user) or opportunity.customer.owner_id != user.pk:
        return content
    reasons = list(customer_refusals(opportunity.customer))
    if not opportunity.is_open:
        reasons.append(errors.opportunity_closed())
    open_one = next((row for row in rows if row.open_opportunity_id == opportunity.pk), None)
    if open_one is not None:
        reasons.append(refusals.application_open(open_one.doc_no))
    if reasons:
        return replace(content, new_reason=reasons[0].message)
    return replace(content, new_url=reverse("applications:new", args=[opportunity.pk]))


def of_customer(customer: Any, user: Employee) -> PanelContent:
    rows = list(applications_of_customer(customer, user)[:SHOWN])
    return PanelContent(count=len(rows), data={"rows": rows})


def find(user: Employee, text: str, limit: int) -> list[Hit]:
    """By number, subject, or the customer's name in characters or pinyin."""
    rows = application_list(user)
    for word in text.lower().split():
        rows = rows.filter(
            Q(doc_no__icontains=word)
            | Q(subject__icontains=word)
            | Q(customer__search_text__contains=word)
        )
    return [
        Hit(
            row.get_absolute_url(),
            f"{row.doc_no} {row.customer.name}",
            (WfStatus(row.wf_status).label, row.handler.name),
        )
        for row in rows.order_by("-created_at", "-pk")[:limit]
    ]
