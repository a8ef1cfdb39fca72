"""Every rule is asked before a message is in the queue."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest

from lending_crm.common.crypto import blind_index
from lending_crm.common.errors import DomainError
from sms.choices import Kind, Status
from sms.models import Allowance, SmsMessage
from sms.services import sending
from sms.services.sending import prepare_message, send_message
from tests.customers.factories import make_contact
from tests.sms.factories import VALUES, agree, draft_template, make_template, waiting

pytestmark = pytest.mark.django_db
LATE = timedelta(hours=12, minutes=30)  # 22:30 in Shanghai


def send(record, template, actor, now: datetime, **values):
    given = VALUES[template.kind] | values
    return send_message(record=record, template_id=template.pk, values=given, actor=actor, now=now)


def code_of(refused) -> str:
    return refused.value.code


class TestSendMessage:
    def test_queues_the_filled_text_for_the_worker(self, world, contact, now):
        template = make_template(world, now, Kind.NOTICE)

        message = send(contact, template, world.am, now)

        assert message.status == Status.QUEUED
        assert message.text == f"{contact.name}您好,YW-1已通过,金额1,000.00元。"
        assert [row.payload for row in waiting()] == [{"message": message.pk}]

    def test_stores_the_number_encrypted_and_shows_it_masked(self, world, contact, now, db):
        message = send(contact, make_template(world, now, Kind.NOTICE), world.am, now)

        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM sms_smsmessage WHERE id = %s", [message.pk])
            stored = cursor.fetchone()[0]
        assert "13900139000" not in stored
        assert message.number_masked == "139****9000"
        assert message.number_index == blind_index("13900139000")
        assert SmsMessage.objects.get(pk=message.pk).number == "13900139000"

    def test_sms_25_where_another_worker_was_faster_for_the_same_event(
        self, world, contact, now, monkeypatch
    ):
        template = make_template(world, now, Kind.NOTICE, usage="APPROVED")
        rival = send(contact, template, world.am, now)

        def while_the_rival_commits(record, *args, **values):
            SmsMessage.objects.filter(pk=rival.pk).update(dedupe_key="approved:1")
            return prepared(record, *args, **values)

        prepared = sending._prepare
        monkeypatch.setattr(sending, "_prepare", while_the_rival_commits)
        with pytest.raises(DomainError) as refused:
            sending.send_by_event(
                record=contact, usage="APPROVED", values=VALUES[Kind.NOTICE],
                dedupe_key="approved:1", now=now,
            )  # fmt: skip
        assert code_of(refused) == "SMS-25"

    def test_a_double_click_sends_once(self, world, contact, now):
        template, key = make_template(world, now, Kind.NOTICE), uuid.uuid4()
        act = {
            "record": contact,
            "template_id": template.pk,
            "values": VALUES[Kind.NOTICE],
            "actor": world.am,
            "now": now,
            "creation_key": key,
        }

        assert send_message(**act) == send_message(**act)
        assert SmsMessage.objects.count() == 1

    def test_sms_01_refuses_marketing_without_consent(self, world, contact, now):
        template = make_template(world, now, Kind.MARKETING)

        with pytest.raises(DomainError) as refused:
            send(contact, template, world.am, now)

        assert code_of(refused) == "SMS-01"
        assert SmsMessage.objects.count() == 0

    def test_sms_01_refuses_a_ticked_box_without_a_proof(self, world, contact, now):
        template = make_template(world, now, Kind.MARKETING)
        type(contact).objects.filter(pk=contact.pk).update(sms_consent=True)
        contact.refresh_from_db()

        with pytest.raises(DomainError) as refused:
            send(contact, template, world.am, now)

        assert code_of(refused) == "SMS-01"

    def test_n24_marketing_goes_only_with_consent_and_the_way_out(self, world, contact, now):
        template = make_template(world, now, Kind.MARKETING)
        agree(contact, world.am, now)
        contact.refresh_from_db()

        message = send(contact, template, world.am, now)

        assert message.text.endswith(",拒收请回复R")

    @pytest.mark.parametrize("kind", [Kind.COLLECTION, Kind.MARKETING, Kind.BIRTHDAY])
    def test_sms_02_n24_refuses_in_quiet_hours(self, world, contact, now, kind):
        template = make_template(world, now, kind)
        agree(contact, world.am, now)
        contact.refresh_from_db()

        with pytest.raises(DomainError) as refused:
            send(contact, template, world.am, now + LATE)

        assert code_of(refused) == "SMS-02"
        assert "22:00" in refused.value.message

    @pytest.mark.parametrize(
        ("hours", "is_quiet"), [(11.99, False), (12, True), (21.99, True), (22, False)]
    )
    def test_sms_02_holds_from_22_to_8_exactly(self, world, contact, now, hours, is_quiet):
        template = make_template(world, now, Kind.COLLECTION)
        moment = now + timedelta(hours=hours)

        if is_quiet:
            with pytest.raises(DomainError):
                send(contact, template, world.am, moment)
        else:
            assert send(contact, template, world.am, moment).not_before == moment

    def test_a_notice_of_the_night_waits_for_the_morning(self, world, contact, now):
        message = send(contact, make_template(world, now, Kind.NOTICE), world.am, now + LATE)

        assert message.not_before == now + timedelta(hours=22)
        assert str(message.counted_on) == "2026-03-03"
        assert waiting()[0].due_at == message.not_before

    def test_sms_03_refuses_above_the_daily_cap(self, world, contact, now):
        template = make_template(world, now, Kind.COLLECTION)
        for _turn in range(3):
            send(contact, template, world.am, now)

        with pytest.raises(DomainError) as refused:
            send(contact, template, world.am, now)

        assert code_of(refused) == "SMS-03"
        assert refused.value.params == {"n": 3}
        assert SmsMessage.objects.count() == 3

    def test_sms_03_counts_the_number_not_the_record(self, world, customer, contact, now):
        template = make_template(world, now, Kind.COLLECTION)
        type(customer).objects.filter(pk=customer.pk).update(phone=contact.mobile)
        customer.refresh_from_db()
        for record in (contact, customer, contact):
            send(record, template, world.am, now)

        with pytest.raises(DomainError) as refused:
            send(customer, template, world.am, now)

        assert code_of(refused) == "SMS-03"

    def test_sms_03_begins_anew_the_next_day(self, world, contact, now):
        template = make_template(world, now, Kind.COLLECTION)
        for _turn in range(3):
            send(contact, template, world.am, now)

        assert send(contact, template, world.am, now + timedelta(days=1)).pk

    def test_the_database_refuses_a_seventh_collection_message(self, world, now):
        from django.db import IntegrityError, transaction

        with pytest.raises(IntegrityError, match="six_a_day"), transaction.atomic():
            Allowance.objects.create(number_index="x", kind=Kind.COLLECTION, day=now.date(), used=7)

    def test_sms_07_refuses_a_text_that_nobody_approved(self, world, contact, now):
        template = draft_template(world, now, Kind.NOTICE)

        with pytest.raises(DomainError) as refused:
            send(contact, template, world.am, now)

        assert code_of(refused) == "SMS-07"

    def test_sms_08_names_each_value_that_is_missing_or_wrong(self, world, contact, now):
        template = make_template(world, now, Kind.COLLECTION)

        with pytest.raises(DomainError) as refused:
            send(contact, template, world.am, now, amount="viel", due_date="")

        assert [(each.code, each.field) for each in refused.value.reasons] == [
            ("SMS-08", "amount"),
            ("SMS-08", "due_date"),
        ]

    @pytest.mark.parametrize("who", ["colleague", "tl", "fin", "adm", "hrm"])
    def test_sms_09_refuses_who_does_not_keep_the_customer(self, world, contact, now, who):
        template = make_template(world, now, Kind.NOTICE)

        with pytest.raises(DomainError) as refused:
            send(contact, template, getattr(world, who), now)

        assert (code_of(refused), refused.value.status) == ("SMS-09", 403)

    def test_sms_09_supervision_collects_but_does_not_advertise(self, world, contact, now):
        collection = make_template(world, now, Kind.COLLECTION)
        marketing = make_template(world, now, Kind.MARKETING)

        assert send(contact, collection, world.plm, now).by == world.plm
        with pytest.raises(DomainError) as refused:
            send(contact, marketing, world.plm, now)
        assert code_of(refused) == "SMS-09"

    def test_sms_10_never_collects_from_a_third_party(self, world, customer, contact, now):
        template = make_template(world, now, Kind.COLLECTION)
        relative = make_contact(
            customer,
            now,
            contact_type="FAMILY",
            family_relation="SPOUSE",
            name="李四",
            mobile="13700137000",
        )

        with pytest.raises(DomainError) as refused:
            send(relative, template, world.am, now)

        assert code_of(refused) == "SMS-10"

    def test_sms_12_refuses_a_landline(self, world, customer, now):
        template = make_template(world, now, Kind.NOTICE)
        type(customer).objects.filter(pk=customer.pk).update(phone="024-23456789")
        customer.refresh_from_db()

        with pytest.raises(DomainError) as refused:
            send(customer, template, world.am, now)

        assert code_of(refused) == "SMS-12"

    def test_a_typed_value_cannot_replace_what_the_record_says(self, world, contact, now):
        message = send(contact, make_template(world, now, Kind.NOTICE), world.am, now, name="别人")

        assert message.text.startswith(contact.name)

    def test_the_preview_uses_nothing_of_the_day(self, world, contact, now):
        template = make_template(world, now, Kind.COLLECTION)
        act = {"record": contact, "template_id": template.pk, "actor": world.am, "now": now}

        ready = prepare_message(values=VALUES[Kind.COLLECTION], **act)

        assert "2026年3月5日应还1,000.00元" in ready.text
        assert not Allowance.objects.exists()
