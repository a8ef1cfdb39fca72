"""Messages reach everybody once, whatever happens to the worker on its way."""

import contextlib
from datetime import timedelta
from pathlib import Path

from django.core import mail
from django.db import connection, transaction
from django.utils import translation

import pytest

from lending_crm.common import outbox
from lending_crm.common.models import OutboxMessage
from lending_crm.common.services import deliver_due
from staff.events import all_events, title_of
from staff.models import EmailDelivery, Notification, NotificationPreference
from staff.selectors import unread_count
from staff.services.account import Preference, set_preferences
from staff.services.notifications import deliver_notification, mark_read
from tests.staff.factories import NOW, EmployeeFactory

PARAMS = {"actor": "王磊", "party": "上海远程机械有限公司", "doc_no": "YW-SH-20261123-001"}


def message(people, event="work_item.arrived", **values):
    return OutboxMessage.objects.create(
        topic="notify",
        payload={
            "event": event,
            "recipients": [getattr(person, "pk", person) for person in people],
            "params": {**PARAMS, "subject": "流动资金"},
            "url": "/cases/7/",
            "case_id": 7,
            **values,
        },
        created_at=NOW,
        due_at=NOW,
    )


def run_worker(turns=20):
    """What the worker does until nothing is left; between its turns hours go by."""
    for turn in range(1, turns):
        moment = NOW + timedelta(hours=turn)
        deliver_due(clock=lambda moment=moment: moment, limit=20)
        if not OutboxMessage.objects.filter(delivered_at=None).exists():
            break


@pytest.fixture
def mail_dir(settings, tmp_path):
    settings.EMAIL_BACKEND = "staff.mail.FileBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


@pytest.mark.django_db
class TestDeliverNotification:
    def test_tells_each_recipient_once(self):
        people = [EmployeeFactory(), EmployeeFactory()]
        row = message([*people, people[0]])
        deliver_notification(row, NOW)
        deliver_notification(row, NOW)
        assert Notification.objects.count() == 2
        told = Notification.objects.filter(recipient=people[0]).get()
        assert (told.event, told.url, told.case_id) == ("work_item.arrived", "/cases/7/", 7)
        assert told.created_at == NOW and told.read_at is None
        with translation.override("zh-hans"):
            assert told.title == ("王磊 提交了 上海远程机械有限公司 的 YW-SH-20261123-001,待您审批")
        with translation.override("en"):
            assert told.title == (
                "王磊 submitted YW-SH-20261123-001 of 上海远程机械有限公司; "
                "it waits for your decision"
            )

    def test_unknown_and_inactive_people_are_skipped_with_a_log_line(self):
        gone, here = EmployeeFactory(is_active=False), EmployeeFactory()
        row = message([gone, here, 99999999, "x", None])
        deliver_notification(row, NOW)
        assert list(Notification.objects.values_list("recipient", flat=True)) == [here.pk]

    def test_each_person_gets_what_he_chose(self):
        keen = EmployeeFactory(email="keen@example.com")
        quiet = EmployeeFactory(email="quiet@example.com")
        set_preferences(
            actor=keen, preferences=[Preference("case.commented", in_app=False, email=True)]
        )
        set_preferences(
            actor=quiet, preferences=[Preference("work_item.arrived", in_app=True, email=False)]
        )
        deliver_notification(message([keen, quiet], event="case.commented"), NOW)
        deliver_notification(message([keen, quiet]), NOW)
        told = set(Notification.objects.values_list("recipient", "event"))
        assert told == {
            (quiet.pk, "case.commented"),
            (keen.pk, "work_item.arrived"),
            (quiet.pk, "work_item.arrived"),
        }
        mailed = set(EmailDelivery.objects.values_list("recipient", "event"))
        assert mailed == {(keen.pk, "case.commented"), (keen.pk, "work_item.arrived")}

    def test_the_letter_is_in_the_recipients_language(self, settings):
        EmployeeFactory(email="zh@example.com")
        english = EmployeeFactory(email="en@example.com", language="en")
        chinese = EmployeeFactory(email="cn@example.com")
        message([english, chinese])
        run_worker()
        subjects = {letter.to[0]: letter.subject for letter in mail.outbox}
        assert "it waits for your decision" in subjects["en@example.com"]
        assert "待您审批" in subjects["cn@example.com"]
        assert settings.SITE_URL + "/cases/7/" in mail.outbox[0].body

    def test_a_line_break_in_a_name_makes_no_header(self):
        person = EmployeeFactory(email="a@example.com")
        message([person], params={**PARAMS, "party": "甲\r\nBcc: x@example.com"})
        run_worker()
        assert len(mail.outbox) == 1
        assert "Bcc" not in mail.outbox[0].message()

    def test_markup_and_odd_params_are_plain_text(self):
        person = EmployeeFactory()
        row = message([person], params={"party": "<b>%(x)s</b> 100%", "doc_no": None})
        deliver_notification(row, NOW)
        with translation.override("en"):
            assert Notification.objects.get().title == (
                "— submitted — of <b>%(x)s</b> 100%; it waits for your decision"
            )

    def test_an_event_of_a_later_version_still_arrives(self):
        deliver_notification(message([EmployeeFactory()], event="loan.of_a_later_version"), NOW)
        assert Notification.objects.get().title == "流动资金"

    def test_both_topics_are_registered(self):
        assert outbox.handler_for("notify") is deliver_notification
        assert outbox.handler_for("staff.email") is not None

    @pytest.mark.parametrize("event", [event.code for event in all_events()])
    def test_every_event_has_a_sentence_in_both_languages(self, event):
        titles = []
        for language in ("zh-hans", "en"):
            with translation.override(language):
                titles.append(title_of(event, PARAMS))
        assert titles[0] != titles[1]
        if event.startswith(("delegation.", "export.")):
            return  # about people or lists, not about a document
        # Administrators learn that a case stopped or is late or shall be void, not whose it is;
        # work reports and plans are nobody's business but their author's.
        tells_party = not event.startswith(
            ("case.blocked", "case.late", "document.void", "work_report.", "work_plan.")
        )
        for title in titles:
            assert PARAMS["doc_no"] in title
            assert (PARAMS["party"] in title) == tells_party


