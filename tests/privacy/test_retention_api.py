"""Legal holds and the figures of keeping over HTTP: what the pages do, with their codes."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from lending_crm.common.models import ChangeRecord
from privacy.models import LegalHold, PrivacySetting
from privacy.services.retention import anonymise_customer
from staff.models import Employee
from tests.customers.factories import make_customer
from tests.privacy.old import Past

HOLDS = "/api/v1/privacy/holds/"
SETTINGS = "/api/v1/privacy/settings/"
REASON = "(2036)辽01民初1号"


@pytest.fixture
def past(db, now, time_machine) -> Past:
    past = Past(now)
    time_machine.move_to(past.later, tick=False)
    return past


@pytest.fixture
def adm(past) -> Client:
    return client(past.people.adm)


def client(person: Employee) -> Client:
    made = Client()
    made.force_login(Employee.objects.get(pk=person.pk))
    return made


def send(who: Client, url: str, sent: Any, method: str = "post") -> Any:
    return getattr(who, method)(url, sent, content_type="application/json")


def problem(answer: Any) -> tuple[int, str]:
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    return answer.status_code, answer.json()["code"]


class TestRet01:
    @pytest.mark.parametrize("who", ["am", "hrm", "fin", "ceo"])
    def test_ret_01_all_of_it_is_the_administrators(self, past, who):
        person = client(getattr(past.people, who))
        hold = LegalHold.objects.create(
            customer=past.customer, reason=REASON, set_by=past.people.adm, set_at=past.now
        )
        answers = (
            person.get(HOLDS),
            person.get(f"{HOLDS}{hold.pk}/"),
            send(person, HOLDS, {}),
            send(person, f"{HOLDS}{hold.pk}/lift/", {}),
            person.get(SETTINGS),
            send(person, SETTINGS, {}, "patch"),
        )
        assert [problem(answer) for answer in answers] == [(403, "RET-01")] * len(answers)

    def test_nobody_without_a_login(self, past):
        assert Client().get(HOLDS).status_code == 401


class TestHolds:
    def test_holds_back_and_lifts(self, past, adm):
        sent = {"customer_no": past.customer.customer_no, "reason": REASON}
        made = send(adm, HOLDS, sent)
        assert made.status_code == 201
        told = made.json()
        assert (told["customer_no"], told["reason"], told["lifted_at"]) == (
            past.customer.customer_no,
            REASON,
            None,
        )
        assert told["set_by"]["name"] == past.people.adm.name
        assert problem(send(adm, HOLDS, sent)) == (409, "RET-05")

        lift = f"{HOLDS}{told['id']}/lift/"
        assert problem(send(adm, lift, {"reason": "短"})) == (422, "RET-03")
        lifted = send(adm, lift, {"reason": "判决已生效"})
        assert (lifted.status_code, lifted.json()["lift_reason"]) == (200, "判决已生效")
        assert problem(send(adm, lift, {"reason": "判决已生效"})) == (409, "RET-07")

    @pytest.mark.parametrize(
        ("number", "reason", "code"), [("", "短", "RET-03"), ("KH-0", REASON, "RET-04")]
    )
    def test_ret_03_ret_04(self, past, adm, number, reason, code):
        sent = {"customer_no": number or past.customer.customer_no, "reason": reason}
        assert problem(send(adm, HOLDS, sent)) == (422, code)

    def test_ret_06_too_late(self, past, adm):
        anonymise_customer(customer_id=past.customer.pk, now=past.later)
        sent = {"customer_no": past.customer.customer_no, "reason": REASON}
        assert problem(send(adm, HOLDS, sent)) == (409, "RET-06")

    def test_n26_the_list_is_by_state_and_names_nobody(self, past, adm):
        first = send(adm, HOLDS, {"customer_no": past.customer.customer_no, "reason": REASON})
        other = make_customer(past.people.am, past.now, name="别的公司")
        send(adm, HOLDS, {"customer_no": other.customer_no, "reason": REASON})
        send(adm, f"{HOLDS}{first.json()['id']}/lift/", {"reason": "判决已生效"})
        found = {
            state: [
                row["customer_no"] for row in adm.get(HOLDS, {"state": state}).json()["results"]
            ]
            for state in ("", "active", "lifted")
        }
        assert found == {
            "": [other.customer_no, past.customer.customer_no],
            "active": [other.customer_no],
            "lifted": [past.customer.customer_no],
        }
        text = adm.get(HOLDS).content.decode()
        assert problem(adm.get(HOLDS, {"state": "gone"})) == (400, "SYS-400")
        assert past.customer.name not in text
        assert other.name not in text

    def test_the_list_costs_the_same_for_any_number(self, past, adm):
        def count() -> int:
            with CaptureQueriesContext(connection) as asked:
                assert adm.get(HOLDS).status_code == 200
            return len(asked)

        adm.get(HOLDS)
        before = count()
        for number in range(3):
            customer = make_customer(past.people.am, past.now, name=f"公司{number}")
            LegalHold.objects.create(
                customer=customer, reason=REASON, set_by=past.people.adm, set_at=past.now
            )
        assert count() == before <= 6

    def test_what_is_not_there_and_what_is_not_known(self, past, adm):
        assert adm.get(f"{HOLDS}999/").status_code == 404
        sent = {"customer_no": past.customer.customer_no, "reason": REASON, "lifted_at": None}
        assert problem(send(adm, HOLDS, sent))[0] == 400
        assert not LegalHold.objects.exists()


class TestSettings:
    def test_are_read_and_changed_on_record(self, past, adm):
        read = adm.get(SETTINGS).json()
        assert read == {"keep_years": 10, "runs_daily": True, "export_days": 7, "version": 1}
        changed = send(adm, SETTINGS, {"seen_version": 1, "keep_years": 12}, "patch")
        assert changed.json() == {**read, "keep_years": 12, "version": 2}
        assert PrivacySetting.objects.get().keep_years == 12
        log = ChangeRecord.objects.filter(model="privacy.privacysetting")
        assert [(row.field, row.old, row.new) for row in log] == [("keep_years", "10", "12")]

    def test_wf_12_a_stale_version(self, past, adm):
        send(adm, SETTINGS, {"seen_version": 1, "keep_years": 12}, "patch")
        answer = send(adm, SETTINGS, {"seen_version": 1, "keep_years": 11}, "patch")
        assert problem(answer) == (409, "WF-12")

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"keep_years": 4}, "RET-08"),
            ({"keep_years": 51}, "RET-08"),
            ({"export_days": 0}, "RET-09"),
            ({"export_days": 31}, "RET-09"),
        ],
    )
    def test_ret_08_ret_09(self, past, adm, given, code):
        answer = send(adm, SETTINGS, {"seen_version": 1, **given}, "patch")
        assert problem(answer) == (422, code)

    def test_a_change_names_the_version_that_was_read(self, past, adm):
        assert problem(send(adm, SETTINGS, {"keep_years": 12}, "patch")) == (400, "SYS-400")
