"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications import hooks
from contracts.kinds import KIND_CODE as REVIEW
from customers.hooks import register_branch_follower, register_ledger_source
from documents.kinds import register_followers
from documents.registration import register_document
from funds import grades
from funds.choices import ReliefReason
from funds.default_flow import rebate_chain, relief_chain, transfer_chain
from funds.desks.rebate import REBATE_DESK
from funds.desks.relief import RELIEF_DESK
from funds.desks.transfer import TRANSFER_DESK
from funds.events import EVENTS
from funds.flows import FundTransferFlow, InterestReliefFlow, RebateApplicationFlow
from funds.kinds import rebate, relief, transfer
from funds.panels import loans, payments, transfers
from funds.permissions import may_see_ledger, may_see_reports, may_see_settings
from funds.selectors.figures import LoanFigures, transfers_of
from funds.selectors.loans import has_young_loan, old_loans, outstanding_of_applications
from funds.selectors.reminders import instalments_due
from funds.services.branches import LoansOfCustomers
from funds.services.defaults import ensure_settings
from lending_crm.common import navigation
from lending_crm.common.dictionary import register_list
from sms.services.events import register_due_source
from staff.events import register_event
from staff.work_figures import FigureSource, register_figure


def register_all() -> None:
    register_list(
        ReliefReason,
        _("Reasons to refund or waive interest"),
        "funds.interestrefundwaiver.reason",
    )
    hooks.register_outstanding_source(outstanding_of_applications)
    hooks.register_young_loan_check(has_young_loan)
    hooks.register_old_loan_source(old_loans)
    register_ledger_source(LoanFigures())
    register_branch_follower(LoansOfCustomers())
    register_due_source(instalments_due)
    grades.register_own()
    loans.register()
    register_document(
        transfer.FundTransferKind(),
        flow=FundTransferFlow,
        categories=transfer.CATEGORIES,
        chain=transfer_chain,
        desk=TRANSFER_DESK,
    )
    register_document(
        relief.InterestReliefKind(),
        flow=InterestReliefFlow,
        categories=relief.CATEGORIES,
        chain=relief_chain,
        desk=RELIEF_DESK,
    )
    register_document(
        rebate.RebateApplicationKind(),
        flow=RebateApplicationFlow,
        categories=rebate.CATEGORIES,
        chain=rebate_chain,
        desk=REBATE_DESK,
    )
    register_followers(REVIEW, transfers.live_transfers)
    transfers.register()
    payments.register()
    for order, label, url_name, may_open in (
        (50, _("Loan ledger"), "funds:loan-list", may_see_ledger),
        (60, _("Loans in arrears"), "funds:arrears", may_see_reports),
        (70, _("Trial balance"), "funds:trial-balance", may_see_reports),
        (80, _("Classification and provisions"), "funds:provisions", may_see_reports),
    ):
        navigation.register_item("funds", label, url_name, may_open, order=order)
    navigation.register_item(
        "settings", _("Ledger settings"), "funds:settings", may_see_settings, order=45
    )
    for event in EVENTS:
        register_event(event)
    register_figure(FigureSource("transfers", _("Fund transfers"), transfers_of))


def ship_defaults(**_signal: Any) -> None:
    """After each migration: settings and tiers exist, changed or not."""
    ensure_settings()
