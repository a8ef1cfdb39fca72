"""What sends by itself: events, due dates, birthdays; and what is forgotten."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import ProgrammingError, transaction
from django.utils import timezone

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from sms.choices import Kind, Status, Usage
from sms.models import Allowance, ConsentProof, SmsMessage, SmsSetting
from sms.services import events
from sms.services.retention import forget_old_messages
from sms.services.settings import update_sms_setting
from tests.customers.factories import id_number, make_contact
from tests.sms.factories import agree, deliver, make_template
from tests.sms.test_sending import send

pytestmark = pytest.mark.django_db


def announce(contact, now, key="approved:1"):
    events.announce(
        usage=Usage.APPROVED,
        contact_id=contact.pk,
        values={"doc_no": "YW-1", "amount": "250000.00", "date": "2026-03-02"},
        key=key,
        now=now,
    )


class TestAnnounce:
    def test_tells_the_borrower_once(self, world, contact, now):
        make_template(world, now, Kind.NOTICE, usage=Usage.APPROVED)
        announce(contact, now)
        announce(contact, now)

        deliver(now)

        message = SmsMessage.objects.get()
        assert (message.by, message.status) == (None, Status.SENT)
        assert "250,000.00" in message.text

    def test_nothing_happens_without_an_approved_template(self, contact, now):
        announce(contact, now)

        deliver(now)

        assert not SmsMessage.objects.exists()
        assert not OutboxMessage.objects.filter(delivered_at=None).exists()

    def test_a_contact_that_is_gone_is_no_failure(self, world, contact, now):
        make_template(world, now, Kind.NOTICE, usage=Usage.APPROVED)
        announce(contact, now)
        contact.delete()

        deliver(now)

        assert not SmsMessage.objects.exists()
        assert not OutboxMessage.objects.filter(delivered_at=None).exists()


class TestDueReminders:
    @pytest.fixture
    def source(self, monkeypatch, contact):
        """One instalment, due on 5 March; asked for its days."""
        asked: list[date] = []

        def due(day: date, today: date) -> list[events.DueReminder]:
            asked.append(day)
            values = {"loan_no": "JJ-1", "amount": "12500"}
            is_due = day == date(2026, 3, 5)
            return [events.DueReminder("loan-1:1", contact.pk, values)] if is_due else []

        monkeypatch.setattr(events, "_due_sources", [due])
        return asked

    def test_reminds_three_days_before_and_once(self, world, source, now):
        make_template(world, now, Kind.COLLECTION, usage=Usage.DUE)

        assert events.send_due_reminders(now=now) == 1
        assert events.send_due_reminders(now=now + timedelta(hours=1)) == 0

        assert "2026年3月5日应还12,500.00元" in SmsMessage.objects.get().text

    def test_overdue_days_use_the_overdue_text(self, world, source, now):
        make_template(world, now, Kind.COLLECTION, usage=Usage.OVERDUE, text="{name}逾期{days}天")

        assert events.send_due_reminders(now=now + timedelta(days=6)) == 1

        assert SmsMessage.objects.get().text.endswith("逾期3天")

    def test_sms_02_nothing_leaves_at_night(self, world, source, now):
        make_template(world, now, Kind.COLLECTION, usage=Usage.DUE)

        assert events.send_due_reminders(now=now + timedelta(hours=13)) == 0
        assert source == []


class TestBirthdayGreetings:
    def test_greets_who_agreed_and_once_a_year(self, world, customer, now):
        make_template(world, now, Kind.BIRTHDAY, usage=Usage.BIRTHDAY)
        born = make_contact(customer, now, id_no=id_number(date(1985, 3, 2)))
        assert events.send_birthday_greetings(now=now) == 0
        agree(born, world.am, now)

        assert events.send_birthday_greetings(now=now) == 1
        assert events.send_birthday_greetings(now=now + timedelta(hours=1)) == 0
        assert events.send_birthday_greetings(now=now + timedelta(days=1)) == 0

        assert SmsMessage.objects.get().text.endswith("拒收请回复R")

    def test_greets_who_was_born_on_29_february_in_every_year(self, world, customer, now):
        make_template(world, now, Kind.BIRTHDAY, usage=Usage.BIRTHDAY)
        agree(make_contact(customer, now, id_no=id_number(date(1984, 2, 29))), world.am, now)
        greeted = [
            day.isoformat()
            for day in (
                date(2027, 2, 27), date(2027, 2, 28), date(2027, 3, 1),
                date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1),
            )
            if events.send_birthday_greetings(now=now + (day - now.date()))
        ]  # fmt: skip
        assert greeted == ["2027-02-28", "2028-02-29"]


class TestForgetOldMessages:
    def test_keeps_what_is_within_the_time(self, world, contact, now):
        send(contact, make_template(world, now, Kind.NOTICE), world.am, now)
        deliver(now)

        assert forget_old_messages(now=now + timedelta(days=729)) == 0
        assert forget_old_messages(now=now + timedelta(days=731)) == 1
        assert not Allowance.objects.exists()

    def test_the_last_word_is_kept_for_ever(self, world, contact, now):
        agree(contact, world.am, now)
        agree(contact, world.am, now + timedelta(days=1))

        forget_old_messages(now=now + timedelta(days=3000))

        assert ConsentProof.objects.get().created_at == now + timedelta(days=1)

    def test_the_database_keeps_half_a_year_whatever_is_asked(self, world, contact):
        young = timezone.now() - timedelta(days=170)
        proof = agree(contact, world.am, young)

        with pytest.raises(ProgrammingError), transaction.atomic():
            ConsentProof.objects.filter(pk=proof.pk).delete()


class TestUpdateSmsSetting:
    def update(self, world, now, who="adm", **values):
        return update_sms_setting(values=values, seen_version=1, actor=getattr(world, who), now=now)

    def test_an_administrator_changes_it(self, world, now):
        self.update(world, now, signature="北方汇银", collection_cap=6)

        assert SmsSetting.objects.get().collection_cap == 6

    @pytest.mark.parametrize(
        "values",
        [
            {"collection_cap": 7},
            {"keep_days": 183},
            {"quiet_from": "23:00"},
            {"quiet_until": "07:59"},
            {"notice_cap": -1},
        ],
    )
    def test_sms_14_the_law_leaves_no_less(self, world, now, values):
        with pytest.raises(DomainError) as refused:
            self.update(world, now, **values)

        assert refused.value.code == "SMS-14"
        setting = SmsSetting.objects.get()
        assert (setting.collection_cap, setting.keep_days) == (3, 730)

    @pytest.mark.parametrize("who", ["hrm", "plm", "am"])
    def test_sms_15_refuses_other_roles(self, world, now, who):
        with pytest.raises(DomainError) as refused:
            self.update(world, now, who, notice_cap=5)

        assert refused.value.code == "SMS-15"
