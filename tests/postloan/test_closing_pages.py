"""Lists, forms, pages and API of completions and bad customers; their related lists."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse

import pytest

from lending_crm.common.exports.declarations import export_of
from postloan.kinds.completion import CERTIFICATE
from postloan.models import BadCustomerHandover, CustomerCompletion
from tests.funds.factories import at
from tests.postloan.closing import (
    business,
    completed,
    count,
    handed_over,
    overdue_day,
    ready_completion,
    settle,
    submit,
)
from tests.postloan.factories import overdue

JSON = {"content_type": "application/json"}


@pytest.fixture
def loan(ledger):
    return ledger.loan()


@pytest.fixture
def people(ledger):
    return ledger.lender.people


class Completing:
    @pytest.fixture
    def day(self, ledger, time_machine):
        day = ledger.day(20)
        time_machine.move_to(at(day), tick=False)
        return day

    @pytest.fixture
    def settled(self, ledger, loan, day):
        settle(ledger, loan, day)
        return loan


class TestCompletionPages(Completing):
    def test_list_and_page_cost_few_queries(
        self, ledger, settled, day, client, people, django_assert_max_num_queries
    ):
        document = ready_completion(ledger, settled, day)
        submit(document, day)
        client.force_login(people.am)
        with django_assert_max_num_queries(10):
            page = client.get("/customer-completions/").content.decode()
        assert document.doc_no in page
        assert client.get(reverse("exports:new", args=["customer-completions"])).status_code == 200
        with django_assert_max_num_queries(20):
            detail = client.get(f"/customer-completions/{document.pk}/").content.decode()
        assert business(settled).doc_no in detail
        assert "退还权证" in detail

    def test_begun_from_the_customer_the_form_saves(self, ledger, settled, client, people):
        client.force_login(people.am)
        chosen = client.get("/customer-completions/new/").content.decode()
        url = f"/customer-completions/new/{settled.customer_id}/"
        assert url in chosen
        form = client.get(url).content.decode()
        assert business(settled).doc_no in form
        data = {
            "way": "EARLY",
            "settled_on": "2026-03-22",
            "businesses-TOTAL_FORMS": "1",
            "businesses-INITIAL_FORMS": "0",
            "businesses-0-application": str(settled.application_id),
            "materials-TOTAL_FORMS": "0",
            "materials-INITIAL_FORMS": "0",
            "view": "1",
        }
        wrong = client.post(url, {**data, "way": ""})
        assert wrong.status_code == 422
        saved = client.post(url, data)
        document = CustomerCompletion.objects.get()
        assert saved.url == f"/customer-completions/{document.pk}/"
        edit = client.get(f"/customer-completions/{document.pk}/edit/").content.decode()
        assert "releases-0-is_done" in edit

    @pytest.mark.parametrize("subject", ["customers", "applications", "loans"])
    def test_related_lists_offer_one(self, ledger, settled, client, people, subject):
        pk = {
            "customers": settled.customer_id,
            "applications": settled.application_id,
            "loans": settled.pk,
        }[subject]
        client.force_login(people.am)
        page = client.get(f"/{subject}/{pk}/related/").content.decode()
        assert f"/customer-completions/new/{settled.customer_id}/" in page

    def test_the_certificate_is_offered_once_it_is_approved(
        self, ledger, settled, day, client, people
    ):
        document = completed(ledger, settled, day)
        client.force_login(people.am)
        page = client.get(f"/customer-completions/{document.pk}/").content.decode()
        assert "结清证明" in page
        paper = client.get(f"/customer-completions/{document.pk}/print/{CERTIFICATE}/")
        assert paper["Content-Type"] == "application/pdf"

    def test_n26_another_branch_gets_404(self, ledger, settled, day, client, people):
        document = ready_completion(ledger, settled, day)
        client.force_login(people.other_am)
        for tail in ("", "edit/", "submission/", "related/"):
            assert client.get(f"/customer-completions/{document.pk}/{tail}").status_code == 404

    def test_the_list_is_exported_with_its_words(self, ledger, settled, day, people):
        document = ready_completion(ledger, settled, day)
        export = export_of("customer-completions")
        rows = export.rows(people.am, {}, at(day))
        assert list(rows) == [document]
        values = {
            str(column.title): column.value(document, user=people.am, opens=())
            for column in export.columns
        }
        assert values["完结方式"] == "正常结清"
        assert values["放款合计(元)"] == document.disbursed

    def test_the_menu_names_it(self, ledger, client, people):
        client.force_login(people.am)
        page = client.get("/customer-completions/").content.decode()
        assert "客户完结" in page
        assert 'href="/bad-customers/"' in page


class TestCompletionApi(Completing):
    def test_the_same_rules_hold(self, ledger, loan, day, client, people):
        client.force_login(people.am)
        made = client.post(
            "/api/v1/customer-completions/",
            {
                "customer": loan.customer_id,
                "way": "REGULAR",
                "settled_on": f"{day:%Y-%m-%d}",
                "businesses": [{"application": loan.application_id}],
            },
            **JSON,
        )
        assert made.status_code == 201, made.content
        assert made.json()["businesses"][0]["outstanding"] != "0.00"
        document = CustomerCompletion.objects.get(pk=made.json()["id"])
        refused = client.post(
            f"/api/v1/customer-completions/{document.pk}/submit/",
            {"seen_version": document.version},
            headers={"Idempotency-Key": "submit-the-completion"},
            **JSON,
        )
        found = {each["code"] for each in refused.json()["errors"]}
        assert {"CMP-01", "CMP-03", "WF-08"} <= found

    def test_unknown_fields_and_computed_ones_are_refused(self, loan, day, client, people):
        client.force_login(people.am)
        made = client.post(
            "/api/v1/customer-completions/",
            {"customer": loan.customer_id, "way": "REGULAR", "disbursed": "1.00"},
            **JSON,
        )
        assert made.status_code in (400, 422)
        assert "disbursed" in made.content.decode()


class Bad:
    @pytest.fixture
    def late(self, loan, time_machine):
        late = overdue_day(loan, 91)
        time_machine.move_to(at(late), tick=False)
        count(late)
        return late

    @pytest.fixture
    def draft(self, late):
        return BadCustomerHandover.objects.get()

    @pytest.fixture
    def managed(self, ledger, loan, late, draft):
        draft.document_ptr.__class__.objects.filter(pk=draft.pk).update(wf_status="VOID")
        BadCustomerHandover.objects.filter(pk=draft.pk).update(open_customer=None)
        return handed_over(ledger, loan, late)


class TestBadCustomerPages(Bad):
    def test_list_and_page_cost_few_queries(
        self, managed, client, people, django_assert_max_num_queries
    ):
        client.force_login(people.ard)
        with django_assert_max_num_queries(10):
            page = client.get("/bad-customers/").content.decode()
        assert managed.doc_no in page
        assert "不良管理中" in page
        detail = client.get(f"/bad-customers/{managed.pk}/").content.decode()
        assert "处置方案与回收记录" in detail
        assert "record-dialog" in detail

    def test_the_proposal_says_that_the_system_opened_it(self, draft, client, people):
        client.force_login(people.am)
        page = client.get(f"/bad-customers/{draft.pk}/").content.decode()
        assert "系统自动生成" in page

    def test_the_choice_says_why_not(
        self, ledger, loan, late, draft, client, people, django_assert_max_num_queries
    ):
        client.force_login(people.am)
        with django_assert_max_num_queries(10):
            page = client.get("/bad-customers/new/").content.decode()
        assert draft.doc_no in page

    def test_the_former_account_manager_is_told_where_it_is(self, managed, client, people):
        client.force_login(people.am)
        page = client.get("/bad-customers/new/").content.decode()
        assert "客户已在不良客户管理中" in page
        related = client.get(f"/customers/{managed.customer_id}/related/").content.decode()
        assert "客户已在不良客户管理中" in related

    def test_the_customers_page_names_the_co_handler(self, managed, client, people):
        client.force_login(people.ard)
        page = client.get(f"/customers/{managed.customer_id}/").content.decode()
        assert "协办人" in page
        assert "资产保全部" in page
        assert people.am.name in page

    def test_an_overdue_request_of_91_days_leads_to_it(
        self, ledger, loan, late, draft, client, people
    ):
        request = overdue(ledger, loan, late)
        client.force_login(people.am)
        page = client.get(f"/extension-requests/{request.pk}/related/").content.decode()
        assert "不良客户管理" in page
        assert draft.doc_no in page

    def test_a_record_is_written_and_refused_in_its_dialog(self, managed, client, people, late):
        client.force_login(people.ard)
        url = f"/bad-customers/{managed.pk}/records/"
        data = {
            "kind": "RECOVERY",
            "done_on": f"{late:%Y-%m-%d}",
            "content": "处置存货",
            "creation_key": "0b0b6f5e-7c0e-4d4d-9d43-4b0b6f5e7c0e",
        }
        wrong = client.post(url, data)
        assert wrong.status_code == 422
        assert "请填写回收金额" in wrong.content.decode()
        assert client.post(url, {**data, "amount": "1万"}).status_code == 302
        client.post(url, {**data, "amount": "1万"})
        assert managed.recovery_records.count() == 1
        page = client.get(f"/bad-customers/{managed.pk}/").content.decode()
        assert "10,000.00" in page

    def test_records_are_for_the_officer_alone(self, managed, client, people, late):
        url = f"/bad-customers/{managed.pk}/records/"
        client.force_login(people.hrm)
        assert client.post(url, {}).status_code == 403
        client.force_login(people.other_am)
        assert client.post(url, {}).status_code == 404


class TestBadCustomerApi(Bad):
    def test_a_handover_is_written_and_read(self, draft, client, people, late):
        client.force_login(people.am)
        sent = client.patch(
            f"/api/v1/bad-customers/{draft.pk}/",
            {
                "seen_version": draft.version,
                "receiver": people.ard.pk,
                "witness": people.ard.pk,
            },
            **JSON,
        )
        assert [each["code"] for each in sent.json()["errors"]] == ["BAD-03"]
        shown = client.get(f"/api/v1/bad-customers/{draft.pk}/").json()
        assert shown["balance"] == "500000.00"
        assert shown["biz_status"] == "APPLYING"

    def test_records(self, managed, client, people, late):
        client.force_login(people.ard)
        url = f"/api/v1/bad-customers/{managed.pk}/records/"
        body = {
            "kind": "PLAN",
            "done_on": f"{late:%Y-%m-%d}",
            "content": "协商还款",
            "next_step_on": f"{late + timedelta(days=5):%Y-%m-%d}",
        }
        key = {"Idempotency-Key": "plan-of-the-week"}
        assert client.post(url, body, headers=key, **JSON).status_code == 201
        assert client.post(url, body, headers=key, **JSON).status_code == 201
        assert [each["kind"] for each in client.get(url).json()] == ["PLAN"]
        unknown = client.post(url, {**body, "by": 1}, headers=key, **JSON)
        assert unknown.status_code in (400, 422)
        client.force_login(people.hrm)
        assert client.get(url).status_code == 200
        assert client.post(url, body, headers=key, **JSON).status_code == 403

    def test_begun_over_http_it_is_one_a_customer(self, ledger, loan, draft, client, people):
        client.force_login(people.am)
        made = client.post(
            "/api/v1/bad-customers/", {"customer": loan.customer_id, "reason": "逾期"}, **JSON
        )
        assert made.status_code == 409
        assert made.json()["code"] == "BAD-06"
