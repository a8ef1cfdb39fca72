"""Refunds, waivers and rebates on the pages of loans, applications and customers."""

from __future__ import annotations

from django.db.models import Q

from applications.assessment import KIND_CODE as APPLICATION
from applications.models import BusinessApplication
from documents.desk.panels import document_panel
from documents.panels import PanelContent, register_panel
from funds.choices import LoanStatus
from funds.desks.rebate import REBATE_DESK
from funds.desks.relief import RELIEF_DESK
from funds.models import Loan
from funds.rules.rebates import business_refusals
from funds.rules.rebates import may_request as may_ask_for_rebate
from funds.rules.relief import loan_refusal, may_request
from funds.selectors.rebates import reserve_of
from staff.models import Employee


def register() -> None:
    register_panel(
        document_panel(
            RELIEF_DESK,
            subject="loan",
            find=lambda rows, loan: rows.filter(loan=loan),
            begin=ask_for_relief,
            order=30,
        )
    )
    register_panel(
        document_panel(
            RELIEF_DESK,
            subject=APPLICATION,
            find=lambda rows, application: rows.filter(application=application),
            order=46,
        )
    )
    register_panel(
        document_panel(
            RELIEF_DESK,
            subject="customer",
            find=lambda rows, customer: rows.filter(customer=customer),
            order=46,
        )
    )
    register_panel(
        document_panel(
            REBATE_DESK,
            subject=APPLICATION,
            find=lambda rows, application: rows.filter(application=application),
            begin=ask_for_rebate,
            order=47,
        )
    )
    register_panel(
        document_panel(
            REBATE_DESK,
            subject="customer",
            find=lambda rows, customer: rows.filter(Q(customer=customer) | Q(channel=customer)),
            order=47,
        )
    )


def ask_for_relief(loan: Loan, user: Employee) -> PanelContent:
    """Where the account manager asks for a refund or waiver, or why he cannot."""
    if not may_request(loan, user) or loan.status == LoanStatus.REVERSED:
        return PanelContent()
    if reason := loan_refusal(loan):
        return PanelContent(new_reason=reason.message)
    return PanelContent(new_url=RELIEF_DESK.new_url(loan))


def ask_for_rebate(application: BusinessApplication, user: Employee) -> PanelContent:
    """The same for the rebate of a business that a channel brought."""
    if application.channel_id is None or not may_ask_for_rebate(application, user):
        return PanelContent()
    if reason := next(business_refusals(application, reserve_of(application.pk)), None):
        return PanelContent(new_reason=reason.message)
    return PanelContent(new_url=REBATE_DESK.new_url(application))
