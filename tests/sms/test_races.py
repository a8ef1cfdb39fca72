"""In the same second, on real connections: SMS-03 under two senders."""

from __future__ import annotations

from django.db import connection

import pytest

from lending_crm.common.models import OutboxMessage
from lending_crm.common.services import deliver_due
from sms.choices import Kind, Status
from sms.models import Allowance, SmsMessage
from sms.services import delivery, events
from tests.applications.test_races import codes, together
from tests.customers.factories import build_world, make_contact, make_customer
from tests.sms.factories import Gateway, make_template
from tests.sms.test_sending import send

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def world(transactional_db):
    return build_world()


@pytest.fixture
def contact(world, now):
    return make_contact(make_customer(world.am, now), now)


class TestSameSecond:
    def test_sms_03_six_senders_cannot_exceed_the_cap(self, world, contact, now):
        template = make_template(world, now, Kind.COLLECTION)

        results = together(*[lambda: send(contact, template, world.am, now)] * 6)

        assert codes(results) == ["SMS-03"] * 3
        assert SmsMessage.objects.count() == 3
        assert Allowance.objects.get().used == 3

    def test_an_event_told_twice_at_once_sends_once(self, world, contact, now):
        make_template(world, now, Kind.NOTICE, usage="APPROVED")
        act = {
            "record": contact,
            "usage": "APPROVED",
            "values": {"doc_no": "YW-1", "amount": "1", "date": "2026-03-02"},
            "dedupe_key": "approved:1",
            "now": now,
        }

        results = together(*[lambda: events.send_by_event(**act)] * 4)

        assert len([each for each in results if isinstance(each, SmsMessage)]) == 1
        assert SmsMessage.objects.count() == 1
        assert Allowance.objects.get().used == 1

    def test_two_workers_hand_a_message_over_once(self, world, contact, now, monkeypatch):
        fake = Gateway()
        monkeypatch.setattr(delivery, "current_gateway", lambda: fake)
        message = send(contact, make_template(world, now, Kind.NOTICE), world.am, now)
        OutboxMessage.objects.create(
            topic="sms.send", payload={"message": message.pk}, created_at=now, due_at=now
        )

        together(*[lambda: deliver_due(clock=lambda: now, limit=5)] * 3)

        message.refresh_from_db()
        assert message.status == Status.SENT
        assert len(fake.sent) == 1
        connection.close()
