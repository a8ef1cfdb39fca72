"""What borrowers hear by text message: the money is on its way, an instalment falls due (X1)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from funds.models import Loan
from funds.selectors.loans import loan_position
from funds.selectors.reminders import instalments_due
from funds.selectors.state import lines_in_force
from funds.services.repayments import register_repayment
from lending_crm.common.models import OutboxMessage
from sms.choices import Usage
from tests.funds.factories import at, reference
from tests.funds.transfers import Desk

pytestmark = pytest.mark.django_db


class TestDueInstalments:
    def test_names_what_is_unpaid_on_the_day(self, ledger):
        loan = ledger.loan()
        first = lines_in_force(loan)[0]
        [found] = instalments_due(first.due, first.due)
        assert found.values == {"loan_no": loan.loan_no, "amount": str(first.unpaid)}
        assert found.contact_id == loan.application.borrower_id
        assert instalments_due(first.due - timedelta(days=1), first.due) == []

    def test_tells_of_a_late_one_what_it_costs_by_the_day(self, ledger):
        """500,000 at 18 % for three days, and 6 % penalty interest up to the cap of 24 %."""
        loan = ledger.loan(term_months=1)
        due, late = loan.due_date, loan.due_date + timedelta(days=3)
        [found] = instalments_due(due, late)
        assert found.values["amount"] == str(loan_position(loan, late).due_total) == "508500.00"

    def test_is_silent_about_what_is_paid(self, ledger):
        loan = ledger.loan()
        first = lines_in_force(loan)[0]
        register_repayment(
            loan_id=loan.pk,
            amount=first.unpaid,
            paid_on=first.due,
            bank_ref=reference(),
            payer=loan.customer.name,
            actor=ledger.fin,
            now=at(first.due),
        )
        assert instalments_due(first.due, first.due) == []

    def test_leaves_bad_loans_to_asset_recovery(self, ledger):
        loan = ledger.loan()
        Loan.objects.filter(pk=loan.pk).update(status="BAD")
        due = lines_in_force(loan)[0].due
        assert instalments_due(due, due) == []


class TestTransfers:
    def test_the_borrower_hears_of_the_money(self, lender):
        desk = Desk(lender)
        transfer = desk.execute(desk.approved())
        message = OutboxMessage.objects.get(topic="sms.event", payload__usage=Usage.TRANSFERRED)
        assert message.payload["contact"] == transfer.application.borrower_id
        assert message.payload["values"]["amount"] == str(transfer.principal)
