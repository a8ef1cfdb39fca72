"""Who is reminded of which supervision and report, and never twice (M16)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from lending_crm.common.models import OutboxMessage
from postloan.holdings import SupervisionHoldings
from postloan.models import DutyReminder
from postloan.services.report_reminders import remind_of_duties
from postloan.services.supervision import end_supervisions
from postloan.tasks import remind_of_supervision
from staff.models import RoleAssignment
from staff.work_figures import figure_sources
from tests.funds.factories import at
from tests.postloan.supervision import Watch, loan_of, submit


@pytest.fixture
def watch(lender) -> Watch:
    return Watch(lender)


def told(day: date) -> list[tuple[str, list[int]]]:
    """What leaves on the day; the outbox is emptied before."""
    OutboxMessage.objects.all().delete()
    remind_of_duties(now=at(day))
    rows = OutboxMessage.objects.filter(topic="notify").order_by("id")
    return [(row.payload["event"], row.payload["recipients"]) for row in rows]


class TestReports:
    def test_due_minus_three_due_and_late(self, watch):
        """Submitted on Monday 2 March: due on Tuesday 17 March, a working day."""
        watch.begun()
        am, brm, plm = ([who.pk] for who in (watch.am, watch.people.brm, watch.people.plm))
        due = watch.day(15)
        assert told(due - timedelta(days=4)) == []
        assert told(due - timedelta(days=3)) == [("supervision_report.due_soon", am)]
        assert told(due - timedelta(days=2)) == []
        assert told(due) == [("supervision_report.due", am)]
        assert told(due + timedelta(days=1)) == [("supervision_report.late", brm)]
        assert told(due + timedelta(days=2)) == []
        assert told(due + timedelta(days=3)) == [("supervision_report.late", plm)]
        assert told(due + timedelta(days=4)) == []

    def test_again_on_the_same_day_tells_nobody(self, watch):
        watch.begun()
        due = watch.day(15)
        assert len(told(due)) == 1
        assert told(due) == []
        assert DutyReminder.objects.count() == 1

    def test_a_rest_day_is_not_late_before_the_next_working_day_is_over(self, watch):
        watch.begun(date(2026, 3, 6))
        saturday, monday, tuesday = date(2026, 3, 21), date(2026, 3, 23), date(2026, 3, 24)
        assert [event for event, _people in told(saturday)] == ["supervision_report.due"]
        assert told(monday) == []
        assert [event for event, _people in told(tuesday)] == ["supervision_report.late"]

    def test_missed_days_are_made_good_once(self, watch):
        watch.begun()
        found = told(watch.day(18))
        assert found == [
            ("supervision_report.late", [watch.people.brm.pk]),
            ("supervision_report.late", [watch.people.plm.pk]),
        ]

    def test_what_is_submitted_or_ended_is_no_more_reminded_of(self, watch):
        made = watch.begun()
        watch.reported(made, watch.day(14))
        assert told(watch.day(15)) == []
        other = watch.begun(transfer=watch.transfer())
        end_supervisions([loan_of(other)], reason="SETTLED", now=at(watch.day(14)))
        assert told(watch.day(15)) == []

    def test_waits_for_somebody_who_hears_it(self, watch):
        watch.begun()
        held = RoleAssignment.objects.filter(role__code="BRM")
        kept = list(held)
        held.delete()
        due = watch.day(15)
        assert told(due + timedelta(days=1)) == []
        RoleAssignment.objects.bulk_create(kept)
        assert len(told(due + timedelta(days=2))) == 1


class TestSupervisions:
    def test_the_supervision_itself_is_reminded_of(self, watch):
        watch.transfer()
        am = [watch.am.pk]
        assert told(date(2026, 3, 6)) == [("supervision.due_soon", am)]
        assert told(date(2026, 3, 9)) == [("supervision.due", am)]
        assert told(date(2026, 3, 10)) == [("supervision.late", [watch.people.brm.pk])]

    def test_the_worker_knows_the_task(self, watch, time_machine):
        watch.transfer()
        time_machine.move_to(at(date(2026, 3, 9)), tick=False)
        remind_of_supervision()
        remind_of_supervision()
        assert DutyReminder.objects.get().stage == "DUE"


class TestHandingOver:
    def test_hnd_06_the_supervisor_hands_over_what_runs(self, watch):
        made = watch.approved()
        source, now = SupervisionHoldings(), at(watch.day(1))
        held = source.holdings(watch.am, now=now)
        assert [each.pk for each in held] == [made.pk]
        source.move(
            pk=made.pk,
            employee=watch.am,
            successor=watch.people.colleague,
            actor=watch.people.adm,
            now=now,
        )
        assert source.holdings(watch.am, now=now) == []
        report = watch.report(made, watch.day(10), actor=watch.people.colleague)
        assert submit(report, watch.day(10)).state == "IN_APPROVAL"


class TestWorkFigures:
    def test_reports_done_and_due(self, watch):
        made = watch.begun()
        watch.reported(made, watch.day(15))
        figure = figure_sources()["supervision_reports"].measure(
            watch.am, watch.today, watch.day(31)
        )
        assert (figure.count, figure.due) == (1, 2)

    def test_overdue_loans(self, watch):
        loan = watch.transfer().loan
        type(loan).objects.filter(pk=loan.pk).update(
            overdue_days=3, overdue_since=watch.today, risk_class="ATTENTION"
        )
        figure = figure_sources()["overdue_loans"].measure(watch.am, watch.today, watch.today)
        assert (figure.count, figure.amount) == (1, loan.unpaid_principal)
