"""Two acts on the money of one application in the same second, on real connections (N1, N29)."""

from __future__ import annotations

import pytest

from funds.models import FundTransfer, Loan
from tests.applications.factories import Lender
from tests.applications.test_races import codes, together
from tests.funds.factories import check_books, money
from tests.funds.transfers import Desk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def desk(transactional_db, now) -> Desk:
    from funds.services.defaults import ensure_settings

    ensure_settings()
    return Desk(Lender(now))


class TestTwoTransfers:
    def test_n01_ftr_03_submitted_at_once_only_one_claims_the_money(self, desk):
        review = desk.review()
        drafts = [desk.draft(review, principal=money(300000)) for _ in range(2)]
        results = together(*(lambda each=each: desk.submit(each) for each in drafts))
        assert codes(results) == ["FTR-03"]
        claimed = sum(each.claimed for each in FundTransfer.objects.all())
        assert claimed == money(300000)


class TestTwoExecutions:
    def test_n29_one_transfer_is_paid_once(self, desk):
        transfer = desk.approved()
        results = together(
            lambda: desk.execute(transfer, bank_ref="A"),
            lambda: desk.execute(transfer, bank_ref="B"),
        )
        assert codes(results) == ["FTR-13"]
        loan = Loan.objects.get()
        assert loan.principal == money(400000)
        check_books(loan, desk.today)

    def test_n29_ftr_07_one_reference_is_booked_once(self, desk):
        review = desk.review()
        pair = [desk.approved(review, principal=money(100000)) for _ in range(2)]
        results = together(
            *(lambda each=each: desk.execute(each, bank_ref="SAME") for each in pair)
        )
        assert codes(results) == ["FTR-07"]
        assert Loan.objects.get().principal == money(100000)
