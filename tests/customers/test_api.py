"""The API of customers, contacts and opportunities: the same rules, as problem+json."""

from __future__ import annotations

from rest_framework.test import APIClient

import pytest

from customers.models import Contact, Customer, Opportunity, SensitiveAccess
from tests.customers.factories import (
    contact_data,
    credit_code,
    enterprise_data,
    make_contact,
    make_customer,
    make_opportunity,
    make_person,
)

pytestmark = pytest.mark.django_db
CUSTOMERS, CONTACTS, OPPORTUNITIES = (
    f"/api/v1/{name}/" for name in ("customers", "contacts", "opportunities")
)


@pytest.fixture
def api(world):
    """``api("am")`` is a client of that person."""

    def client(who: str) -> APIClient:
        found = APIClient()
        found.force_authenticate(getattr(world, who))
        return found

    return client


def codes(answer) -> dict[str, str | None]:
    """Code → field of a problem document."""
    assert answer["Content-Type"] == "application/problem+json", answer.content
    return {error["code"]: error["field"] for error in answer.json()["errors"]}


class TestCustomers:
    def test_creates_reads_and_masks(self, world, api):
        made = api("am").post(CUSTOMERS, {"customer_type": "ENTERPRISE"} | enterprise_data())
        assert made.status_code == 201, made.content
        body = made.json()
        assert body["customer_no"].startswith("KH-SY-")
        assert body["phone"] == "138****8000" and body["acct_no"] == "6222 **** **** 0128"
        read = api("am").get(f"{CUSTOMERS}{body['id']}/")
        assert read.json() == body

    def test_n25_lists_show_no_full_number(self, world, now, api):
        customer = make_person(world.am, now)
        contact = make_contact(customer, now)
        for url in (CUSTOMERS, CONTACTS, f"{CUSTOMERS}{customer.pk}/changes/"):
            text = api("hrm").get(url).content.decode()
            for number in (customer.id_no, customer.phone, customer.acct_no, contact.mobile):
                assert number not in text

    def test_lists_every_refusal_with_code_and_field(self, world, api):
        answer = api("am").post(
            CUSTOMERS,
            {"customer_type": "ENTERPRISE"} | enterprise_data(uscc="X" * 18, phone="1"),
        )
        assert answer.status_code == 422
        assert codes(answer) == {"CUS-01": "uscc", "CUS-04": "phone"}

    def test_names_empty_red_fields_cus_17(self, world, api):
        answer = api("am").post(CUSTOMERS, {"customer_type": "PERSON"})
        assert answer.status_code == 422 and set(codes(answer)) == {"CUS-17"}
        assert set(codes(api("am").post(CUSTOMERS, {}))) == {"CUS-27"}

    def test_refuses_taken_numbers_cus_03(self, world, now, api):
        code = credit_code()
        make_customer(world.other_am, now, uscc=code)
        answer = api("am").post(
            CUSTOMERS, {"customer_type": "ENTERPRISE"} | enterprise_data(uscc=code)
        )
        assert answer.status_code == 409 and codes(answer) == {"CUS-03": "uscc"}

    def test_changes_only_what_is_sent(self, world, now, api):
        customer = make_customer(world.am, now)
        answer = api("am").patch(
            f"{CUSTOMERS}{customer.pk}/",
            {"legal_rep": "王五", "phone": "138****8000", "seen_version": 1},
        )
        assert answer.status_code == 200, answer.content
        stored = Customer.objects.get()
        assert (stored.legal_rep, stored.phone, stored.version) == ("王五", "13800138000", 2)

    def test_wants_the_version_seen_wf_12(self, world, now, api):
        customer = make_customer(world.am, now)
        url = f"{CUSTOMERS}{customer.pk}/"
        assert "SYS-400" in codes(api("am").patch(url, {"remark": "x"}))
        assert "WF-12" in codes(api("am").patch(url, {"remark": "x", "seen_version": 9}))

    def test_refuses_another_type_cus_06(self, world, now, api):
        customer = make_customer(world.am, now)
        answer = api("am").patch(
            f"{CUSTOMERS}{customer.pk}/", {"customer_type": "PERSON", "seen_version": 1}
        )
        assert codes(answer) == {"CUS-06": "customer_type"}

    def test_answers_a_repeated_key_with_the_same_customer(self, world, api):
        data = {"customer_type": "ENTERPRISE"} | enterprise_data(uscc="")
        client = api("am")
        made = {
            client.post(CUSTOMERS, data, headers={"Idempotency-Key": "order-12345"}).json()["id"]
            for _turn in range(2)
        }
        assert len(made) == 1
        assert client.post(CUSTOMERS, data, headers={"Idempotency-Key": "x"}).status_code == 400

    @pytest.mark.parametrize(
        "values",
        [
            {"name": "汇\x00银"}, {"name": "长" * 10_000}, {"founded_on": "31/12/2020"},
            {"reg_capital": "NaN"}, {"reg_capital": 1e300}, {"industry": "ZZ"},
            {"channel": 999}, {"channel": "x"}, {"group": 10**30}, {"name": ["a"]},
            {"principal_customer": -1}, {"sms_consent": "perhaps"}, {"rebate_ratio": "1" * 40},
        ],
    )  # fmt: skip
    def test_answers_bad_input_with_a_sentence(self, world, api, values):
        data = {"customer_type": "ENTERPRISE"} | enterprise_data() | values
        answer = api("am").post(CUSTOMERS, data)
        assert answer.status_code in (400, 422), answer.content
        assert next(iter(values)) in codes(answer).values()
        assert not Customer.objects.exists()

    def test_n26_shows_nobody_elses(self, world, now, api):
        customer = make_customer(world.am, now)
        for who in ("colleague", "other_am", "adm", "rc"):
            client = api(who)
            assert client.get(f"{CUSTOMERS}?q=bfhy").json()["results"] == []
            for answer in (
                client.get(f"{CUSTOMERS}{customer.pk}/"),
                client.patch(f"{CUSTOMERS}{customer.pk}/", {"seen_version": 1}),
                client.delete(f"{CUSTOMERS}{customer.pk}/"),
                client.post(f"{CUSTOMERS}{customer.pk}/reveal/", {"field": "phone"}),
            ):
                assert answer.status_code == 404

    def test_refuses_readers_who_write_cus_11_cus_12(self, world, now, api):
        customer = make_customer(world.am, now)
        answer = api("brm").patch(f"{CUSTOMERS}{customer.pk}/", {"seen_version": 1})
        assert answer.status_code == 403 and "CUS-11" in codes(answer)
        answer = api("brm").post(CUSTOMERS, {"customer_type": "ENTERPRISE"} | enterprise_data())
        assert answer.status_code == 403 and "CUS-12" in codes(answer)

    def test_deletes_or_says_why_not_cus_05(self, world, now, api):
        customer = make_customer(world.am, now)
        opportunity = make_opportunity(customer, now)
        assert "CUS-05" in codes(api("am").delete(f"{CUSTOMERS}{opportunity.customer_id}/"))
        other = make_customer(world.am, now)
        assert api("am").delete(f"{CUSTOMERS}{other.pk}/").status_code == 204

    def test_n25_reveals_with_reason_and_log_cus_15_cus_16(self, world, now, api):
        customer = make_person(world.am, now)
        url = f"{CUSTOMERS}{customer.pk}/reveal/"
        assert "CUS-15" in codes(api("brm").post(url, {"field": "id_no"}))
        answer = api("brm").post(url, {"field": "id_no", "reason": "核对征信报告"})
        assert answer.json()["value"] == customer.id_no
        assert SensitiveAccess.objects.count() == 1
        refused = api("fin").post(url, {"field": "id_no", "reason": "核对征信报告"})
        assert "CUS-16" in codes(refused)
        assert api("am").post(url, {"field": "name", "reason": "核对"}).status_code == 400
        assert api("am").post(url, {"field": "mobile", "reason": "核对"}).status_code == 404

    def test_reassigns(self, world, now, api):
        customer = make_customer(world.am, now)
        url = f"{CUSTOMERS}{customer.pk}/owner/"
        data = {"owner": world.colleague.pk, "seen_version": 1}
        assert "CUS-13" in codes(api("am").post(url, data))
        assert api("tl").post(url, data).json()["owner"]["name"] == "李同事"

    def test_tells_what_a_submission_lacks(self, world, now, api):
        customer = make_customer(world.am, now, legal_rep="")
        body = api("am").get(f"{CUSTOMERS}{customer.pk}/submission/").json()
        assert {"field": "legal_rep", "label": "法定代表人"} in body["missing"]
        assert [refusal["code"] for refusal in body["refusals"]] == ["CON-03"]

    def test_filters(self, world, now, api):
        make_customer(world.am, now)
        make_person(world.am, now)
        client = api("am")
        assert len(client.get(CUSTOMERS).json()["results"]) == 2
        found = client.get(f"{CUSTOMERS}?customer_type=PERSON").json()["results"]
        assert [row["customer_type"] for row in found] == ["PERSON"]
        assert client.get(f"{CUSTOMERS}?customer_type=NOPE").status_code == 400
        assert client.get(f"{CUSTOMERS}?cursor=nonsense").status_code in (400, 404)

    def test_list_asks_few_queries(self, world, now, api, django_assert_max_num_queries):
        for _number in range(5):
            make_customer(world.am, now)
        client = api("brm")
        with django_assert_max_num_queries(6):
            client.get(CUSTOMERS)

    def test_hostile_ids_are_not_found(self, api):
        for pk in ("0", "9" * 19, "9" * 40, "abc"):
            assert api("am").get(f"{CUSTOMERS}{pk}/").status_code == 404

    def test_strangers_must_log_in(self):
        assert APIClient().get(CUSTOMERS).status_code == 401


