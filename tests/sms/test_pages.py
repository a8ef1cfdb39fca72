"""The pages and the API as their users meet them."""

from __future__ import annotations

import re
import uuid

from django.test import Client
from django.urls import reverse

import pytest
import time_machine

from customers.models import SensitiveAccess
from sms.choices import Kind
from sms.models import SmsMessage, SmsSetting, SmsTemplate
from tests.sms.factories import VALUES, draft_template, make_template
from tests.sms.test_sending import send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_ten(now):
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def at(world):
    def browser(who: str) -> Client:
        client = Client()
        client.force_login(getattr(world, who))
        return client

    return browser


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


class TestSendPage:
    def test_chooses_previews_and_sends(self, world, contact, now, at):
        template = make_template(world, now, Kind.NOTICE)
        url = reverse("sms:send", args=["contact", contact.pk])
        client = at("am")
        assert "模板 NOTICE" in text_of(client.get(url))
        assert 'name="doc_no"' in text_of(client.get(url, {"template": template.pk}))
        typed = {"template": template.pk, "creation_key": uuid.uuid4(), **VALUES[Kind.NOTICE]}

        preview = client.post(url, typed | {"preview": "1"})
        assert "已通过,金额1,000.00元" in text_of(preview)
        assert not SmsMessage.objects.exists()
        sent = client.post(url, typed | {"send": "1"})

        assert sent.status_code == 302
        assert SmsMessage.objects.get().by == world.am
        assert "139****9000" in text_of(client.get(sent.url))

    def test_keeps_what_was_typed_when_it_refuses(self, world, contact, now, at):
        template = make_template(world, now, Kind.NOTICE)
        url = reverse("sms:send", args=["contact", contact.pk])

        page = at("am").post(
            url, {"template": template.pk, "doc_no": "YW-9", "amount": "viel", "send": "1"}
        )

        assert page.status_code == 422
        assert 'value="viel"' in text_of(page)

    def test_a_foreign_customer_does_not_exist(self, contact, at):
        url = reverse("sms:send", args=["contact", contact.pk])

        assert at("other_am").get(url).status_code == 404
        assert at("tl").get(url).status_code == 403

    def test_says_so_when_there_is_no_template(self, contact, at):
        page = at("am").get(reverse("sms:send", args=["contact", contact.pk]))

        assert page.status_code == 200


class TestConsentPage:
    def test_notes_what_was_said(self, contact, at):
        url = reverse("sms:consent", args=["contact", contact.pk])
        client = at("am")

        done = client.post(url, {"agrees": "yes", "means": "PAPER", "note": "档案 3"})

        assert done.status_code == 302
        contact.refresh_from_db()
        assert contact.sms_consent
        assert "档案 3" in text_of(client.get(url))


class TestSettingsPages:
    def test_a_template_goes_from_draft_to_use(self, world, at):
        new = at("plm").post(
            reverse("sms:template-new"),
            {"name": "还款提醒", "kind": "COLLECTION", "text": "{name}请还款", "is_active": "on"},
        )
        template = SmsTemplate.objects.get()
        assert new.url == template.get_absolute_url()
        page = at("hrm").get(new.url)
        assert "张三请还款" in text_of(page)

        done = at("hrm").post(reverse("sms:text-approve", args=[template.versions.get().pk]))

        assert done.status_code == 302
        assert template.versions.get().decided_by == world.hrm

    def test_a_rejection_without_a_reason_comes_back(self, world, now, at):
        version = draft_template(world, now, Kind.NOTICE).versions.get()

        page = at("hrm").post(reverse("sms:text-reject", args=[version.pk]), {"note": "不"})

        assert page.status_code == 422

    def test_a_wrong_text_stays_typed(self, at):
        page = at("plm").post(
            reverse("sms:template-new"), {"name": "x", "kind": "NOTICE", "text": "{salary}"}
        )

        assert page.status_code == 422
        assert "{salary}" in text_of(page)

    def test_the_rules_are_changed_by_the_administrator(self, at):
        client = at("adm")
        page = client.get(reverse("sms:settings"))
        typed = {name: page.context["form"][name].value() for name in page.context["form"].fields}
        typed |= {"due_days": "-3,0,+7", "collection_cap": 2}

        done = client.post(reverse("sms:settings"), typed)

        assert done.status_code == 302
        setting = SmsSetting.objects.get()
        assert (setting.due_days, setting.collection_cap) == ([-3, 0, 7], 2)

    @pytest.mark.parametrize("name", ["templates", "settings", "template-new"])
    def test_account_managers_have_no_settings(self, at, name):
        assert at("am").get(reverse(f"sms:{name}")).status_code == 403


