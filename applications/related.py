"""Applications of every kind on the pages of what they belong to."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.desks import APPLICATIONS, INTERMEDIARY, RECONSIDERATIONS
from applications.desks.reconsideration import refusal, rejected_applications
from applications.models import BusinessApplication
from applications.permissions import may_apply
from applications.rules.eligibility import customer_refusals
from applications.rules.reconsideration import not_rejected
from customers import errors
from customers.models import Opportunity
from documents.choices import WfStatus
from documents.desk.panels import document_panel
from documents.panels import Panel, PanelContent
from lending_crm.common.errors import DomainError
from staff.models import Employee


def related_panels() -> list[Panel]:
    reconsiderations: dict[str, Any] = {
        "code": "reconsiderations",
        "template": "applications/_reconsiderations.html",
        "order": 40,
        "empty": _("No reconsiderations; they are made of rejected applications."),
    }
    intermediary: dict[str, Any] = {
        "code": "intermediary",
        "template": "applications/_intermediary.html",
        "order": 50,
        "empty": _("No intermediary business yet."),
    }
    label = _("Reconsideration")
    return [
        document_panel(
            APPLICATIONS,
            subject="customer",
            find=lambda rows, customer: rows.filter(customer=customer),
            code="applications",
            template="applications/_panel.html",
            order=30,
            empty=_("No applications yet; they are made from an opportunity."),
        ),
        document_panel(
            RECONSIDERATIONS,
            subject="customer",
            find=lambda rows, customer: rows.filter(customer=customer),
            **reconsiderations,
        ),
        document_panel(
            RECONSIDERATIONS,
            subject="opportunity",
            find=lambda rows, opportunity: rows.filter(opportunity=opportunity),
            begin=_of_opportunity,
            new_label=label,
            **reconsiderations,
        ),
        document_panel(
            RECONSIDERATIONS,
            subject="business_application",
            find=lambda rows, application: rows.filter(origin=application),
            begin=_of_application,
            new_label=label,
            **reconsiderations,
        ),
        document_panel(
            INTERMEDIARY,
            subject="customer",
            find=lambda rows, customer: rows.filter(customer=customer),
            **intermediary,
        ),
        document_panel(
            INTERMEDIARY,
            subject="opportunity",
            find=lambda rows, opportunity: rows.filter(opportunity=opportunity),
            begin=_arrange,
            new_label=_("Intermediary application"),
            **intermediary,
        ),
    ]


def _of_opportunity(opportunity: Opportunity, user: Employee) -> PanelContent:
    """新建 takes the latest rejected application; the others are found from the menu."""
    if not may_apply(user) or opportunity.customer.owner_id != user.pk:
        return PanelContent()
    latest = rejected_applications(user).filter(opportunity=opportunity).order_by("-pk").first()
    if latest is None:
        return PanelContent(new_reason=_("No application of this opportunity was rejected."))
    return _begun_from(latest, user)


def _of_application(application: BusinessApplication, user: Employee) -> PanelContent:
    """Of an application that was not rejected nothing is said while it has no reconsideration."""
    if not may_apply(user) or application.customer.owner_id != user.pk:
        return PanelContent(is_for_rows=True)
    rejected = None
    if application.wf_status == WfStatus.REJECTED:
        rejected = rejected_applications(user).filter(pk=application.pk).first()
    if rejected is None:
        reason = not_rejected(application.doc_no).message
        return PanelContent(new_reason=reason, is_for_rows=True)
    return _begun_from(rejected, user)


def _begun_from(application: BusinessApplication, user: Employee) -> PanelContent:
    refused = refusal(application, user)
    reasons = [refused] if refused else _business_refusals(application.opportunity)
    if reasons:
        return PanelContent(new_reason=reasons[0].message)
    return PanelContent(new_url=RECONSIDERATIONS.new_url(application))


def _arrange(opportunity: Opportunity, user: Employee) -> PanelContent:
    if not may_apply(user) or opportunity.customer.owner_id != user.pk:
        return PanelContent()
    if reasons := _business_refusals(opportunity):
        return PanelContent(new_reason=reasons[0].message)
    return PanelContent(new_url=INTERMEDIARY.new_url(opportunity))


def _business_refusals(opportunity: Opportunity) -> list[DomainError]:
    """What stands against any business of the opportunity (BUS-07, OPP-05)."""
    reasons = list(customer_refusals(opportunity.customer))
    if not opportunity.is_open:
        reasons.append(errors.opportunity_closed())
    return reasons
