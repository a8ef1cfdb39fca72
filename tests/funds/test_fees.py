"""Fees charged by hand (M24): who may, what is refused, what is booked, and how it is undone."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.urls import reverse
from rest_framework.test import APIClient

import pytest
import time_machine

from funds.models import LedgerEntry, LoanCharge
from funds.selectors.loans import loan_position, settlement_figure
from funds.services.repayments import reverse_repayment
from tests.funds.factories import at, check_books, fresh, lines, money
from tests.funds.test_repayments import refused

DAY = date(2026, 3, 12)


@pytest.fixture(autouse=True)
def _on_a_day():
    with time_machine.travel(at(DAY), tick=False):
        yield


@pytest.fixture
def loan(ledger):
    return ledger.loan("100000.00")


@pytest.fixture
def fin(client, ledger):
    client.force_login(ledger.fin)
    return client


def typed(**values):
    return {
        "kind": "BREACH",
        "amount": "500.00",
        "due_on": DAY.isoformat(),
        "note": "合同第九条违约金",
        "creation_key": str(uuid.uuid4()),
    } | values


def charge(browser, loan, **values):
    return browser.post(reverse("funds:fee-new", args=[loan.pk]), typed(**values))


def take_back(browser, fee, reason="登记错误"):
    return browser.post(reverse("funds:fee-reverse", args=[fee.pk]), {"reason": reason})


class TestCharge:
    def test_books_the_fee_and_shows_it(self, loan, fin, django_assert_max_num_queries):
        assert "fee-dialog" in fin.get(loan.get_absolute_url()).content.decode()
        assert charge(fin, loan).status_code == 302
        fee = LoanCharge.objects.get()
        assert (fee.kind, fee.amount, fee.due_on) == ("BREACH", money(500), DAY)
        entry = LedgerEntry.objects.get(kind="FEE")
        assert (entry.fee, entry.income, entry.note) == (money(500), money(500), fee.note)
        assert loan_position(fresh(loan), DAY).fees == money(500)
        check_books(loan, DAY)
        with django_assert_max_num_queries(10):
            text = fin.get(reverse("funds:loan-records", args=[loan.pk])).content.decode()
        assert "合同第九条违约金" in text
        assert fee.dialog in text

    def test_a_double_click_charges_once(self, loan, fin):
        same = typed()
        assert charge(fin, loan, **same).status_code == 302
        assert charge(fin, loan, **same).status_code == 302
        assert LoanCharge.objects.count() == 1
        assert loan_position(fresh(loan), DAY).fees == money(500)

    def test_a_key_of_another_loan_is_not_answered(self, ledger, loan, fin):
        same = typed()
        charge(fin, loan, **same)
        assert charge(fin, ledger.loan("100000.00"), **same).status_code == 404

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"amount": "0"}, "必须大于 0"),
            ({"amount": "1.005"}, "小数"),
            ({"amount": "9,000.00"}, "综合年化"),
            ({"note": "  "}, "必填"),
            ({"kind": "EARLY"}, "EARLY"),
            ({"due_on": "2026-03-01"}, "日期不能早于最近一次记账"),
            ({"due_on": "9999-12-31"}, "2000"),
        ],
    )
    def test_says_why_not_and_keeps_what_was_typed(self, loan, fin, values, sentence):
        kept = values.get("note", "合同第九条违约金")
        answer = charge(fin, loan, **values)
        text = answer.content.decode()
        assert answer.status_code == 422
        assert sentence in text
        assert kept.strip() in text
        assert "data-dialog-auto" in text
        assert not LoanCharge.objects.exists()

    def test_bus_05_a_late_due_date_does_not_lower_the_cost(self, loan, fin):
        """What is still to come counts on its own days, not on that of the fee."""
        assert charge(fin, loan, amount="9000.00", due_on="2026-12-31").status_code == 422

    def test_a_settlement_pays_what_falls_due_later_too(self, ledger, loan, fin):
        before = loan_position(fresh(loan), DAY).settlement
        charge(fin, loan, amount="100.00", due_on="2026-04-20")
        figure = settlement_figure(fresh(loan), DAY)
        assert (figure.position.fees, figure.position.fees_to_come) == (0, money(100))
        assert figure.total == before + money(100)
        page = fin.get(reverse("funds:settlement", args=[loan.pk]), {"day": "2026-03-12"})
        assert "100.00" in page.content.decode()

        repayment = ledger.repay(loan, figure.total, DAY, treatment="SETTLE")

        assert fresh(loan).status == "SETTLED"
        assert LoanCharge.objects.get().unpaid == 0
        check_books(loan, DAY)
        reverse_repayment(
            repayment_id=repayment.pk, reason="登记错误", actor=ledger.fin, now=at(DAY)
        )
        assert fresh(loan).status == "NORMAL"
        assert settlement_figure(fresh(loan), DAY).total == figure.total
        check_books(loan, DAY)

    @pytest.mark.parametrize("treatment", ["SETTLE", "REDUCE", "SHORTEN"])
    def test_rep_08_all_but_a_later_fee_settles_nothing(self, ledger, loan, fin, treatment):
        without = loan_position(fresh(loan), DAY).settlement
        charge(fin, loan, amount="100.00", due_on="2026-04-20")
        for amount in (without, without + money(50)):
            error = refused(
                lambda given=amount: ledger.repay(loan, given, DAY, treatment=treatment)
            )
            assert error.code == "REP-08"

    def test_rep_10_not_on_an_ended_loan(self, ledger, loan, fin):
        ledger.repay(loan, loan_position(loan, DAY).settlement, DAY, treatment="SETTLE")
        assert "fee-dialog" not in fin.get(loan.get_absolute_url()).content.decode()
        answer = charge(fin, loan)
        assert answer.status_code == 422
        assert "已结清或已核销" in answer.content.decode()

    def test_finance_alone(self, ledger, loan, client):
        for person in (ledger.lender.am, ledger.lender.people.hrm):
            client.force_login(person)
            assert "fee-dialog" not in client.get(loan.get_absolute_url()).content.decode()
            assert charge(client, loan).status_code == 403
        client.force_login(ledger.lender.people.other_am)
        assert charge(client, loan).status_code == 404
        assert not LoanCharge.objects.exists()


class TestReverse:
    @pytest.fixture
    def fee(self, loan, fin):
        charge(fin, loan)
        return LoanCharge.objects.get()

    def test_mirrors_the_entry_and_keeps_the_fee_on_record(self, loan, fin, fee):
        assert take_back(fin, fee).status_code == 302
        fee.refresh_from_db()
        assert (fee.waived, fee.unpaid) == (money(500), 0)
        mirror = LedgerEntry.objects.get(kind="REVERSAL")
        assert (mirror.reverses.kind, mirror.fee, mirror.note) == ("FEE", money(-500), "登记错误")
        assert loan_position(fresh(loan), DAY).fees == 0
        check_books(loan, DAY)
        text = fin.get(reverse("funds:loan-records", args=[loan.pk])).content.decode()
        assert fee.dialog not in text

    def test_rep_17_once(self, fin, fee):
        take_back(fin, fee)
        answer = take_back(fin, fee)
        assert answer.status_code == 422
        assert "该笔费用已冲销" in answer.content.decode()
        assert LedgerEntry.objects.filter(kind="REVERSAL").count() == 1

    def test_rep_16_not_once_something_of_it_is_paid(self, ledger, loan, fin, fee):
        paid = ledger.repay(loan, "200", DAY)
        answer = take_back(fin, fee)
        assert answer.status_code == 422
        assert "先冲销还款" in answer.content.decode()
        fin.post(reverse("funds:repayment-reverse", args=[paid.pk]), {"reason": "登记错误"})
        assert take_back(fin, fee).status_code == 302
        check_books(loan, DAY)

    def test_rep_15_not_the_fee_of_an_early_repayment(self, ledger, loan, fin):
        loan.product.early_repayment_fee = 1
        loan.product.save()
        ledger.repay(loan, "50000", DAY, treatment="REDUCE")
        fee = LoanCharge.objects.get()
        text = fin.get(reverse("funds:loan-records", args=[loan.pk])).content.decode()
        assert fee.dialog not in text
        assert "提前还款手续费" in take_back(fin, fee).content.decode()

    def test_the_last_thing_owed_settles_the_loan(self, ledger, loan, fin):
        later = DAY + timedelta(300)
        charge(fin, loan, due_on=later.isoformat(), amount="100.00")
        fee = LoanCharge.objects.get()
        for line in lines(loan):
            ledger.repay(loan, line.total, line.due)
        assert fresh(loan).status != "SETTLED"
        with time_machine.travel(at(loan.due_date), tick=False):
            fin.force_login(ledger.fin)
            take_back(fin, fee)
        assert fresh(loan).status == "SETTLED"
        assert fresh(loan).application.biz_status == "SETTLED"

    def test_asks_why(self, fin, fee):
        assert take_back(fin, fee, reason="").status_code == 422
        assert not LedgerEntry.objects.filter(kind="REVERSAL").exists()

    def test_finance_alone(self, ledger, client, loan, fee):
        client.force_login(ledger.lender.am)
        text = client.get(reverse("funds:loan-records", args=[loan.pk])).content.decode()
        assert "合同第九条违约金" in text
        assert fee.dialog not in text
        assert take_back(client, fee).status_code == 403
        client.force_login(ledger.lender.people.other_am)
        assert take_back(client, fee).status_code == 404


class TestApi:
    def test_charges_once_a_key_lists_and_reverses(self, ledger, loan):
        api, url = APIClient(), f"/api/v1/loans/{loan.pk}/charges/"
        api.force_authenticate(ledger.fin)
        body = {"kind": "RECOVERY", "amount": "50.00", "due_on": DAY, "note": "律师函"}
        assert api.post(url, body).status_code == 400
        key = {"HTTP_IDEMPOTENCY_KEY": "fee-of-march"}
        first, again = (api.post(url, body, **key) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 201)
        assert first.json()["id"] == again.json()["id"]
        assert [row["note"] for row in api.get(url).json()] == ["律师函"]
        early = api.post(url, body | {"kind": "EARLY"}, HTTP_IDEMPOTENCY_KEY="fee-of-april")
        assert early.json()["code"] == "REP-15"
        late = api.post(url, body | {"due_on": "2026-03-01"}, HTTP_IDEMPOTENCY_KEY="fee-of-may-1")
        assert late.json()["code"] == "REP-11"
        none = api.post(url, body | {"amount": "0.00"}, HTTP_IDEMPOTENCY_KEY="fee-of-may-2")
        assert (none.json()["code"], none.json()["detail"]) == ("REP-02", "费用金额必须大于 0。")
        back = api.post(f"{url}{first.json()['id']}/reverse/", {"reason": "重复"})
        assert back.json()["waived"] == "50.00"
        check_books(loan, DAY)

    def test_others_may_not(self, ledger, loan):
        api = APIClient()
        api.force_authenticate(ledger.lender.am)
        body = {"kind": "RECOVERY", "amount": "50.00", "due_on": DAY, "note": "律师函"}
        answer = api.post(
            f"/api/v1/loans/{loan.pk}/charges/", body, HTTP_IDEMPOTENCY_KEY="fee-of-march"
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "DOC-05")
