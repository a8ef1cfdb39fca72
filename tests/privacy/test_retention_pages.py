"""系统设置 → 个人信息保留期: what administrators see and do there, and nobody else."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

import pytest

from privacy.models import LegalHold, PrivacySetting
from privacy.services.retention import anonymise_customer
from staff.models import Employee
from tests.customers.factories import make_customer
from tests.privacy.old import Past

PAGES = ("privacy:due", "privacy:holds", "privacy:record", "privacy:settings")


@pytest.fixture
def past(db, now, time_machine) -> Past:
    past = Past(now)
    time_machine.move_to(past.later, tick=False)
    return past


def client(person: Employee) -> Client:
    made = Client()
    made.force_login(Employee.objects.get(pk=person.pk))
    return made


class TestPages:
    @pytest.mark.parametrize("name", PAGES)
    def test_ret_01_are_the_administrators_alone(self, past, name):
        assert client(past.people.adm).get(reverse(name)).status_code == 200
        for who in ("am", "hrm", "ceo"):
            assert client(getattr(past.people, who)).get(reverse(name)).status_code == 403

    def test_n26_the_list_names_by_number_and_masks_the_name(self, past):
        text = client(past.people.adm).get(reverse("privacy:due")).content.decode()

        assert past.customer.customer_no in text
        assert past.loan.loan_no in text
        assert "北**" in text
        assert past.customer.name not in text

    def test_the_list_costs_the_same_for_one_page_whatever_waits_behind(self, past):
        page = client(past.people.adm)
        page.get(reverse("privacy:due"))
        with CaptureQueriesContext(connection) as one:
            page.get(reverse("privacy:due"))
        for number in range(3):
            customer = make_customer(past.people.am, past.now, name=f"公司{number}")
            LegalHold.objects.create(
                customer=customer, reason="诉讼需要保留", set_by=past.people.adm, set_at=past.now
            )
        with CaptureQueriesContext(connection) as more:
            page.get(reverse("privacy:due"))

        assert len(more) <= len(one)

    def test_holds_back_and_lifts(self, past):
        page = client(past.people.adm)
        number = past.customer.customer_no
        asked = page.get(reverse("privacy:holds"), {"customer": number})
        assert f'value="{number}"' in asked.content.decode()

        page.post(reverse("privacy:holds"), {"customer_no": number, "reason": "诉讼需要保留"})
        hold = LegalHold.objects.get()
        assert "诉讼需要保留" in page.get(reverse("privacy:holds")).content.decode()
        page.post(reverse("privacy:lift", args=[hold.pk]), {"reason": "判决已生效"})

        hold.refresh_from_db()
        assert (hold.lifted_by, hold.lift_reason) == (past.people.adm, "判决已生效")

    def test_ret_04_a_wrong_number_keeps_what_was_typed(self, past):
        answer = client(past.people.adm).post(
            reverse("privacy:holds"), {"customer_no": "KH-0", "reason": "保留这些字"}
        )

        assert answer.status_code == 422
        assert "保留这些字" in answer.content.decode()
        assert "没有编号为 KH-0 的客户" in answer.content.decode()

    def test_the_record_shows_the_act_without_the_person(self, past):
        anonymise_customer(customer_id=past.customer.pk, now=past.later)

        text = client(past.people.adm).get(reverse("privacy:record")).content.decode()

        assert past.customer.customer_no in text
        assert past.customer.name not in text

    def test_the_settings_name_the_law_and_keep_their_bounds(self, past):
        page = client(past.people.adm)
        assert "第三十四条" in page.get(reverse("privacy:settings")).content.decode()
        values = {"version": "1", "keep_years": "4", "export_days": "7", "runs_daily": "on"}

        refused = page.post(reverse("privacy:settings"), values)
        saved = page.post(reverse("privacy:settings"), values | {"keep_years": "12"})

        assert refused.status_code == 422
        assert "5 至 50 年" in refused.content.decode()
        assert saved.status_code == 302
        assert PrivacySetting.objects.get().keep_years == 12

    def test_documents_of_an_anonymised_customer_are_still_read(self, past):
        anonymise_customer(customer_id=past.customer.pk, now=past.later)
        page = client(past.people.hrm)

        for url in (
            past.road.stored.get_absolute_url(),
            past.stored().get_absolute_url(),
            past.loan.get_absolute_url(),
            reverse("workflows:case", args=[past.road.stored.case_id]),
        ):
            answer = page.get(url)
            assert answer.status_code == 200, url
            assert past.customer.name not in answer.content.decode()