class TestContacts:
    def test_creates_changes_and_deletes(self, world, now, api):
        customer = make_customer(world.am, now)
        client = api("am")
        made = client.post(CONTACTS, contact_data(customer=customer.pk))
        assert made.status_code == 201, made.content
        body = made.json()
        assert body["mobile"] == "139****9000" and body["gender"] == "M"
        url = f"{CONTACTS}{body['id']}/"
        changed = client.patch(url, {"wechat": "zs", "seen_version": 1})
        assert changed.json()["wechat"] == "zs"
        assert client.delete(url).status_code == 204
        assert not Contact.objects.exists()

    def test_refuses_with_codes_con_01(self, world, now, api):
        customer = make_customer(world.am, now)
        make_contact(customer, now)
        answer = api("am").post(CONTACTS, contact_data(customer=customer.pk))
        assert codes(answer) == {"CON-01": "contact_type"}

    def test_n26_takes_no_customer_out_of_sight(self, world, now, api):
        customer = make_customer(world.other_am, now)
        answer = api("am").post(CONTACTS, contact_data(customer=customer.pk))
        assert answer.status_code == 400 and "customer" in codes(answer).values()

    def test_draws_relations_inf_01(self, world, now, api):
        customer = make_customer(world.am, now)
        main = make_contact(customer, now)
        other = make_contact(customer, now, contact_type="MANAGER", name="赵经理")
        url = f"{CONTACTS}{main.pk}/relations/"
        made = api("am").post(url, {"contacts": [other.pk], "incoming": False, "strength": 3})
        assert made.status_code == 201, made.content
        assert made.json()[0]["to_name"] == "赵经理"
        assert "INF-01" in codes(api("am").post(url, {"contacts": [main.pk]}))
        assert len(api("am").get(url).json()) == 1
        assert api("other_am").get(url).status_code == 404


