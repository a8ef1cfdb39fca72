"""Handovers of bad customers on the pages of customers, applications, loans and requests."""

from __future__ import annotations

from django.utils import timezone

from applications.assessment import KIND_CODE as APPLICATION
from applications.assessment import local_day
from customers.models import Customer
from documents.desk.panels import document_panel
from documents.panels import PanelContent, register_panel
from funds.models import Loan
from postloan.desks.bad_customers import BAD_CUSTOMER_DESK
from postloan.kinds.extension import KIND_CODE as EXTENSION
from postloan.models import ExtensionRequest
from postloan.rules.bad_customers import refusals
from postloan.rules.bad_customers.creation import glance_refusal, is_co_handler, may_hand_over
from staff.models import Employee


def register() -> None:
    register_panel(
        document_panel(
            BAD_CUSTOMER_DESK,
            subject="customer",
            find=lambda rows, customer: rows.filter(customer=customer),
            begin=hand_over,
            order=75,
        )
    )
    register_panel(
        document_panel(
            BAD_CUSTOMER_DESK,
            subject=APPLICATION,
            find=lambda rows, application: rows.filter(loans__loan__application=application),
            order=75,
        )
    )
    register_panel(
        document_panel(
            BAD_CUSTOMER_DESK,
            subject="loan",
            find=lambda rows, loan: rows.filter(loans__loan=loan),
            begin=_of_loan,
            order=50,
        )
    )
    register_panel(
        document_panel(
            BAD_CUSTOMER_DESK,
            subject=EXTENSION,
            find=lambda rows, request: rows.filter(customer=request.customer_id),
            begin=_of_request,
            order=10,
        )
    )


def hand_over(customer: Customer, user: Employee) -> PanelContent:
    """Where who answers for the customer begins a handover, or why he cannot."""
    if is_co_handler(customer, user):
        return PanelContent(new_reason=refusals.handed_over().message)
    if not may_hand_over(customer, user):
        return PanelContent()
    if reason := glance_refusal(customer, day=local_day(timezone.now())):
        return PanelContent(new_reason=reason.message)
    return PanelContent(new_url=BAD_CUSTOMER_DESK.new_url(customer))


def _of_loan(loan: Loan, user: Employee) -> PanelContent:
    return hand_over(loan.customer, user)


def _of_request(request: ExtensionRequest, user: Employee) -> PanelContent:
    return hand_over(request.customer, user)
