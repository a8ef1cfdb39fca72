"""The past that demo data asks for: made by the services, so it balances."""

from __future__ import annotations

from datetime import date

import pytest

from funds.choices import LoanStatus
from tests.funds.factories import at, check_books, fresh, reference
from tests.funds.history import EARLY, PUNCTUAL, SLOW, STOPPED, make_history


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (PUNCTUAL, LoanStatus.NORMAL),
        (SLOW, LoanStatus.NORMAL),
        (STOPPED, LoanStatus.BAD),
        (EARLY, LoanStatus.SETTLED),
    ],
)
def test_makes_a_loan_that_is_paid_this_way(ledger, behaviour, status):
    loan = make_history(
        application=ledger.approved(),
        disbursed_on=ledger.start,
        bookkeeper=ledger.fin,
        now=at(date(2026, 9, 10)),
        behaviour=behaviour,
        reference=reference,
    )
    assert fresh(loan).status == status
    check_books(loan, date(2026, 9, 10))
