"""Two acts on one loan in the same second, on real connections."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from funds.models import Repayment
from funds.services.adjustments import waive_interest
from funds.services.repayments import register_repayment, reverse_repayment
from tests.applications.factories import Lender
from tests.applications.test_races import codes, together
from tests.funds.factories import Ledger, at, check_books, fresh, money

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
DUE = date(2026, 4, 2)


@pytest.fixture
def ledger(transactional_db, now) -> Ledger:
    from funds.services.defaults import ensure_settings

    ensure_settings()
    return Ledger(Lender(now))


def payment(ledger: Ledger, loan, ref: str, amount: str = "7500"):
    return lambda: register_repayment(
        loan_id=loan.pk,
        amount=money(amount),
        paid_on=DUE,
        bank_ref=ref,
        payer="客户",
        actor=ledger.fin,
        now=at(DUE),
    )


class TestTwoRepayments:
    def test_n29_the_same_reference_is_booked_once(self, ledger):
        loans = [ledger.loan(), ledger.loan()]
        results = together(*(payment(ledger, loan, "SAME") for loan in loans))
        assert codes(results) == ["REP-03"]
        assert Repayment.objects.count() == 1

    def test_two_references_follow_each_other(self, ledger):
        loan = ledger.loan()
        results = together(payment(ledger, loan, "A"), payment(ledger, loan, "B"))
        # The second one pays the next instalment ahead.
        assert codes(results) == []
        assert fresh(loan).repayments.count() == 2
        check_books(loan, DUE)


class TestRepaymentAndReversal:
    def test_leave_what_one_of_the_two_orders_leaves(self, ledger):
        loan = ledger.loan()
        first = payment(ledger, loan, "A")()
        results = together(
            payment(ledger, loan, "B"),
            lambda: reverse_repayment(
                repayment_id=first.pk, reason="错", actor=ledger.fin, now=at(DUE)
            ),
        )
        standing = sorted(fresh(loan).repayments.standing().values_list("bank_ref", flat=True))
        assert (codes(results), standing) in [(["REP-06"], ["A", "B"]), ([], ["B"])]
        check_books(loan, DUE)


class TestWaiverAndRepayment:
    def test_interest_is_forgiven_or_paid_but_not_both(self, ledger):
        loan = ledger.loan()
        results = together(
            payment(ledger, loan, "A"),
            lambda: waive_interest(
                loan_id=loan.pk,
                amount=money("7500"),
                day=DUE,
                reason="减免",
                reference="MX-1",
                actor=ledger.fin,
                now=at(DUE),
            ),
        )
        # Either the waiver comes too late, or the payment goes to the next instalment.
        assert codes(results) in (["INT-01"], [])
        check_books(loan, DUE)
        line = loan.schedules.get(no=1).lines.get(no=1)
        assert line.interest_paid + line.interest_waived == Decimal("7500.00")
