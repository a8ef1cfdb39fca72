"""What this app offers the others, registered once when Django starts."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications import hooks
from funds.selectors.loans import has_young_loan, old_loans, outstanding_of_applications
from funds.services.defaults import ensure_settings
from staff.events import Event, register_event


def register_all() -> None:
    hooks.register_outstanding_source(outstanding_of_applications)
    hooks.register_young_loan_check(has_young_loan)
    hooks.register_old_loan_source(old_loans)
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
