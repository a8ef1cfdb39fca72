"""核销 by two people: who proposes, who books, and what stays owed (M24, §5)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.urls import reverse
from rest_framework.test import APIClient

import pytest

from customers.models import Customer
from funds.models import LedgerEntry, Loan, WriteOff
from funds.services.book import open_book
from funds.services.repayments import follow_settlement
from funds.services.write_offs import book_write_off, drop_write_off, propose_write_off
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from postloan.selectors.bad_customers import owed_of
from postloan.selectors.completion import figures_of
from tests.applications.factories import fresh as fresh_document
from tests.funds.factories import at, check_books, fresh

DAY = date(2026, 4, 30)
WHY = "法院裁定终结执行,无可供执行财产"


@pytest.fixture(autouse=True)
def clock(time_machine) -> datetime:
    time_machine.move_to(at(DAY), tick=False)
    return at(DAY)


@pytest.fixture
def people(ledger):
    return ledger.lender.people


@pytest.fixture
def lost(ledger, people) -> Loan:
    """Classed as loss, its customer with asset recovery."""
    loan = ledger.loan()
    Loan.objects.filter(pk=loan.pk).update(risk_class="LOSS")
    Customer.objects.filter(pk=loan.customer_id).update(
        owner=people.ard, co_handler=people.am, biz_status="BAD", risk_class="LOSS"
    )
    return fresh(loan)


def propose(loan, actor, **values):
    return propose_write_off(
        loan_id=loan.pk, actor=actor, now=at(DAY), **({"reason": WHY} | values)
    )


def book(loan, actor):
    return book_write_off(loan_id=loan.pk, actor=actor, now=at(DAY))


def code(act, *args, **values) -> str:
    with pytest.raises(DomainError) as refused:
        act(*args, **values)
    return refused.value.code


class TestPropose:
    def test_finance_hears_of_it(self, lost, people):
        proposal = propose(lost, people.hrm)
        assert (proposal.state, proposal.proposed_by) == ("OPEN", people.hrm)
        assert fresh(lost).status != "WRITTEN_OFF"
        topics = OutboxMessage.objects.filter(payload__event="write_off.proposed")
        assert topics.exists()

    @pytest.mark.parametrize("role", ["am", "tl", "brm", "bgm", "fin", "ard", "adm"])
    def test_only_head_office_risk_control(self, lost, people, role):
        assert code(propose, lost, getattr(people, role)) == "DOC-05"

    def test_wof_01_only_a_loss_with_asset_recovery(self, lost, people):
        Loan.objects.filter(pk=lost.pk).update(risk_class="DOUBTFUL")
        assert code(propose, lost, people.hrm) == "WOF-01"
        Loan.objects.filter(pk=lost.pk).update(risk_class="LOSS")
        Customer.objects.filter(pk=lost.customer_id).update(co_handler=None)
        assert code(propose, lost, people.hrm) == "WOF-01"

    def test_wof_02_one_proposal_at_a_time(self, lost, people):
        propose(lost, people.hrm)
        assert code(propose, lost, people.hrm) == "WOF-02"
        with pytest.raises(IntegrityError, match="write_off_open_once"), transaction.atomic():
            WriteOff.objects.create(
                loan=lost, reason=WHY, proposed_by=people.hrm, proposed_at=at(DAY)
            )

    def test_org_20_a_reason_is_needed(self, lost, people):
        assert code(propose, lost, people.hrm, reason="  ") == "ORG-20"


class TestBook:
    def test_takes_everything_from_the_books_but_not_the_claim(self, lost, people, ledger):
        owed = owed_of(lost.customer_id, DAY)
        proposal = propose(lost, people.hrm)
        book(lost, people.fin)
        proposal.refresh_from_db()
        loan = fresh(lost)
        assert (loan.status, loan.unpaid_principal) == ("WRITTEN_OFF", 0)
        assert (proposal.state, proposal.closed_by) == ("BOOKED", people.fin)
        entry = LedgerEntry.objects.filter(loan=loan, kind="WRITE_OFF").get()
        assert (entry.reference, entry.note, entry.actor) == (
            proposal.reference,
            WHY,
            people.fin,
        )
        check_books(loan, DAY)
        # The borrower still owes it: no completion (CMP-01), no way back from asset recovery.
        assert owed_of(loan.customer_id, DAY) == owed > 0
        assert figures_of([loan.application_id], DAY)[loan.application_id].outstanding > 0
        assert fresh_document(loan.application).biz_status == "DISBURSED"

    def test_a_business_with_a_loan_written_off_is_not_settled(self, lost, people, ledger):
        propose(lost, people.hrm)
        book(lost, people.fin)
        with transaction.atomic():
            follow_settlement(open_book(loan_id=lost.pk, actor=people.fin, now=at(DAY)))
        assert fresh_document(lost.application).biz_status == "DISBURSED"

    @pytest.mark.parametrize("role", ["am", "brm", "bgm", "hrm", "ard", "ceo"])
    def test_only_finance(self, lost, people, role):
        propose(lost, people.hrm)
        assert code(book, lost, getattr(people, role)) == "DOC-05"

    def test_wof_03_takes_two_people_also_in_the_database(self, lost, people):
        proposal = propose(lost, people.hrm)
        with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
            WriteOff.objects.filter(pk=proposal.pk).update(
                state="BOOKED", closed_by=people.hrm, closed_at=at(DAY)
            )
        # Whoever holds both roles is one person.
        people.fin.role_assignments.update(employee=people.hrm)
        both = type(people.hrm).objects.get(pk=people.hrm.pk)
        assert code(book, lost, both) == "WOF-03"

    def test_wof_01_what_was_recovered_meanwhile_is_not_written_off(self, lost, people):
        propose(lost, people.hrm)
        Loan.objects.filter(pk=lost.pk).update(risk_class="DOUBTFUL")
        assert code(book, lost, people.fin) == "WOF-01"

    def test_wof_04_nothing_to_book(self, lost, people):
        assert code(book, lost, people.fin) == "WOF-04"


class TestDrop:
    def test_finance_declines_and_it_may_be_proposed_again(self, lost, people):
        propose(lost, people.hrm)
        dropped = drop_write_off(
            loan_id=lost.pk, reason="尚有查封房产", actor=people.fin, now=at(DAY)
        )
        assert (dropped.state, dropped.answer) == ("DECLINED", "尚有查封房产")
        assert propose(lost, people.hrm).state == "OPEN"

    def test_who_proposed_it_takes_it_back(self, lost, people):
        propose(lost, people.hrm)
        dropped = drop_write_off(loan_id=lost.pk, reason="材料待补", actor=people.hrm, now=at(DAY))
        assert dropped.state == "WITHDRAWN"

    def test_nobody_else(self, lost, people):
        propose(lost, people.hrm)
        act = {"loan_id": lost.pk, "reason": "不同意核销", "now": at(DAY)}
        assert code(drop_write_off, actor=people.bgm, **act) == "DOC-05"


class TestPage:
    def test_from_the_proposal_to_the_books(
        self, lost, people, client, django_assert_max_num_queries
    ):
        url = lost.get_absolute_url()
        client.force_login(people.hrm)
        assert "write-off-dialog" in client.get(url).content.decode()
        refused = client.post(reverse("funds:write-off", args=[lost.pk]), {"reason": ""})
        assert refused.status_code == 422
        client.post(reverse("funds:write-off", args=[lost.pk]), {"reason": WHY})
        page = client.get(url).content.decode()
        assert WHY in page
        assert "write-off/book" not in page

        client.force_login(people.bgm)
        assert "write-off/book" not in client.get(url).content.decode()
        answer = client.post(reverse("funds:write-off-book", args=[lost.pk]))
        assert answer.status_code == 403

        client.force_login(people.fin)
        with django_assert_max_num_queries(10):
            page = client.get(url).content.decode()
        assert "write-off/book" in page
        assert client.post(reverse("funds:write-off-book", args=[lost.pk])).status_code == 302
        assert fresh(lost).status == "WRITTEN_OFF"

    def test_a_loan_in_order_offers_nothing(self, ledger, people, client):
        client.force_login(people.hrm)
        page = client.get(ledger.loan().get_absolute_url()).content.decode()
        assert "write-off" not in page


class TestApi:
    def test_proposes_books_and_declines(self, lost, people):
        api, base = APIClient(), f"/api/v1/loans/{lost.pk}/write-off/"
        api.force_authenticate(people.hrm)
        assert api.post(base, {"reason": WHY}).status_code == 201
        assert api.post(f"{base}book/").status_code == 403
        api.force_authenticate(people.fin)
        assert api.post(f"{base}drop/", {"reason": "尚有查封房产"}).json()["state"] == "DECLINED"
        assert api.post(f"{base}book/").json()["code"] == "WOF-04"
        api.force_authenticate(people.hrm)
        api.post(base, {"reason": WHY})
        api.force_authenticate(people.fin)
        assert api.post(f"{base}book/").json()["state"] == "BOOKED"
        assert fresh(lost).status == "WRITTEN_OFF"
