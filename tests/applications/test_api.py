"""Business applications through the REST API: the same services, the same codes."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

import pytest

from applications.models import BusinessApplication
from documents.models import Attachment
from tests.applications.factories import Lender, attach_papers, fresh, set_status
from workflows.models import Case

URL = "/api/v1/business-applications/"


@pytest.fixture
def call(lender):
    def call(who: Any = None, language: str = "zh-hans") -> APIClient:
        client = APIClient(headers={"accept-language": language})
        client.force_authenticate(who or lender.am)
        return client

    return call


def body(lender: Lender, **values: Any) -> dict[str, Any]:
    return {
        "opportunity": lender.opportunity.pk,
        "purpose": "WORKING_CAPITAL",
        "purpose_note": "采购钢材",
        "repay_source": "销售回款",
        "guarantee": ["MORTGAGE"],
        "lines": [
            {
                "product": "LDZJ",
                "amount": "300000.00",
                "term_months": 12,
                "annual_rate": "12",
                "method": "INTEREST_FIRST",
            }
        ],
        "guarantee_items": [
            {"kind": "REAL_ESTATE", "name": "住宅", "assessed_value": "1000000", "ratio": "70"}
        ],
        "fees": [{"kind": "SERVICE", "basis": "RATE", "rate": "1", "timing": "UPFRONT"}],
    } | values


class TestCreate:
    def test_answers_with_what_was_computed(self, lender, call):
        response = call().post(URL, body(lender))

        assert response.status_code == 201, response.data
        made = response.json()
        assert made["doc_no"].startswith("YW-SY-")
        assert made["amount_total"] == "300000.00"
        assert made["all_in_rate"] == "13.0722"
        assert made["guarantee_items"][0]["lendable"] == "700000.00"
        assert made["borrower"] == lender.customer.contacts.get().pk

    def test_a_repeated_key_creates_once(self, lender, call):
        headers = {"Idempotency-Key": "my-key-0001"}
        first = call().post(URL, body(lender), headers=headers)
        second = call().post(URL, body(lender), headers=headers)
        assert first.json()["id"] == second.json()["id"]
        assert BusinessApplication.objects.count() == 1

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"opportunity": 424242}, "opportunity"),
            ({"borrower": 424242}, "borrower"),
            ({"purpose": "MAGIC"}, "purpose"),
            ({"purpose_note": "长" * 2001}, "purpose_note"),
            ({"purpose_note": "a\x00b"}, "purpose_note"),
            ({"guarantee": "MORTGAGE"}, "guarantee"),
            ({"rebate_ratio": "1e999"}, "rebate_ratio"),
            ({"lines": [{"product": "NONE"}]}, "lines.0.product"),
            ({"lines": "x"}, "lines"),
            ({"lines": [{}] * 31}, "lines"),
        ],
    )
    def test_names_the_wrong_field(self, lender, call, values, field):
        response = call().post(URL, body(lender, **values))
        assert response.status_code in (400, 422)
        assert response["Content-Type"] == "application/problem+json"
        fields = [str(error["field"]) for error in response.json()["errors"]]
        assert any(name.startswith(field) for name in fields), fields
        assert not BusinessApplication.objects.exists()

    def test_bus_01_names_the_row(self, lender, call):
        data = body(lender)
        data["lines"][0]["amount"] = "0"
        problem = call().post(URL, data).json()
        assert (problem["code"], problem["errors"][0]["field"]) == ("BUS-01", "lines.0.amount")
        assert problem["detail"] == "申请金额必须大于 0。"

    def test_speaks_the_readers_language(self, lender, call):
        data = body(lender)
        data["lines"][0]["amount"] = "0"
        problem = call(language="en").post(URL, data).json()
        assert problem["detail"] == "The requested amount must be greater than 0."

    def test_only_the_account_manager_of_the_customer(self, lender, call):
        assert call(lender.people.tl).post(URL, body(lender)).status_code == 403
        # Another branch does not even see the opportunity.
        assert call(lender.people.other_am).post(URL, body(lender)).status_code == 400


class TestRead:
    def test_n26_strangers_find_nothing(self, lender, call):
        draft = lender.draft()
        for who in (lender.people.other_am, lender.people.colleague, lender.people.adm):
            assert call(who).get(URL).json()["results"] == []
            for path in ("", "preview/", "attachments/", "supplements/"):
                assert call(who).get(f"{URL}{draft.pk}/{path}").status_code == 404, path
            for path in ("submit/", "withdraw/", "copy/", "void/"):
                assert call(who).post(f"{URL}{draft.pk}/{path}").status_code == 404, path

    def test_lists_and_filters(self, lender, call):
        draft = lender.draft()
        assert call().get(URL, {"q": "bfhy"}).json()["results"][0]["id"] == draft.pk
        assert call().get(URL, {"wf_status": "APPROVED"}).json()["results"] == []
        assert call().get(URL, {"wf_status": "X"}).status_code == 400
        assert call().get(f"{URL}99999999999999999999/").status_code == 404

    def test_a_list_asks_a_bounded_number_of_queries(
        self, lender, call, django_assert_max_num_queries
    ):
        for _ in range(5):
            lender.draft(has_papers=False)
        client = call()
        with django_assert_max_num_queries(6):
            client.get(URL)


class TestUpdate:
    def test_changes_only_what_is_sent(self, lender, call):
        draft = lender.draft()
        response = call().patch(
            f"{URL}{draft.pk}/", {"remark": "加急", "seen_version": draft.version}
        )
        assert response.status_code == 200, response.data
        assert response.json()["remark"] == "加急"
        assert len(response.json()["lines"]) == 1

    def test_takes_a_custom_plan(self, lender, call):
        draft = lender.draft()
        row = {
            "product": "LDZJ", "amount": "300000", "term_months": 12, "annual_rate": "12",
            "method": "CUSTOM",
            "plan": [{"month": 6, "principal": "100000"}, {"month": 12, "principal": "200000"}],
        }  # fmt: skip
        response = call().patch(
            f"{URL}{draft.pk}/", {"lines": [row], "seen_version": draft.version}
        )
        assert response.json()["lines"][0]["plan"] == [
            {"month": 6, "principal": "100000.00"},
            {"month": 12, "principal": "200000.00"},
        ]

    def test_wf_12_and_sys_400(self, lender, call):
        draft = lender.draft()
        url = f"{URL}{draft.pk}/"
        stale = call().patch(url, {"remark": "x", "seen_version": draft.version + 1})
        assert (stale.status_code, stale.json()["code"]) == (409, "WF-12")
        assert call().patch(url, {"remark": "x"}).json()["code"] == "SYS-400"

    def test_n4_wf_04_under_approval(self, lender, call):
        draft = lender.draft()
        set_status(draft, "IN_APPROVAL")
        response = call().patch(f"{URL}{draft.pk}/", {"remark": "x", "seen_version": draft.version})
        assert (response.status_code, response.json()["code"]) == (409, "WF-04")


class TestSubmit:
    def test_goes_through_from_creation_to_withdrawal(self, lender, call):
        client = call()
        made = client.post(URL, body(lender)).json()
        application = BusinessApplication.objects.get(pk=made["id"])
        url = f"{URL}{application.pk}/"
        key = {"Idempotency-Key": "submit-0001"}

        refused = client.post(f"{url}submit/", {"seen_version": made["version"]}, headers=key)
        assert refused.status_code == 422
        assert [error["code"] for error in refused.json()["errors"]] == ["WF-09"]

        attach_papers(application)
        preview = client.get(f"{url}preview/").json()
        assert preview["can_submit"] is True
        assert preview["authority_level"] == 1
        assert [step["people"] for step in preview["steps"][:3]] == [
            ["赵主管"],
            ["钱风控"],
            ["孙总"],
        ]

        version = fresh(application).version
        sent = client.post(f"{url}submit/", {"seen_version": version}, headers=key)
        assert (sent.status_code, sent.json()["wf_status"]) == (200, "IN_APPROVAL")
        again = client.post(f"{url}submit/", {"seen_version": version}, headers=key)
        assert again.status_code == 200
        assert Case.objects.count() == 1

        back = client.post(
            f"{url}withdraw/", {"reason": "客户改期"}, headers={"Idempotency-Key": "withdraw-1"}
        )
        assert (back.status_code, back.json()["wf_status"]) == (200, "WITHDRAWN")

    def test_needs_a_key(self, lender, call):
        draft = lender.draft()
        response = call().post(f"{URL}{draft.pk}/submit/", {"seen_version": draft.version})
        assert (response.status_code, response.json()["code"]) == (400, "SYS-400")

    def test_lists_every_reason_with_its_field(self, lender, call):
        draft = lender.draft(purpose="STOCKS")
        problem = (
            call()
            .post(
                f"{URL}{draft.pk}/submit/",
                {"seen_version": draft.version},
                headers={"Idempotency-Key": "submit-0001"},
            )
            .json()
        )
        assert problem["errors"] == [
            {
                "code": "BUS-06",
                "detail": "借款用途“股票”属于禁止用途"
                "(股票、金融衍生品、购房首付、偿还其他贷款等)。",
                "field": "purpose",
            }
        ]

    def test_a_draft_cannot_be_withdrawn(self, lender, call):
        draft = lender.draft()
        response = call().post(
            f"{URL}{draft.pk}/withdraw/",
            {"reason": "客户改期"},
            headers={"Idempotency-Key": "withdraw-1"},
        )
        assert (response.status_code, response.json()["code"]) == (409, "WF-05")


class TestVoidAndCopy:
    def test_void_needs_a_reason(self, lender, call):
        draft = lender.draft()
        url = f"{URL}{draft.pk}/void/"
        assert call().post(url).json()["code"] == "WF-07"
        assert call().post(url, {"reason": "客户不再需要"}).json()["wf_status"] == "VOID"

    def test_delete_is_void_with_a_reason(self, lender, call):
        draft = lender.draft()
        url = f"{URL}{draft.pk}/"
        assert call().delete(url).json()["code"] == "WF-07"
        assert call().delete(f"{url}?reason=客户不再需要").json()["wf_status"] == "VOID"
        assert call().delete(f"{url}?reason=客户不再需要").json()["code"] == "WF-05"

    def test_copies_a_void_one(self, lender, call):
        draft = lender.draft()
        call().post(f"{URL}{draft.pk}/void/", {"reason": "客户不再需要"})
        response = call().post(f"{URL}{draft.pk}/copy/")
        assert response.status_code == 201
        assert response.json()["copied_from"] == draft.pk


class TestSchedulePreview:
    def test_computes_without_storing(self, lender, call):
        response = call().post(
            f"{URL}schedule-preview/",
            {"lines": body(lender)["lines"], "start": "2026-03-02"},
        )
        found = response.json()
        assert response.status_code == 200, found
        assert found["all_in_rate"] == "12.0000"
        assert len(found["schedules"][0]["instalments"]) == 12
        assert found["schedules"][0]["instalments"][11]["total"] == "303000.00"
        assert not BusinessApplication.objects.exists()

    def test_says_which_term_is_wrong(self, lender, call):
        data = {"lines": [body(lender)["lines"][0] | {"method": "CUSTOM"}]}
        problem = call().post(f"{URL}schedule-preview/", data).json()
        assert problem["errors"][0]["field"] == "lines.0.plan"
        assert call().post(f"{URL}schedule-preview/", {"lines": []}).status_code == 400


class TestMounted:
    def test_attachments_hang_below_the_application(self, lender, call):
        draft = lender.draft()
        found = call().get(f"{URL}{draft.pk}/attachments/").json()
        assert len(found["results"]) == Attachment.objects.count()
        assert not any(category["is_missing"] for category in found["categories"])

    def test_products_are_readable(self, lender, call):
        assert call().get("/api/v1/products/").json()[0]["code"] == "LDZJ"
        assert call().get("/api/v1/products/LDZJ/").json()["max_term"] == 36
        assert call().post("/api/v1/products/", {}).status_code == 405
