"""What the ledger tells customers' scores and tiers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from customers.hooks import best_income, ledger_figures
from funds.choices import InterestTreatment
from funds.models import LedgerEntry, LedgerSetting
from funds.selectors.lateness import longest_overdue
from funds.selectors.loans import loan_position, settlement_figure
from funds.services.adjustments import waive_interest
from funds.services.daily import count_overdue
from funds.services.disbursement import add_disbursement
from funds.services.extensions import extend_loan
from funds.services.repayments import reverse_repayment
from tests.funds.factories import at, fresh, money, reference
from tests.funds.history import EARLY, PUNCTUAL, STOPPED, make_history

TODAY = date(2026, 9, 10)
DUE = date(2026, 4, 2)


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
    assert (TODAY - loan.start_date).days == 192
    assert found.years == Decimal("0.5")


def test_a_year_is_over_before_it_counts(ledger):
    """A tier that asks for a year is not earned after eleven and a half months (X2)."""
    loan = ledger.loan()
    for days, years in ((364, "0.9"), (365, "1.0"), (1094, "2.9"), (1095, "3.0")):
        day = loan.start_date + timedelta(days=days)
        assert ledger_figures([loan.customer_id], day=day)[loan.customer_id].years == Decimal(years)


def test_remembers_the_longest_time_overdue_and_the_share_of_the_collateral(lend):
    loan = lend(STOPPED)
    loan.refresh_from_db()
    found = ledger_figures([loan.customer_id], day=TODAY)[loan.customer_id]
    assert found.overdue_days >= loan.overdue_days > 90
    assert found.ltv == loan.unpaid_principal / Decimal("30000000")


def test_who_never_borrowed_is_missing(ledger):
    assert ledger_figures([ledger.approved().customer_id], day=TODAY) == {}


class TestLongestOverdue:
    @pytest.fixture
    def loan(self, ledger):
        return ledger.loan("100000.00", term_months=12)

    def days(self, loan, day):
        return ledger_figures([loan.customer_id], day=day)[loan.customer_id].overdue_days

    def cure(self, ledger, loan, day):
        ledger.repay(loan, loan_position(fresh(loan), day).due_total, day)

    def test_what_is_due_is_not_overdue(self, loan):
        assert self.days(loan, DUE) == 0
        assert self.days(loan, DUE + timedelta(1)) == 1

    def test_arrears_that_were_cured_count_with_all_their_days(self, ledger, loan):
        for days in range(1, 29):
            count_overdue(now=at(DUE + timedelta(days)))
        cured = DUE + timedelta(28)
        self.cure(ledger, loan, cured)
        assert fresh(loan).overdue_days == 0
        assert self.days(loan, cured) == self.days(loan, cured + timedelta(1)) == 28

    def test_a_class_that_did_not_change_hides_nothing(self, ledger, loan):
        """关注 by an extension already, so that no change of class was written."""
        extend_loan(
            loan_id=loan.pk,
            new_due=date(2027, 6, 2),
            rate=loan.annual_rate,
            treatment=InterestTreatment.SETTLE_FIRST,
            reference="ZQ-1",
            actor=ledger.fin,
            now=at(ledger.day(5)),
        )
        assert fresh(loan).risk_class == "ATTENTION"
        cured = DUE + timedelta(40)
        self.cure(ledger, loan, cured)
        assert self.days(loan, cured) == 40

    def test_forgets_what_ended_a_year_ago(self, ledger, loan):
        self.cure(ledger, loan, DUE + timedelta(10))
        settled = date(2026, 5, 2)
        total = settlement_figure(fresh(loan), settled).total
        ledger.repay(loan, total, settled, treatment="SETTLE")
        ended = DUE + timedelta(10)
        assert self.days(loan, ended + timedelta(364)) == 10
        assert self.days(loan, ended + timedelta(365)) == 0

    def test_counts_by_the_day_of_payment_not_of_booking(self, ledger, loan):
        paid = DUE + timedelta(3)
        amount = loan_position(fresh(loan), paid).due_total
        ledger.repay(loan, amount, paid, now=at(paid + timedelta(4)))
        assert self.days(loan, paid + timedelta(4)) == 3

    def test_a_repayment_that_is_taken_back_cured_nothing(self, ledger, loan):
        day = DUE + timedelta(5)
        amount = loan_position(fresh(loan), day).due_total
        booked = ledger.repay(loan, amount, day)
        reverse_repayment(repayment_id=booked.pk, reason="错", actor=ledger.fin, now=at(day))
        assert self.days(loan, DUE + timedelta(20)) == 20

    def test_a_waiver_ends_arrears_on_its_day(self, ledger, loan):
        day = DUE + timedelta(6)
        waive_interest(
            loan_id=loan.pk,
            amount=loan_position(fresh(loan), day).interest,
            day=day,
            reason="减免",
            reference="MX-1",
            actor=ledger.fin,
            now=at(day),
        )
        assert self.days(loan, DUE + timedelta(25)) == 6

    def test_goes_on_in_the_schedule_that_took_it_over(self, ledger):
        loan = ledger.loan("90000.00", term_months=12, approved="100000.00")
        day = DUE + timedelta(7)
        add_disbursement(
            loan_id=loan.pk,
            transfer_ref=reference(),
            principal=money(10000),
            disbursed_on=day,
            actor=ledger.fin,
            now=at(day),
        )
        assert self.days(loan, DUE + timedelta(15)) == 15
        self.cure(ledger, loan, DUE + timedelta(16))
        assert self.days(loan, DUE + timedelta(29)) == 16

    def test_penalty_interest_alone_is_not_overdue_also_when_carried_over(self, ledger):
        LedgerSetting.objects.update(normal_order=["PRINCIPAL", "INTEREST", "PENALTY", "FEE"])
        loan = ledger.loan(
            "90000.00", approved="100000.00", method="EQUAL_PRINCIPAL", term_months=12
        )
        cleared = DUE + timedelta(5)
        position = loan_position(fresh(loan), cleared)
        ledger.repay(loan, position.principal_due + position.interest, cleared)
        day = DUE + timedelta(8)
        add_disbursement(
            loan_id=loan.pk,
            transfer_ref=reference(),
            principal=money(10000),
            disbursed_on=day,
            actor=ledger.fin,
            now=at(day),
        )
        ledger.repay(loan, position.penalty, DUE + timedelta(28))
        assert self.days(loan, DUE + timedelta(29)) == 5

    def test_asks_once_for_many_customers(self, ledger, loan, django_assert_num_queries):
        other = ledger.loan("100000.00", term_months=12)
        customers = [loan.customer_id, other.customer_id]
        day = DUE + timedelta(2)
        with django_assert_num_queries(1):
            found = longest_overdue(customers, since=day - timedelta(365), day=day)
        assert found == dict.fromkeys(customers, 2)
