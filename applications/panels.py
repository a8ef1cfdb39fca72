"""Applications on the pages of customers and opportunities, and in the global search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.desks import APPLICATIONS, INTERMEDIARY, RECONSIDERATIONS
from applications.permissions import may_apply
from applications.related import related_panels
from applications.rules import refusals
from applications.rules.eligibility import customer_refusals
from applications.selectors import applications_of_opportunity
from customers import errors
from customers.rules.permissions import may_edit
from customers.search import Hit, Provider, Shown, register_provider
from documents.choices import WfStatus
from documents.desk import Desk
from documents.panels import Panel, PanelContent, register_panel
from lending_crm.common.search import with_words
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
    for panel in related_panels():
        register_panel(panel)
    for desk, code, order in (
        (APPLICATIONS, "applications", 40),
        (RECONSIDERATIONS, RECONSIDERATIONS.path, 40 + RECONSIDERATIONS.order),
        (INTERMEDIARY, INTERMEDIARY.path, 40 + INTERMEDIARY.order),
    ):
        register_provider(
            Provider(
                code=code,
                label=desk.plural,
                icon=desk.icon,
                rows=partial(_find_of, desk),
                columns=("doc_no", "customer__name", "wf_status", "handler__name"),
                hit=partial(_hit, desk),
                list_url=partial(desk.url, "list"),
                order=order,
                looks_in=partial(_looked_in, desk),
            )
        )


def of_opportunity(opportunity: Any, user: Employee) -> PanelContent:
    """New ones may be made here by the account manager while nothing stands against it."""
    rows = list(applications_of_opportunity(opportunity, user)[:SHOWN])
    content = PanelContent(count=len(rows), data={"documents": rows})
    if not may_apply(user) or not may_edit(user, opportunity.customer):
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


def _looked_in(desk: Desk) -> tuple[type[Model], Sequence[str]]:
    return desk.kind.model, desk.searched


def _find_of(desk: Desk, user: Employee, text: str) -> QuerySet:
    """By number, subject, or the customer's name in characters or pinyin."""
    return with_words(desk.rows(user), text, desk.searched)


def _hit(desk: Desk, pk: int, shown: Shown) -> Hit:
    return Hit(
        desk.kind.url(pk),
        f"{shown['doc_no']} {shown['customer__name']}",
        (WfStatus(shown["wf_status"]).label, shown["handler__name"]),
    )
