"""Contract reviews on the pages of applications and customers."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.assessment import KIND_CODE as APPLICATION
from applications.assessment import local_day
from applications.choices import BizStatus
from applications.models import BusinessApplication
from contracts.desk import REVIEW_DESK
from contracts.rules.creation import may_review, other_review, unsignable
from documents.desk.panels import document_panel
from documents.ownership import carries_on
from documents.panels import PanelContent, register_panel
from staff.models import Employee


def register() -> None:
    register_panel(
        document_panel(
            REVIEW_DESK,
            subject=APPLICATION,
            find=lambda rows, application: rows.filter(application=application),
            begin=push_down,
            order=20,
        )
    )
    register_panel(
        document_panel(
            REVIEW_DESK,
            subject="customer",
            find=lambda rows, customer: rows.filter(customer=customer),
            order=40,
        )
    )


def push_down(application: BusinessApplication, user: Employee) -> PanelContent:
    """下推: where the handler of an approved application makes its review, or why not."""
    if not carries_on(application, user) or not may_review(user):
        return PanelContent()
    if application.biz_status == BizStatus.APPLYING:
        return PanelContent(new_reason=_("Possible once the application is approved."))
    if reason := unsignable(application, day=local_day(timezone.now())):
        return PanelContent(new_reason=reason.message)
    if other := other_review(application):
        return PanelContent(new_reason=_("There is a valid review: %s") % other)
    return PanelContent(new_url=REVIEW_DESK.new_url(application))


def live_reviews(application: Any) -> list[str]:
    """What follows from an approved application; while there are any it is not voided."""
    rows = application.contract_reviews.exclude(wf_status__in=("VOID", "REJECTED"))
    return list(rows.values_list("doc_no", flat=True))
