"""What the ledger tells customers' scores and tiers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from customers.hooks import best_income, ledger_figures
from funds.models import LedgerEntry
from tests.funds.factories import at, reference
from tests.funds.history import EARLY, PUNCTUAL, STOPPED, make_history

TODAY = date(2026, 9, 10)


@pytest.fixture
def lend(ledger):
    def make(behaviour):
        return make_history(
            application=ledger.approved(),
            disbursed_on=ledger.start,
            bookkeeper=ledger.fin,
            now=at(TODAY),
            behaviour=behaviour,
            reference=reference,
        )

    return make


def test_income_is_what_was_paid_beyond_principal(lend):
    loan = lend(PUNCTUAL)
    paid = LedgerEntry.objects.filter(loan=loan, kind="REPAYMENT")
    earned = -sum((e.interest + e.penalty + e.fee for e in paid), Decimal(0))
    found = ledger_figures([loan.customer_id], day=TODAY)[loan.customer_id]
    assert found.income == earned > 0
    assert best_income(day=TODAY) == earned


def test_counts_settled_loans_and_the_years_since_the_first(lend):
    loan = lend(EARLY)
    found = ledger_figures([loan.customer_id], day=TODAY)[loan.customer_id]
    assert found.settled_loans == 1
    assert found.ltv is None
    assert found.years == ((TODAY - loan.start_date).days / Decimal(365)).quantize(Decimal("0.1"))


def test_remembers_the_longest_time_overdue_and_the_share_of_the_collateral(lend):
    loan = lend(STOPPED)
    loan.refresh_from_db()
    found = ledger_figures([loan.customer_id], day=TODAY)[loan.customer_id]
    assert found.overdue_days >= loan.overdue_days > 90
    assert found.ltv == loan.unpaid_principal / Decimal("30000000")


def test_who_never_borrowed_is_missing(ledger):
    assert ledger_figures([ledger.approved().customer_id], day=TODAY) == {}
