"""Extension and overdue requests on the pages of loans, customers and applications."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from applications.assessment import KIND_CODE as APPLICATION
from applications.assessment import local_day
from applications.permissions import may_apply
from customers.models import Opportunity
from documents.desk.panels import SHOWN, document_panel
from documents.panels import Panel, PanelContent, register_panel
from funds.models import Loan
from postloan.desks.extension import EXTENSION_DESK, own_loans, refusal
from postloan.models import OverdueMeasure
from postloan.rules.extension.creation import may_request, standing_refusal
from staff.models import Employee


def register() -> None:
    register_panel(
        document_panel(
            EXTENSION_DESK,
            subject="loan",
            find=lambda rows, loan: rows.filter(loan=loan),
            begin=ask,
            order=10,
        )
    )
    register_panel(
        Panel(
            subject="loan",
            code="measures",
            title=_("Measures for the overdue loan"),
            template="postloan/_measures.html",
            load=measures,
            order=20,
            empty=_("None; they are kept when an overdue request is approved."),
            is_later=True,
        )
    )
    register_panel(
        document_panel(
            EXTENSION_DESK,
            subject=APPLICATION,
            find=lambda rows, application: rows.filter(loan__application=application),
            order=50,
        )
    )
    register_panel(
        document_panel(
            EXTENSION_DESK,
            subject="opportunity",
            find=lambda rows, each: rows.filter(loan__application__opportunity=each),
            begin=ask_of_opportunity,
            order=45,
        )
    )
    register_panel(
        document_panel(
            EXTENSION_DESK,
            subject="customer",
            find=lambda rows, customer: rows.filter(customer=customer),
            order=50,
        )
    )


def ask(loan: Loan, user: Employee) -> PanelContent:
    """Where the account manager begins a request about the loan, or why he cannot."""
    if not may_request(loan, user):
        return PanelContent()
    if reason := standing_refusal(loan, day=local_day(timezone.now())):
        return PanelContent(new_reason=reason.message)
    return _begun_from(own_loans(user).filter(pk=loan.pk).first(), user)


def ask_of_opportunity(opportunity: Opportunity, user: Employee) -> PanelContent:
    """新建 takes the latest running loan; the others are found from the menu (manual 5.3)."""
    if not may_apply(user) or opportunity.customer.owner_id != user.pk:
        return PanelContent()
    loans = own_loans(user).filter(application__opportunity=opportunity)
    return _begun_from(loans.order_by("-pk").first(), user)


def _begun_from(loan: Loan | None, user: Employee) -> PanelContent:
    if loan is None:
        return PanelContent(new_reason=_("No loan of this opportunity is running."))
    if reason := refusal(loan, user):
        return PanelContent(new_reason=reason.message)
    return PanelContent(new_url=EXTENSION_DESK.new_url(loan))


def measures(loan: Loan, user: Employee) -> PanelContent:
    """What was decided about the loan while it was overdue, the latest first."""
    rows = list(OverdueMeasure.objects.filter(loan=loan).select_related("request")[:SHOWN])
    return PanelContent(count=len(rows), data={"rows": rows})
