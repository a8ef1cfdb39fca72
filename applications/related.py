"""Reconsiderations and intermediary business on the pages of what they belong to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.desks import INTERMEDIARY, RECONSIDERATIONS
from applications.desks.reconsideration import refusal, rejected_applications
from applications.models import BusinessApplication, IntermediaryApplication, Reconsideration
from applications.permissions import may_apply
from applications.rules.eligibility import customer_refusals
from applications.rules.reconsideration import not_rejected
from customers import errors
from customers.models import Customer, Opportunity
from documents.choices import WfStatus
from documents.panels import Panel, PanelContent
from lending_crm.common.errors import DomainError
from staff.models import Employee

#: rows shown on the page; the list has the rest
SHOWN = 20


def related_panels() -> list[Panel]:
    reconsiderations: dict[str, Any] = {
        "code": "reconsiderations",
        "title": _("Reconsiderations"),
        "template": "applications/_reconsiderations.html",
        "order": 40,
        "empty": _("No reconsiderations; they are made of rejected applications."),
        "is_later": True,
    }
    intermediary: dict[str, Any] = {
        "code": "intermediary",
        "title": _("Intermediary applications"),
        "template": "applications/_intermediary.html",
        "order": 50,
        "empty": _("No intermediary business yet."),
        "is_later": True,
    }
    label = _("Reconsideration")
    return [
        Panel("customer", load=_reconsiderations_of_customer, **reconsiderations),
        Panel(
            "opportunity",
            load=_reconsiderations_of_opportunity,
            new_label=label,
            **reconsiderations,
        ),
        Panel(
            "business_application",
            load=_reconsiderations_of_application,
            new_label=label,
            **reconsiderations,
        ),
        Panel("customer", load=_intermediary_of_customer, **intermediary),
        Panel(
            "opportunity",
            load=_intermediary_of_opportunity,
            new_label=_("Intermediary application"),
            **intermediary,
        ),
    ]


def _shown(rows: Any) -> PanelContent:
    found = list(rows.order_by("-created_at", "-pk")[:SHOWN])
    return PanelContent(count=len(found), data={"rows": found})


def _reconsiderations(user: Employee) -> Any:
    return Reconsideration.objects.visible_to(user).select_related("origin", "handler")


def _intermediary(user: Employee) -> Any:
    return IntermediaryApplication.objects.visible_to(user).select_related("funder", "handler")


def _reconsiderations_of_customer(customer: Customer, user: Employee) -> PanelContent:
    return _shown(_reconsiderations(user).filter(customer=customer))


def _reconsiderations_of_opportunity(opportunity: Opportunity, user: Employee) -> PanelContent:
    """新建 takes the latest rejected application; the others are found from the menu."""
    content = _shown(_reconsiderations(user).filter(opportunity=opportunity))
    if not may_apply(user) or opportunity.customer.owner_id != user.pk:
        return content
    latest = rejected_applications(user).filter(opportunity=opportunity).order_by("-pk").first()
    if latest is None:
        return replace(content, new_reason=_("No application of this opportunity was rejected."))
    return _with_new(content, latest, user)


def _reconsiderations_of_application(
    application: BusinessApplication, user: Employee
) -> PanelContent | None:
    content = _shown(_reconsiderations(user).filter(origin=application))
    if not may_apply(user) or application.customer.owner_id != user.pk:
        return content if content.count else None
    rejected = None
    if application.wf_status == WfStatus.REJECTED:
        rejected = rejected_applications(user).filter(pk=application.pk).first()
    if rejected is None:
        reason = not_rejected(application.doc_no).message
        return replace(content, new_reason=reason) if content.count else None
    return _with_new(content, rejected, user)


def _with_new(
    content: PanelContent, application: BusinessApplication, user: Employee
) -> PanelContent:
    refused = refusal(application, user)
    reasons = [refused] if refused else _business_refusals(application.opportunity)
    if reasons:
        return replace(content, new_reason=reasons[0].message)
    return replace(content, new_url=RECONSIDERATIONS.new_url(application))


def _intermediary_of_customer(customer: Customer, user: Employee) -> PanelContent:
    return _shown(_intermediary(user).filter(customer=customer))


def _intermediary_of_opportunity(opportunity: Opportunity, user: Employee) -> PanelContent:
    content = _shown(_intermediary(user).filter(opportunity=opportunity))
    if not may_apply(user) or opportunity.customer.owner_id != user.pk:
        return content
    if reasons := _business_refusals(opportunity):
        return replace(content, new_reason=reasons[0].message)
    return replace(content, new_url=INTERMEDIARY.new_url(opportunity))


def _business_refusals(opportunity: Opportunity) -> list[DomainError]:
    """What stands against any business of the opportunity (BUS-07, OPP-05)."""
    reasons = list(customer_refusals(opportunity.customer))
    if not opportunity.is_open:
        reasons.append(errors.opportunity_closed())
    return reasons
