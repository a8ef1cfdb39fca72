"""Customer completions on the pages of customers, applications and loans."""

from __future__ import annotations

from applications.assessment import KIND_CODE as APPLICATION
from applications.models import BusinessApplication
from customers.models import Customer
from documents.desk.panels import document_panel
from documents.panels import PanelContent, register_panel
from funds.models import Loan
from postloan.desks.completion import COMPLETION_DESK
from postloan.rules.completion.creation import customer_refusal, may_complete
from staff.models import Employee


def register() -> None:
    register_panel(
        document_panel(
            COMPLETION_DESK,
            subject="customer",
            find=lambda rows, customer: rows.filter(customer=customer),
            begin=complete,
            order=70,
        )
    )
    register_panel(
        document_panel(
            COMPLETION_DESK,
            subject=APPLICATION,
            find=lambda rows, application: rows.filter(businesses__application=application),
            begin=_of_application,
            order=70,
        )
    )
    register_panel(
        document_panel(
            COMPLETION_DESK,
            subject="loan",
            find=lambda rows, loan: rows.filter(businesses__application=loan.application_id),
            begin=_of_loan,
            order=40,
        )
    )


def complete(customer: Customer, user: Employee) -> PanelContent:
    """Where the account manager completes the customer's businesses, or why he cannot."""
    if not may_complete(customer, user):
        return PanelContent()
    if reason := customer_refusal(customer):
        return PanelContent(new_reason=reason.message)
    return PanelContent(new_url=COMPLETION_DESK.new_url(customer))


def _of_application(application: BusinessApplication, user: Employee) -> PanelContent:
    return complete(application.customer, user)


def _of_loan(loan: Loan, user: Employee) -> PanelContent:
    return complete(loan.customer, user)
