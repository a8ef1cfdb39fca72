"""R13: the clock and the counter of collection, in the records of calls and visits."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from documents.services.drafts import update_draft
from lending_crm.common.errors import DomainError
from postloan.models import BadCustomerHandover
from sms.models import SmsSetting
from tests.funds.factories import at
from tests.postloan.closing import HANDOVER, begin_handover, handed_over, overdue_day
from tests.postloan.factories import KIND, attach, fresh, overdue, submit


def contact(day: date, clock: time | None, way: str = "PHONE") -> dict[str, object]:
    return {"collected_on": day, "collected_at": clock, "way": way, "result": "承诺还款"}


@pytest.fixture
def loan(ledger):
    return ledger.loan(term_months=6)


@pytest.fixture
def day(loan, time_machine) -> date:
    day = loan.due_date + timedelta(days=3)
    time_machine.move_to(at(day), tick=False)
    return day


@pytest.fixture
def logged(ledger, loan, day):
    def log(*rows):
        return overdue(ledger, loan, day, rows={"collection_log": list(rows)})

    return log


def warned(request) -> list[str]:
    return [text.split()[0] for text in KIND.warnings(fresh(request), now=at(date(2026, 9, 5)))]


class TestRows:
    @pytest.mark.parametrize("way", ["PHONE", "VISIT"])
    def test_col_01_a_call_or_visit_has_its_time(self, logged, day, way):
        with pytest.raises(DomainError) as refused:
            logged(contact(day, None, way))
        assert [(each.code, each.field) for each in refused.value.reasons] == [
            ("COL-01", "collection_log.0.collected_at")
        ]

    def test_a_letter_needs_none(self, logged, day):
        assert logged(contact(day, None, "LETTER")).collection_log.get().collected_at is None

    @pytest.mark.parametrize(
        ("clock", "found"),
        [
            (time(21, 59), []),
            (time(22, 0), ["COL-02"]),
            (time(7, 59), ["COL-02"]),
            (time(8, 0), []),
        ],
    )
    @pytest.mark.parametrize("way", ["PHONE", "VISIT"])
    def test_col_02_warns_from_22_to_8_exactly(self, logged, day, clock, found, way):
        assert warned(logged(contact(day, clock, way))) == found

    def test_col_02_follows_the_longer_hours_of_the_lender(self, logged, day):
        SmsSetting.objects.filter(pk=1).update(quiet_from=time(20, 0))
        assert warned(logged(contact(day, time(20, 30)))) == ["COL-02"]

    def test_col_03_warns_of_a_seventh_call_of_a_day(self, logged, day):
        calls = [contact(day, time(9, minute)) for minute in range(7)]
        request = logged(*calls[:6], contact(day, time(10, 0), "VISIT"))
        assert warned(request) == []
        again = {"collection_log": calls}
        update_draft(
            kind=KIND,
            document_id=request.pk,
            actor=request.handler,
            now=at(day),
            values={},
            rows=again,
        )
        assert warned(request) == ["COL-03"]

    def test_those_who_decide_read_of_it(self, logged, day):
        request = logged(contact(day, time(23, 15)))
        attach(request)
        case = submit(fresh(request), day)
        assert case.flags == ["催收时间或当日次数不合规"]
        assert "23:15" in str(case.snapshots.get().content)

    def test_pages_show_the_time(self, ledger, logged, day, client):
        request = logged(contact(day, time(23, 15)))
        attach(request)
        client.force_login(ledger.lender.am)
        url = f"/extension-requests/{request.pk}/"
        assert "23:15" in client.get(url).content.decode()
        form = client.get(f"{url}edit/").content.decode()
        assert 'value="23:15"' in form
        assert 'type="time"' in form
        said = client.get(f"{url}submission/").content.decode()
        assert "COL-02" in said
        assert "22:00–08:00" in said


class TestHandover:
    def test_col_02_warns_before_the_handover_too(self, ledger, loan):
        late = overdue_day(loan, 100)
        draft = begin_handover(ledger, loan, late)
        update_draft(
            kind=HANDOVER,
            document_id=draft.pk,
            actor=draft.handler,
            now=at(late),
            values={},
            rows={"collection_log": [contact(late, time(6, 0), "VISIT")]},
        )
        found = HANDOVER.warnings(BadCustomerHandover.objects.get(pk=draft.pk), now=at(late))
        assert [text.split()[0] for text in found] == ["COL-02"]


class TestRecovery:
    @pytest.fixture
    def late(self, loan, time_machine):
        late = overdue_day(loan, 100)
        time_machine.move_to(at(late), tick=False)
        return late

    @pytest.fixture
    def post(self, ledger, loan, late, client):
        managed = handed_over(ledger, loan, late)
        client.force_login(ledger.lender.people.ard)
        usual = {
            "kind": "COLLECTION",
            "done_on": f"{late:%Y-%m-%d}",
            "content": "电话联系借款人",
            "next_step_on": f"{late + timedelta(days=5):%Y-%m-%d}",
            "creation_key": "0b0b6f5e-7c0e-4d4d-9d43-4b0b6f5e7c0e",
        }
        url = f"/bad-customers/{managed.pk}/records/"
        return lambda **given: client.post(url, usual | given, follow=True)

    def test_col_02_is_said_when_the_record_is_kept(self, post):
        page = post(done_at="22:30").content.decode()
        assert "COL-02" in page
        assert "22:30" in page

    def test_a_contact_by_day_is_kept_without_a_word(self, post):
        page = post(done_at="10:30").content.decode()
        assert "COL-02" not in page
        assert "10:30" in page

    def test_bad_10_a_plan_has_no_time(self, post):
        answer = post(kind="PLAN", done_at="10:30")
        assert answer.status_code == 422
        assert "只有催收联系" in answer.content.decode()
