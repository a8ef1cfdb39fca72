"""The worker's part: retries, death at the worst moment, rules asked once more."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.conf import settings

import pytest

from lending_crm.common.models import OutboxMessage
from lending_crm.common.services import claim_next
from sms.choices import Kind, Status
from sms.gateways import GatewayRefused, GatewayUnavailable
from sms.gateways.base import Report
from sms.models import Allowance
from sms.services import delivery
from sms.services.consents import note_consent
from tests.sms.factories import Gateway, agree, deliver, make_template, waiting
from tests.sms.test_sending import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(monkeypatch):
    """``gateway(*answers)`` puts a gateway in place that gives these answers."""

    def put(*answers) -> Gateway:
        made = Gateway(*answers)
        monkeypatch.setattr(delivery, "current_gateway", lambda: made)
        return made

    return put


@pytest.fixture
def queued(world, contact, now):
    return send(contact, make_template(world, now, Kind.NOTICE), world.am, now)


class TestDeliverMessage:
    def test_sends_and_keeps_the_gateways_id(self, queued, now, gateway):
        fake = gateway("g-77")

        deliver(now)

        queued.refresh_from_db()
        assert fake.sent == [(queued.reference, "13900139000", queued.text)]
        assert (queued.status, queued.gateway_id, queued.attempts) == (Status.SENT, "g-77", 1)
        assert queued.sent_at == now

    def test_tries_again_later_under_the_same_reference(self, queued, now, gateway):
        fake = gateway(GatewayUnavailable("HTTP 500"), "g-2")

        deliver(now)
        queued.refresh_from_db()
        assert (queued.status, queued.error) == (Status.QUEUED, "HTTP 500")
        deliver(now + timedelta(seconds=29))
        assert len(fake.sent) == 1
        deliver(now + timedelta(seconds=31))

        queued.refresh_from_db()
        assert (queued.status, queued.attempts, queued.error) == (Status.SENT, 2, "")
        assert len(fake.messages) == 1

    def test_gives_up_after_the_last_attempt_and_says_why(self, queued, now, gateway):
        fake = gateway(*[GatewayUnavailable("TimeoutError")] * 20)

        for hour in range(40):
            deliver(now + timedelta(hours=hour))

        queued.refresh_from_db()
        assert (queued.status, queued.error) == (Status.FAILED, "TimeoutError")
        assert len(fake.sent) == delivery.MOST_ATTEMPTS
        assert waiting() == []

    def test_what_the_gateway_refuses_is_not_tried_again(self, queued, now, gateway):
        fake = gateway(GatewayRefused("code 13"))

        deliver(now)
        deliver(now + timedelta(days=1))

        queued.refresh_from_db()
        assert (queued.status, queued.error, len(fake.sent)) == (Status.FAILED, "code 13", 1)

    def test_a_killed_worker_loses_none_and_sends_none_twice(self, queued, now, gateway):
        fake = gateway(SystemExit(), "g-1")
        # The first worker dies after the gateway took the message and before its commit.
        with pytest.raises(SystemExit):
            deliver(now)
        queued.refresh_from_db()
        assert queued.status == Status.QUEUED

        deliver(now + timedelta(minutes=5))
        deliver(now + timedelta(days=1))

        queued.refresh_from_db()
        assert queued.status == Status.SENT
        assert fake.messages == {queued.reference}

    def test_a_message_that_is_sent_already_is_left_alone(self, queued, now, gateway):
        fake = gateway()
        deliver(now)
        OutboxMessage.objects.create(
            topic="sms.send", payload={"message": queued.pk}, created_at=now, due_at=now
        )

        deliver(now)

        assert len(fake.sent) == 1

    def test_sms_01_n24_a_refusal_before_the_gateway_counts(self, world, contact, now, gateway):
        fake = gateway()
        agree(contact, world.am, now)
        contact.refresh_from_db()
        message = send(contact, make_template(world, now, Kind.MARKETING), world.am, now)
        note_consent(
            record=contact, agrees=False, means="OTHER", note="来电", actor=world.am, now=now
        )

        deliver(now)

        message.refresh_from_db()
        assert (message.status, message.error) == (Status.REFUSED, "SMS-01")
        assert fake.sent == []

    def test_sms_02_a_retry_does_not_reach_into_the_night(self, world, contact, now, gateway):
        fake = gateway(GatewayUnavailable("HTTP 503"))
        evening = now + timedelta(hours=11, minutes=59, seconds=50)  # 21:59:50
        message = send(contact, make_template(world, now, Kind.COLLECTION), world.am, evening)
        deliver(evening)

        deliver(evening + timedelta(minutes=1))
        message.refresh_from_db()
        assert (len(fake.sent), message.status) == (1, Status.QUEUED)
        deliver(now + timedelta(hours=22))

        message.refresh_from_db()
        assert message.status == Status.SENT
        # The new day's allowance is used, so the day's cap holds whenever it is sent.
        assert str(message.counted_on) == "2026-03-03"
        assert Allowance.objects.get(day="2026-03-03").used == 1

    def test_outbox_attempts_are_no_attempts_at_the_gateway(self, queued, now, gateway):
        gateway()
        claimed = claim_next(now=now)
        assert claimed is not None and claimed.attempts == 1
        assert delivery.MOST_ATTEMPTS <= settings.OUTBOX_MAX_ATTEMPTS


class TestNoteReport:
    def test_marks_a_sent_message_as_delivered(self, queued, now, gateway):
        gateway()
        deliver(now)

        assert delivery.note_report(report=Report(queued.reference, True), now=now)

        queued.refresh_from_db()
        assert (queued.status, queued.reported_at) == (Status.DELIVERED, now)

    def test_the_first_report_holds(self, queued, now, gateway):
        gateway()
        deliver(now)
        delivery.note_report(report=Report(queued.reference, True), now=now)

        delivery.note_report(report=Report(queued.reference, False, "late"), now=now)

        queued.refresh_from_db()
        assert (queued.status, queued.error) == (Status.DELIVERED, "")

    def test_knows_nothing_of_other_references(self, now):
        assert not delivery.note_report(report=Report(uuid4(), True), now=now)
