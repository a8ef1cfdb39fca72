"""Two acts on one supervision in the same second, on real connections (N7)."""

from __future__ import annotations

import pytest

from postloan.models import DutyReminder, PostLoanSupervision, SupervisionReport
from postloan.services.report_reminders import remind_of_duties
from tests.applications.factories import Lender
from tests.applications.test_races import codes, together
from tests.funds.factories import at
from tests.postloan.supervision import Watch, submit

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def watch(transactional_db, now) -> Watch:
    from funds.services.defaults import ensure_settings

    ensure_settings()
    return Watch(Lender(now))


class TestRaces:
    def test_spr_01_two_reports_of_one_period_submitted_at_once(self, watch):
        made = watch.begun()
        drafts = [watch.report(made, watch.day(15)) for _ in range(2)]
        results = together(*(lambda each=each: submit(each, watch.day(15)) for each in drafts))
        assert codes(results) == ["SPR-01"]
        assert SupervisionReport.objects.filter(claimed_period=1).count() == 1

    def test_pls_03_two_supervisions_of_one_transfer_begun_at_once(self, watch):
        transfer = watch.transfer()
        results = together(*(lambda: watch.draft(transfer) for _ in range(2)))
        assert codes(results) == ["PLS-03"]
        assert PostLoanSupervision.objects.count() == 1

    def test_two_runs_remind_once(self, watch):
        watch.begun()
        results = together(*(lambda: remind_of_duties(now=at(watch.day(15))) for _ in range(2)))
        assert codes(results) == []
        assert DutyReminder.objects.count() == 1