class TestOpportunities:
    def data(self, customer: Customer, **values) -> dict:
        return {
            "customer": customer.pk, "subject": "建材采购", "product": "LDZJ",
            "amount": "500000.00", "term": 6, "expected_on": "2099-01-01",
            "next_follow_on": "2099-01-01",
        } | values  # fmt: skip

    def test_creates_and_promotes(self, world, now, api):
        customer = make_customer(world.am, now)
        client = api("am")
        made = client.post(OPPORTUNITIES, self.data(customer))
        assert made.status_code == 201, made.content
        url = f"{OPPORTUNITIES}{made.json()['id']}/"
        up = client.post(f"{url}promote/", {"stage": 2, "seen_version": 1})
        assert (up.json()["stage"], up.json()["probability"]) == (2, 20)
        again = client.post(f"{url}promote/", {"stage": 2, "seen_version": 1})
        assert again.status_code == 409 and "WF-12" in codes(again)
        missing = client.post(f"{url}promote/", {"stage": 3, "seen_version": 2})
        assert "OPP-02" in codes(missing)
        assert "OPP-03" in codes(client.post(f"{url}promote/", {"stage": 6, "seen_version": 2}))
        assert "OPP-04" in codes(client.post(f"{url}step-back/", {"stage": 1, "seen_version": 2}))
        assert len(client.get(f"{url}history/").json()["results"]) == 2

    def test_loses_and_is_closed_opp_05(self, world, now, api):
        opportunity = make_opportunity(make_customer(world.am, now), now)
        url = f"{OPPORTUNITIES}{opportunity.pk}/"
        client = api("am")
        lost = client.post(f"{url}lose/", {"lost_reason": "PRICE", "seen_version": 1})
        assert lost.json()["biz_status"] == "LOST"
        answer = client.post(f"{url}promote/", {"stage": 2, "seen_version": 2})
        assert "OPP-05" in codes(answer)

    def test_notes_follow_ups_once_per_key(self, world, now, api):
        opportunity = make_opportunity(make_customer(world.am, now), now)
        url = f"{OPPORTUNITIES}{opportunity.pk}/follow-ups/"
        data = {"content": "电话", "next_follow_on": "2099-01-01"}
        for _turn in range(2):
            made = api("am").post(url, data, headers={"Idempotency-Key": "call-2026-1"})
            assert made.status_code == 201, made.content
        assert len(api("am").get(url).json()["results"]) == 1

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"amount": "0"}, "OPP-07"), ({"expected_on": "2020-01-01"}, "OPP-08"),
            ({"term": 601}, "OPP-10"), ({"product": "NOPE"}, "CUS-27"),
        ],
    )  # fmt: skip
    def test_refuses_with_codes(self, world, now, api, values, code):
        customer = make_customer(world.am, now)
        answer = api("am").post(OPPORTUNITIES, self.data(customer, **values))
        assert answer.status_code == 422 and codes(answer) == {code: next(iter(values))}
        assert not Opportunity.objects.exists()

    def test_n26_is_not_found_for_others(self, world, now, api):
        opportunity = make_opportunity(make_customer(world.am, now), now)
        for act in ("", "promote/", "step-back/", "lose/", "history/", "follow-ups/"):
            url = f"{OPPORTUNITIES}{opportunity.pk}/{act}"
            client = api("other_am")
            answer = (
                client.get(url)
                if act in ("", "history/", "follow-ups/")
                else client.post(url, {"stage": 2, "seen_version": 1, "lost_reason": "PRICE"})
            )
            assert answer.status_code == 404, act

    def test_filters_by_stage_and_stall(self, world, now, api):
        make_opportunity(make_customer(world.am, now), now)
        client = api("am")
        for query, number in (
            ("due=stalled", 1), ("due=today", 1), ("stage=1", 1), ("stage=2", 0),
            ("biz_status=WON", 0),
        ):  # fmt: skip
            found = client.get(f"{OPPORTUNITIES}?{query}").json()["results"]
            assert len(found) == number, query