class Killed(BaseException):
    """The worker is gone: nothing that catches ``Exception`` may save the day."""


@pytest.mark.django_db(transaction=True)
class TestKilledWorker:
    """A worker killed before any one of its statements loses no message and repeats none."""

    def test_at_every_statement(self, mail_dir, django_assert_num_queries):
        people = [EmployeeFactory(email="a@example.com"), EmployeeFactory(email="b@example.com")]
        statements = self._count_statements(people, mail_dir)
        assert statements > 10
        for deadly in range(statements):
            self._clear(mail_dir)
            message(people)
            self._die_before(deadly)
            run_worker()
            assert sorted(Notification.objects.values_list("recipient", flat=True)) == sorted(
                person.pk for person in people
            ), deadly
            assert len(list(mail_dir.glob("*.eml"))) == 2, deadly
            assert not list(mail_dir.glob("*.part")), deadly
            assert EmailDelivery.objects.filter(sent_at=None).count() == 0, deadly
            assert not OutboxMessage.objects.filter(delivered_at=None).exists(), deadly

    def test_after_the_letter_left_and_before_the_commit(self, mail_dir, monkeypatch):
        """The one moment that no database can cover: the letter keeps its identity."""
        person = EmployeeFactory(email="a@example.com")
        message([person])
        monkeypatch.setattr(EmailDelivery, "save", self._die)
        with pytest.raises(Killed):
            run_worker()
        connection.close()
        assert len(list(mail_dir.glob("*.eml"))) == 1
        monkeypatch.undo()
        run_worker()
        assert len(list(mail_dir.glob("*.eml"))) == 1
        assert EmailDelivery.objects.get().sent_at is not None

    @staticmethod
    def _die(*args, **kwargs):
        raise Killed

    def _die_before(self, number):
        seen = 0

        def wrapper(execute, sql, params, many, context):
            nonlocal seen
            if seen == number:
                raise Killed
            seen += 1
            return execute(sql, params, many, context)

        with connection.execute_wrapper(wrapper), contextlib.suppress(Killed):
            run_worker()
        connection.close()  # what was not committed is gone

    def _count_statements(self, people, mail_dir):
        count = 0

        def wrapper(execute, sql, params, many, context):
            nonlocal count
            count += 1
            return execute(sql, params, many, context)

        message(people)
        with connection.execute_wrapper(wrapper):
            run_worker()
        return count

    def _clear(self, mail_dir: Path):
        with transaction.atomic():
            Notification.objects.all().delete()
            EmailDelivery.objects.all().delete()
            OutboxMessage.objects.all().delete()
        for letter in mail_dir.glob("*"):
            letter.unlink()


@pytest.mark.django_db
class TestMarkRead:
    def test_only_ones_own(self):
        mine, other = EmployeeFactory(), EmployeeFactory()
        deliver_notification(message([mine, other]), NOW)
        foreign = Notification.objects.get(recipient=other)
        assert unread_count(mine) == 1
        assert mark_read(actor=mine, ids=[foreign.pk], now=NOW) == 0
        assert mark_read(actor=mine, ids=None, now=NOW) == 1
        assert mark_read(actor=mine, ids=None, now=NOW) == 0
        assert (unread_count(mine), unread_count(other)) == (0, 1)

    def test_the_count_stops_at_its_bound(self):
        person = EmployeeFactory()
        Notification.objects.bulk_create(
            Notification(recipient=person, event="case.copied", created_at=NOW) for _i in range(20)
        )
        assert unread_count(person, at_most=10) == 10


@pytest.mark.django_db
class TestPreferences:
    def test_saving_twice_keeps_the_last(self):
        person = EmployeeFactory()
        for email in (True, False):
            set_preferences(actor=person, preferences=[Preference("case.urged", True, email)])
        assert NotificationPreference.objects.get().email is False
