"""The pages of the ledger: who opens them, what they cost, what a bad input does."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from django.urls import reverse

import pytest
import time_machine

from funds.models import Loan, Repayment
from tests.funds.factories import at, fresh
from tests.funds.test_imports import workbook

DUE = date(2026, 4, 2)


@pytest.fixture(autouse=True)
def _on_the_due_date():
    with time_machine.travel(at(DUE), tick=False):
        yield


@pytest.fixture
def as_user(client):
    def login(user):
        client.force_login(user)
        return client

    return login


def page(name: str, *args: int) -> str:
    return reverse(f"funds:{name}", args=args)


class TestLists:
    def test_shows_the_branch_its_loans(self, ledger, as_user, django_assert_max_num_queries):
        loan = ledger.loan()
        people = ledger.lender.people
        browser = as_user(people.brm)
        with django_assert_max_num_queries(10):
            answer = browser.get(page("loan-list"))
        assert loan.loan_no in answer.content.decode()
        assert loan.loan_no not in as_user(people.other_am).get(page("loan-list")).content.decode()

    @pytest.mark.parametrize("query", ["q=bfhy", "status=NORMAL", "q=JJ-SY", "due_to=2027-01-01"])
    def test_finds(self, ledger, as_user, query):
        loan = ledger.loan()
        answer = as_user(ledger.fin).get(f"{page('loan-list')}?{query}")
        assert loan.loan_no in answer.content.decode()

    def test_an_empty_filter_says_so(self, ledger, as_user):
        answer = as_user(ledger.fin).get(f"{page('loan-list')}?status=BAD")
        assert "没有符合筛选条件的借据" in answer.content.decode()

    @pytest.mark.parametrize("name", ["trial-balance", "arrears", "provisions"])
    def test_reports(self, ledger, as_user, name, django_assert_max_num_queries):
        ledger.loan()
        browser = as_user(ledger.fin)
        with django_assert_max_num_queries(10):
            assert browser.get(page(name)).status_code == 200
        assert as_user(ledger.lender.people.am).get(page(name)).status_code == 403


class TestLoanPage:
    def test_shows_everything_about_the_loan(self, ledger, as_user, django_assert_max_num_queries):
        loan = ledger.loan()
        ledger.repay(loan, "7500", DUE)
        browser = as_user(ledger.fin)
        with django_assert_max_num_queries(10):
            text = browser.get(page("loan-detail", loan.pk)).content.decode()
        with django_assert_max_num_queries(10):
            text += browser.get(page("loan-records", loan.pk)).content.decode()
        for part in ("还款计划", "还款记录", "台账流水", "分类历史", "冲销", "还款登记"):
            assert part in text

    def test_n26_another_branch_finds_nothing(self, ledger, as_user):
        loan = ledger.loan()
        browser = as_user(ledger.lender.people.other_am)
        for name in (
            "loan-detail",
            "loan-records",
            "settlement",
            "print-schedule",
            "repayment-new",
        ):
            assert browser.get(page(name, loan.pk)).status_code == 404

    def test_the_account_manager_reads_but_does_not_book(self, ledger, as_user):
        loan = ledger.loan()
        browser = as_user(ledger.lender.am)
        assert browser.get(page("loan-detail", loan.pk)).status_code == 200
        assert browser.get(page("repayment-new", loan.pk)).status_code == 403

    def test_settlement_of_a_day(self, ledger, as_user):
        loan = ledger.loan()
        answer = as_user(ledger.fin).get(f"{page('settlement', loan.pk)}?day=2026-04-12")
        assert "510,000.00" in answer.content.decode()

    def test_the_settlement_is_registered_for_its_day_and_figure(self, ledger, as_user):
        loan = ledger.loan()
        browser = as_user(ledger.fin)
        text = browser.get(f"{page('settlement', loan.pk)}?day=2026-03-22").content.decode()
        link = re.search(r'href="([^"]*treatment=SETTLE[^"]*)"', text)[1].replace("&amp;", "&")
        asked = browser.get(link).context["form"].initial
        assert (asked["paid_on"], asked["amount"]) == (date(2026, 3, 22), Decimal("505000.00"))
        text = browser.get(f"{page('settlement', loan.pk)}?day=2026-04-12").content.decode()
        assert "treatment=SETTLE" not in text

    def test_each_field_has_an_id_of_its_own(self, ledger, as_user):
        loan = ledger.loan()
        ledger.repay(loan, "7500", DUE)
        Loan.objects.filter(pk=loan.pk).update(risk_class="LOSS")
        for person in (ledger.fin, ledger.lender.people.hrm):
            browser = as_user(person)
            text = browser.get(page("loan-detail", loan.pk)).content.decode()
            text += browser.get(page("loan-records", loan.pk)).content.decode()
            ids = re.findall(r' id="(id_[^"]+)"', text)
            assert len(ids) == len(set(ids))

    def test_prints_the_schedule_and_counts_it(self, ledger, as_user):
        loan = ledger.loan()
        answer = as_user(ledger.lender.am).get(page("print-schedule", loan.pk))
        assert answer.status_code == 200
        assert b"".join(answer.streaming_content).startswith(b"%PDF")
        assert loan.application.prints.get().form == "repayment_schedule"


class TestRepaymentForm:
    def data(self, **values):
        return {
            "paid_on": "2026-04-02",
            "amount": "7,500.00",
            "bank_ref": "ICBC1",
            "payer": "北方汇银",
            "treatment": "DUE",
        } | values

    def test_books_and_shows_the_loan(self, ledger, as_user):
        loan = ledger.loan()
        browser = as_user(ledger.fin)
        answer = browser.post(page("repayment-new", loan.pk), self.data())
        assert answer.status_code == 302
        assert Repayment.objects.get().bank_ref == "ICBC1"

    def test_keeps_what_was_typed_and_says_why_not(self, ledger, as_user):
        loan = ledger.loan()
        answer = as_user(ledger.fin).post(
            page("repayment-new", loan.pk), self.data(amount="900000")
        )
        text = answer.content.decode()
        assert answer.status_code == 422
        assert "还款金额超过应还总额" in text
        assert "ICBC1" in text

    def test_previews_without_booking(self, ledger, as_user):
        loan = ledger.loan()
        browser = as_user(ledger.fin)
        text = browser.post(page("repayment-preview", loan.pk), self.data()).content.decode()
        assert "7,500.00" in text
        text = browser.post(
            page("repayment-preview", loan.pk), self.data(amount="x")
        ).content.decode()
        assert "填写日期和金额" in text
        assert not Repayment.objects.exists()

    def test_reverses_with_a_reason_only(self, ledger, as_user):
        loan = ledger.loan()
        repayment = ledger.repay(loan, "7500", DUE)
        browser = as_user(ledger.fin)
        assert browser.post(page("repayment-reverse", repayment.pk)).status_code == 422
        answer = browser.post(page("repayment-reverse", repayment.pk), {"reason": "登记错误"})
        assert answer.status_code == 302
        assert Repayment.objects.get().reversed_at is not None


class TestClassForm:
    def test_head_office_risk_sets_it_and_cls_01_shows_at_the_page(self, ledger, as_user):
        loan = ledger.loan()
        browser = as_user(ledger.lender.people.hrm)
        url = page("classify", loan.pk)
        assert browser.post(url, {"risk_class": "LOSS", "reason": "失联"}).status_code == 302
        answer = browser.post(url, {"risk_class": "NORMAL", "reason": "恢复"})
        assert answer.status_code == 422
        assert "分类不能优于" in answer.content.decode()
        assert fresh(loan).risk_class == "LOSS"


class TestImportPages:
    def test_from_the_file_to_the_results(self, ledger, as_user):
        loan = ledger.loan()
        browser = as_user(ledger.fin)
        file = workbook([loan.loan_no, DUE, 7500, "A1", "客户"], ["JJ-0", DUE, 1, "A2", "客户"])
        answer = browser.post(page("import"), {"file": file})
        assert answer.status_code == 302
        text = browser.get(answer["Location"]).content.decode()
        assert "借据“JJ-0”不存在" in text
        answer = browser.post(f"{answer['Location']}book/")
        assert "已入账" in browser.get(answer["Location"]).content.decode()
        assert Repayment.objects.count() == 1

    def test_no_file_is_said_at_the_field(self, ledger, as_user):
        assert as_user(ledger.fin).post(page("import")).status_code == 422


class TestSettingsPage:
    def test_tiers_with_a_gap_stay_typed(self, ledger, as_user):
        browser = as_user(ledger.lender.people.adm)
        assert browser.get(page("settings")).status_code == 200
        data = {
            f"{field}_{code}": value
            for code, first, last, rate in (
                ("NORMAL", 0, 0, 1),
                ("ATTENTION", 5, 90, 2),
                ("SUBSTANDARD", 91, 270, 25),
                ("DOUBTFUL", 271, 360, 50),
                ("LOSS", 361, "", 100),
            )
            for field, value in (("from", first), ("to", last), ("rate", rate))
        }
        answer = browser.post(page("tiers"), data)
        assert answer.status_code == 422
        assert "分类区间重叠或不连续" in answer.content.decode()
        data["from_ATTENTION"] = 1
        assert browser.post(page("tiers"), data).status_code == 302

    def test_saves_the_settings(self, ledger, as_user):
        browser = as_user(ledger.lender.people.adm)
        form = browser.get(page("settings")).context["form"]
        data = {
            name: form[name].value() if form[name].value() not in (None, False) else ""
            for name in form.fields
        }
        data |= {"grace_days": 3, "normal_order": "本金 → 利息 → 罚息 → 费用"}
        assert browser.post(page("settings"), data).status_code == 302
        from funds.selectors.settings import current_setting

        assert current_setting().grace_days == 3
        assert current_setting().normal_order == ["PRINCIPAL", "INTEREST", "PENALTY", "FEE"]


class TestPanels:
    def test_customer_and_application_show_their_loans(self, ledger, as_user):
        loan = ledger.loan()
        browser = as_user(ledger.lender.am)
        for address in (
            loan.customer.get_absolute_url(),
            loan.application.get_absolute_url(),
        ):
            assert loan.loan_no in browser.get(f"{address}related/").content.decode()


class TestApi:
    def test_reads_and_books(self, ledger, as_user):
        loan = ledger.loan()
        browser = as_user(ledger.fin)
        base = f"/api/v1/loans/{loan.pk}/"
        assert browser.get("/api/v1/loans/").json()["results"][0]["loan_no"] == loan.loan_no
        assert browser.get(f"{base}position/?day=2026-04-12").json()["interest"] == "7500.00"
        figure = browser.get(f"{base}settlement/?day=2026-04-12").json()
        assert figure["total"] == "510000.00"
        answer = browser.post(
            f"{base}repayments/",
            {"amount": "7500.00", "paid_on": "2026-04-02", "bank_ref": "A", "payer": "客户"},
            content_type="application/json",
        )
        assert answer.status_code == 201
        again = browser.post(
            f"{base}repayments/",
            {"amount": "1.00", "paid_on": "2026-04-02", "bank_ref": "A", "payer": "客户"},
            content_type="application/json",
        )
        assert (again.status_code, again.json()["code"]) == (409, "REP-03")
        for part in ("schedules", "journal", "classifications", "repayments"):
            assert browser.get(f"{base}{part}/").status_code == 200
        key = answer.json()["id"]
        answer = browser.post(
            f"/api/v1/repayments/{key}/reverse/",
            {"reason": "错"},
            content_type="application/json",
        )
        assert answer.json()["reverse_reason"] == "错"

    def test_others_may_not_book(self, ledger, as_user):
        loan = ledger.loan()
        answer = as_user(ledger.lender.am).post(
            f"/api/v1/loans/{loan.pk}/repayments/",
            {"amount": "7500.00", "paid_on": "2026-04-02", "bank_ref": "A", "payer": "客户"},
            content_type="application/json",
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "DOC-05")
