"""Consent with its proof; R takes it back; the gateway's calls are signed and safe to repeat."""

from __future__ import annotations

import json
from datetime import timedelta

from django.db import ProgrammingError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import pytest

from customers.models import Contact
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord
from sms.choices import Kind, Status
from sms.gateways.base import Reply
from sms.gateways.signatures import sign
from sms.models import ConsentProof, SmsMessage
from sms.services.consents import note_consent, take_reply
from sms.services.sending import has_consented
from tests.sms.factories import agree, deliver, make_template
from tests.sms.test_sending import send

pytestmark = pytest.mark.django_db


def reply(text: str = "R", number: str = "13900139000", gateway_id: str = "in-1") -> Reply:
    return Reply(gateway_id, number, text)


class TestNoteConsent:
    def test_keeps_what_was_said_with_its_proof(self, world, contact, now):
        proof = agree(contact, world.am, now)

        contact.refresh_from_db()
        assert contact.sms_consent
        assert (proof.agrees, proof.by, proof.note) == (True, world.am, "客户档案 12 页")
        log = ChangeRecord.objects.filter(object_id=contact.pk, field="sms_consent").last()
        assert (log.old, log.new) == ("否", "是")

    def test_the_customer_keeps_the_time(self, world, customer, now):
        agree(customer, world.am, now)

        customer.refresh_from_db()
        assert customer.sms_consent_at == now

    def test_cus_11_only_the_account_manager_notes_it(self, world, contact, now):
        with pytest.raises(DomainError) as refused:
            agree(contact, world.colleague, now)

        assert refused.value.code == "CUS-11"

    @pytest.mark.parametrize(
        ("means", "note", "code"),
        [("", "某处", "SMS-24"), ("REPLY", "某处", "SMS-24"), ("PAPER", " ", "SMS-23")],
    )
    def test_sms_23_sms_24_a_consent_needs_means_and_proof(
        self, world, contact, now, means, note, code
    ):
        with pytest.raises(DomainError) as refused:
            note_consent(
                record=contact, agrees=True, means=means, note=note, actor=world.am, now=now
            )

        assert refused.value.code == code
        contact.refresh_from_db()
        assert not contact.sms_consent

    def test_a_proof_is_never_changed(self, world, contact, now):
        proof = agree(contact, world.am, now)

        with pytest.raises(ProgrammingError), transaction.atomic():
            ConsentProof.objects.filter(pk=proof.pk).update(agrees=False)


class TestTakeReply:
    @pytest.mark.parametrize("text", ["R", "r", " R \n", "TD", "退订"])
    def test_r_takes_the_consent_back(self, world, contact, now, text):
        agree(contact, world.am, now)

        message = take_reply(reply=reply(text), gateway="g", now=now)

        contact.refresh_from_db()
        assert not contact.sms_consent
        assert not has_consented(contact, "13900139000")
        assert (message.kind, message.status, message.contact) == (
            Kind.REPLY,
            Status.RECEIVED,
            contact,
        )
        last = ConsentProof.objects.first()
        assert (last.agrees, last.means, last.reply) == (False, "REPLY", message)
        log = ChangeRecord.objects.filter(object_id=contact.pk, field="sms_consent").last()
        assert (log.new, log.actor) == ("否", None)

    def test_other_words_change_nothing(self, world, contact, now):
        agree(contact, world.am, now)

        take_reply(reply=reply("Rechnung bitte"), gateway="g", now=now)

        contact.refresh_from_db()
        assert contact.sms_consent

    def test_the_same_call_again_changes_nothing(self, world, contact, now):
        agree(contact, world.am, now)
        take_reply(reply=reply(), gateway="g", now=now)
        agree(contact, world.am, now + timedelta(hours=1))

        take_reply(reply=reply(), gateway="g", now=now + timedelta(hours=2))

        contact.refresh_from_db()
        assert contact.sms_consent
        assert SmsMessage.objects.count() == 1

    def test_an_unknown_number_is_kept_and_refused_for_good(self, now):
        take_reply(reply=reply(number="+86 13600136000"), gateway="g", now=now)

        assert ConsentProof.objects.get().number == "13600136000"


class TestHooks:
    """The gateway's side, over HTTP."""

    @pytest.fixture(autouse=True)
    def secret(self, settings):
        settings.SMS_WEBHOOK_SECRET = "shared"

    def call(self, name: str, body, *, secret="shared", age=0, stamp=None):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        mark = stamp or str(int(timezone.now().timestamp()) - age)
        return Client().post(
            reverse(f"sms:{name}"),
            content,
            content_type="application/json",
            headers={"X-Timestamp": mark, "X-Signature": sign(secret, mark, content)},
        )

    def test_a_reply_reaches_the_log(self, contact):
        answer = self.call("hook-reply", {"id": "in-7", "mobile": "13900139000", "text": "R"})

        assert answer.status_code == 200
        assert SmsMessage.objects.get().contact == contact

    def test_a_report_marks_the_message(self, world, contact, now):
        message = send(contact, make_template(world, now, Kind.NOTICE), world.am, now)
        deliver(now)
        call = {"reference": str(message.reference), "status": "failed", "error": "停机"}

        for _turn in range(2):
            assert self.call("hook-report", call).json() == {"known": True}

        message.refresh_from_db()
        assert (message.status, message.error) == (Status.UNDELIVERED, "停机")

    @pytest.mark.parametrize(
        "how",
        [
            {"secret": "other"},
            {"age": 330},
            {"age": -330},  # a slow machine answers some seconds later
            {"stamp": "yesterday"},
            {"stamp": "9" * 400},
        ],
    )
    def test_sms_20_refuses_a_wrong_or_stale_signature(self, contact, how):
        body = {"id": "in-8", "mobile": "13900139000", "text": "R"}

        assert self.call("hook-reply", body, **how).status_code == 403
        assert not SmsMessage.objects.exists()

    def test_sms_20_refuses_everybody_while_no_secret_is_set(self, contact, settings):
        settings.SMS_WEBHOOK_SECRET = ""

        answer = self.call("hook-reply", {"id": "1", "mobile": "1", "text": "R"}, secret="")

        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff",
            b"[1]",
            b"[" * 50_000,
            b"x" * 70_000,
            {},
            {"id": "", "mobile": "13900139000", "text": "R"},
            {"id": "1", "mobile": 13900139000, "text": "R"},
            {"id": "1", "mobile": "12", "text": "R"},
            {"id": "1", "mobile": "13900139000", "text": "R\x00"},
            {"id": "x" * 81, "mobile": "13900139000", "text": "R"},
        ],
    )
    def test_sms_21_refuses_a_call_that_cannot_be_read(self, db, body):
        assert self.call("hook-reply", body).status_code == 400

    @pytest.mark.parametrize(
        "body", [{"reference": "x", "status": "failed"}, {"reference": "x"}, {"status": []}]
    )
    def test_sms_21_refuses_a_report_that_cannot_be_read(self, db, body):
        assert self.call("hook-report", body).status_code == 400

    def test_n25_the_log_of_a_reply_shows_no_full_number(self, world, contact):
        self.call("hook-reply", {"id": "in-9", "mobile": "13900139000", "text": "好"})
        client = Client()
        client.force_login(world.am)

        page = client.get(reverse("sms:log")).content.decode()

        assert "139****9000" in page
        assert "13900139000" not in page
        assert Contact.objects.get().mobile == "13900139000"
