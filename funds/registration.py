"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications import hooks
from contracts.kinds import KIND_CODE as REVIEW
from customers.hooks import register_ledger_source
from documents.kinds import register_followers
from documents.registration import register_document
from funds import panels, transfer_panels
from funds.default_flow import transfer_chain
from funds.desks.transfer import TRANSFER_DESK
from funds.flows import FundTransferFlow
from funds.kinds.transfer import CATEGORIES, FundTransferKind
from funds.permissions import may_see_ledger, may_see_reports, may_see_settings
from funds.selectors.figures import LoanFigures
from funds.selectors.loans import has_young_loan, old_loans, outstanding_of_applications
from funds.services.defaults import ensure_settings
from lending_crm.common import navigation
from staff.events import Event, register_event


def register_all() -> None:
    hooks.register_outstanding_source(outstanding_of_applications)
    hooks.register_young_loan_check(has_young_loan)
    hooks.register_old_loan_source(old_loans)
    register_ledger_source(LoanFigures())
    panels.register()
    register_document(
        FundTransferKind(),
        flow=FundTransferFlow,
        categories=CATEGORIES,
        chain=transfer_chain,
        desk=TRANSFER_DESK,
    )
    register_followers(REVIEW, transfer_panels.live_transfers)
    transfer_panels.register()
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
    register_event(
        Event(
            "loan.overdue",
            _("A loan of mine became overdue"),
            _("Loan %(doc_no)s of %(party)s is overdue since %(date)s"),
            by_email=True,
        )
    )


def ship_defaults(**_signal: Any) -> None:
    """After each migration: settings and tiers exist, changed or not."""
    ensure_settings()
