"""Who may make a review of which application."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from applications.assessment import current_setting
from applications.choices import BizStatus
from applications.models import BusinessApplication
from applications.rules import refusals as application_refusals
from contracts.models import ContractReview
from contracts.rules import refusals
from customers.choices import OpportunityStatus
from customers.errors import opportunity_closed
from documents.ownership import carries_on
from documents.rules import refuse_unless
from lending_crm.common.errors import DomainError
from staff.choices import RoleCode
from staff.selectors import roles_of

if TYPE_CHECKING:
    from staff.models import Employee


def may_review(user: Employee) -> bool:
    """合同手续审核单 are the account managers' work (domain §2.3)."""
    return roles_of(user).has(RoleCode.AM)


def may_create_by_hand(user: Employee) -> bool:
    """新建 from the menu, a right of its own that the lender switches on."""
    return may_review(user) and current_setting().allows_manual_contracts


def refuse_wrong_person(application: BusinessApplication, *, actor: Employee) -> None:
    """The application's handler, or who owns it since a handover, pushes it down (下推); anybody
    else needs the right to create by hand. Raises DOC-05 or CTR-10."""
    refuse_unless(may_review(actor))
    if not carries_on(application, actor) and not may_create_by_hand(actor):
        raise refusals.only_pushed_down()


def unsignable(application: BusinessApplication, *, day: date) -> DomainError | None:
    """CTR-01, BUS-13 or OPP-05: what stands against signing; None when it may be signed on
    ``day``. A lost opportunity is no more signed (M4)."""
    until = application.approval_valid_until
    if application.biz_status not in (BizStatus.APPROVED, BizStatus.EXPIRED) or until is None:
        return refusals.not_approved(application.doc_no)
    if application.biz_status == BizStatus.EXPIRED or until < day:
        return application_refusals.approval_expired(until)
    if application.opportunity.biz_status == OpportunityStatus.LOST:
        return opportunity_closed()
    return None


def other_review(application: BusinessApplication, *, excluding: int | None = None) -> str | None:
    """The number of the valid review that the application has already (CTR-08)."""
    others = ContractReview.objects.filter(valid_application=application)
    if excluding is not None:
        others = others.exclude(pk=excluding)
    return others.values_list("doc_no", flat=True).first()