class TestLog:
    def test_lists_what_was_sent_in_few_queries(
        self, world, contact, now, at, django_assert_max_num_queries
    ):
        template = make_template(world, now, Kind.NOTICE)
        for _turn in range(5):
            send(contact, template, world.am, now)
        client = at("am")

        with django_assert_max_num_queries(10):
            page = client.get(reverse("sms:log"))

        assert text_of(page).count("139****9000") == 5

    def test_n26_other_branches_see_nothing(self, world, contact, now, at):
        message = send(contact, make_template(world, now, Kind.NOTICE), world.am, now)

        assert "139****9000" not in text_of(at("other_am").get(reverse("sms:log")))
        assert at("other_am").get(message.get_absolute_url()).status_code == 404
        assert at("adm").get(reverse("sms:log")).status_code == 403

    def test_finds_a_message_by_the_whole_number(self, world, contact, now, at):
        send(contact, make_template(world, now, Kind.NOTICE), world.am, now)
        client = at("am")

        assert "139****9000" in text_of(client.get(reverse("sms:log"), {"q": "139 0013 9000"}))
        assert "139****9000" not in text_of(client.get(reverse("sms:log"), {"q": "13900139001"}))

    def test_n25_the_full_number_costs_a_reason_and_a_line(self, world, contact, now, at):
        message = send(contact, make_template(world, now, Kind.NOTICE), world.am, now)
        url = reverse("sms:reveal", args=[message.pk])
        assert "13900139000" not in text_of(at("am").get(message.get_absolute_url()))
        assert at("am").post(url, {"reason": "短"}).status_code == 422

        shown = at("am").post(url, {"reason": "客户要求核对"})

        assert "13900139000" in text_of(shown)
        assert SensitiveAccess.objects.get().model == "sms.smsmessage"
        assert at("fin").get(url).status_code == 403


class TestApi:
    def test_sends_once_for_one_key(self, world, contact, now, at):
        template = make_template(world, now, Kind.NOTICE)
        call = {"contact": contact.pk, "template": template.pk, "values": VALUES[Kind.NOTICE]}

        for _turn in range(2):
            answer = at("am").post(
                "/api/v1/sms/messages/",
                call,
                content_type="application/json",
                headers={"Idempotency-Key": "intention-1"},
            )
            assert answer.status_code == 201

        assert answer.json()["number_masked"] == "139****9000"
        assert SmsMessage.objects.count() == 1

    def test_sms_01_says_no_consent(self, world, contact, now, at):
        template = make_template(world, now, Kind.MARKETING)

        answer = at("am").post(
            "/api/v1/sms/messages/",
            {"contact": contact.pk, "template": template.pk, "values": {"product": "贷"}},
            content_type="application/json",
            headers={"Idempotency-Key": "intention-2"},
        )

        assert (answer.status_code, answer.json()["code"]) == (409, "SMS-01")

    def test_templates_are_drafted_and_decided(self, world, at):
        made = at("plm").post(
            "/api/v1/sms/templates/",
            {"name": "通知", "kind": "NOTICE", "text": "您好"},
            content_type="application/json",
        )
        url = f"/api/v1/sms/templates/{made.json()['id']}/"

        refused = at("plm").post(f"{url}approve/", {"version": 1}, content_type="application/json")
        approved = at("hrm").post(f"{url}approve/", {"version": 1}, content_type="application/json")

        assert (refused.status_code, refused.json()["code"]) == (403, "SMS-15")
        assert approved.json()["versions"][0]["state"] == "APPROVED"
        assert at("am").get(url).status_code == 403
