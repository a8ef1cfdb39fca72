"""The pages and the API of supervision: calendar, lists, forms, settings, workbench."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from postloan.kinds.supervision import FORM
from postloan.models import PostLoanSupervision, SupervisionReport, SupervisionSetting
from postloan.selectors import supervision_calendar
from reports.selectors import load_workbench
from reports.tiles import tiles_of
from staff.calendar import load_calendar
from staff.models import Employee
from tests.funds.factories import at
from tests.postloan.supervision import Watch, loan_of


@pytest.fixture
def watch(lender, client, time_machine) -> Watch:
    watch = Watch(lender)
    client.force_login(watch.am)
    time_machine.move_to(at(watch.today), tick=False)
    return watch


def page(client, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


class TestDesks:
    def test_lists_and_pages_cost_few_queries(self, watch, client, django_assert_max_num_queries):
        made = watch.approved()
        report = watch.filed(made, watch.day(15))
        page(client, "/supervisions/")
        for url, number in (("/supervisions/", made), ("/supervision-reports/", report)):
            with django_assert_max_num_queries(10):
                assert number.doc_no in page(client, url)
        shown = page(client, f"/supervisions/{made.pk}/")
        for day in ("2026-03-17", "2026-04-01", "2026-04-16"):
            assert day in shown
        assert "监管发起日" in shown
        assert report.doc_no in shown

    def test_the_manuals_way_from_the_transfer(self, watch, client):
        """manual §8.1: choose the transfer, save, attach, submit."""
        transfer = watch.transfer()
        assert transfer.doc_no in page(client, "/supervisions/new/")
        client.force_login(watch.people.plm)
        related = page(client, f"/fund-transfers/{transfer.pk}/related/")
        assert f"/supervisions/new/{transfer.pk}/" in related
        client.force_login(watch.am)
        form = page(client, f"/supervisions/new/{transfer.pk}/")
        assert "资金流向核实" in form
        data = {
            "application": transfer.application_id,
            "supervisor": watch.am.pk,
            "first_check_on": "2026-03-02",
            "use_check": "YES",
            "colour": "GREEN",
            "measures": "每月核对流水",
            "fund_flow-TOTAL_FORMS": "1",
            "fund_flow-INITIAL_FORMS": "0",
            "fund_flow-0-payee": "鞍钢贸易",
            "fund_flow-0-amount": "10万",
            "fund_flow-0-use": "采购钢材",
            "view": "1",
        }
        wrong = client.post(
            f"/supervisions/new/{transfer.pk}/", {**data, "fund_flow-0-amount": "0"}
        )
        assert wrong.status_code == 422
        assert "资金流向的金额必须大于 0" in wrong.content.decode()
        saved = client.post(f"/supervisions/new/{transfer.pk}/", data)
        made = PostLoanSupervision.objects.get()
        assert saved.url == f"/supervisions/{made.pk}/"
        assert made.fund_flow.get().amount == 100000

    def test_pls_01_stands_at_the_field(self, watch, client):
        transfer, other = watch.transfer(), watch.lender.approved()
        data = {
            "application": other.pk,
            "supervisor": watch.am.pk,
            "first_check_on": "2026-03-02",
            "fund_flow-TOTAL_FORMS": "0",
            "fund_flow-INITIAL_FORMS": "0",
        }
        answer = client.post(f"/supervisions/new/{transfer.pk}/", data)
        assert answer.status_code == 422
        assert "资金划拨确认书不属于所选业务" in answer.content.decode()

    def test_a_report_is_begun_below_its_supervision(self, watch, client):
        """manual §8.2."""
        made = watch.begun()
        related = page(client, f"/supervisions/{made.pk}/related/")
        assert f"/supervision-reports/new/{made.pk}/" in related
        answer = client.post(
            f"/supervision-reports/new/{made.pk}/",
            {"inspected_on": "2026-03-02", "way": "PHONE", "signs": ["NONE"], "view": "1"},
        )
        report = SupervisionReport.objects.get()
        assert answer.url == f"/supervision-reports/{report.pk}/"
        assert (report.period, report.due_on) == (1, date(2026, 3, 17))
        page(client, answer.url)
        again = page(client, f"/supervisions/{made.pk}/related/")
        assert f"请先完成您的草稿 {report.doc_no}" in again

    def test_related_lists_stand_on_the_records_around(self, watch, client):
        made = watch.approved()
        report = watch.filed(made, watch.day(15))
        for url in (f"/loans/{made.loan_id}/related/", f"/customers/{made.customer_id}/related/"):
            shown = page(client, url)
            assert made.doc_no in shown
            assert report.doc_no in shown
        assert made.doc_no in page(client, f"/applications/{made.application_id}/related/")
        client.force_login(watch.people.brm)
        assert made.doc_no in page(client, f"/fund-transfers/{made.transfer_id}/related/")

    def test_n26_another_branch_gets_404(self, watch, client):
        made = watch.begun()
        report = watch.report(made, watch.day(1))
        client.force_login(watch.people.other_am)
        for tail in ("", "edit/", "related/", f"print/{FORM}/"):
            page(client, f"/supervisions/{made.pk}/{tail}", 404)
        page(client, f"/supervision-reports/{report.pk}/", 404)
        page(client, f"/supervisions/new/{made.transfer_id}/", 404)

    def test_the_next_account_manager_reads_what_was_supervised(self, watch, client):
        made = watch.approved()
        client.force_login(watch.people.colleague)
        page(client, f"/supervisions/{made.pk}/", 404)
        made.customer.owner = watch.people.colleague
        made.customer.save()
        page(client, f"/supervisions/{made.pk}/")

    def test_the_paper(self, watch, client):
        made = watch.approved()
        answer = client.get(f"/supervisions/{made.pk}/print/{FORM}/")
        assert answer["Content-Type"] == "application/pdf"


class TestCalendar:
    def test_shows_what_is_due_in_the_month(
        self, watch, client, time_machine, django_assert_max_num_queries
    ):
        made = watch.approved()
        report = watch.filed(made, watch.day(14))
        watch.transfer()
        page(client, "/post-loan-calendar/")
        with django_assert_max_num_queries(10):
            shown = page(client, "/post-loan-calendar/?month=2026-03")
        assert "第 1 期报告" in shown
        assert report.doc_no in shown
        assert "待提交贷后监管" in shown
        assert 'aria-current="date"' in shown
        april = page(client, "/post-loan-calendar/?month=2026-04")
        assert "第 2 期报告" in april
        assert "第 1 期还款" in april
        assert loan_of(made).loan_no in april

    def test_late_ones_stand_at_the_top(self, watch, client, time_machine):
        made = watch.approved()
        time_machine.move_to(at(watch.day(18)), tick=False)
        shown = page(client, "/post-loan-calendar/?month=2026-12")
        assert "逾期未报的监管与报告" in shown
        assert made.doc_no in shown
        assert "逾期较久" in shown

    def test_narrows_by_kind_branch_and_person(self, watch, client):
        made = watch.approved()
        client.force_login(watch.people.plm)
        url = "/post-loan-calendar/?month=2026-04"
        only = page(client, f"{url}&what=report")
        assert "第 2 期报告" in only
        assert loan_of(made).loan_no not in only
        mine = page(client, f"{url}&person={watch.am.pk}&branch={made.branch_id}")
        assert "第 2 期报告" in mine
        other = page(client, f"{url}&branch={watch.people.other_am.branch_id}")
        assert "第 2 期报告" not in other

    @pytest.mark.parametrize("month", ["x", "1999-01", "2101-01", "2026-13", "99999-01"])
    def test_a_wrong_month_is_told(self, watch, client, month):
        assert "alert" in page(client, f"/post-loan-calendar/?month={month}")
        assert "alert" in page(client, f"/post-loan-calendar/?day={month}-05")

    def test_a_day_shows_all_that_is_due_on_it(self, watch, client):
        made = watch.approved()
        shown = page(client, "/post-loan-calendar/?day=2026-04-01")
        assert "第 2 期报告" in shown
        assert loan_of(made).loan_no not in shown
        assert "?month=2026-04" in shown
        assert "这一天没有到期事项" in page(client, "/post-loan-calendar/?day=2026-04-05")

    def test_a_lender_with_many_loans_reads_a_page_all_the_same(
        self, watch, client, monkeypatch, django_assert_max_num_queries
    ):
        """The first of each kind are listed, the days count all, and each day can be opened."""
        monkeypatch.setattr("postloan.selectors.supervision_calendar.MOST", 1)
        for _number in range(3):
            watch.filed(watch.approved(), watch.day(14))
        page(client, "/post-loan-calendar/?month=2026-03")
        with django_assert_max_num_queries(10):
            march = page(client, "/post-loan-calendar/?month=2026-03")
        assert "还有 2 项" in march
        assert "day=2026-03-17" in march
        april = page(client, "/post-loan-calendar/?month=2026-04")
        assert "3 项到期" in april
        assert "只列出前 2 项;请打开某一天,或缩小筛选范围。" in april
        day = page(client, "/post-loan-calendar/?day=2026-03-17")
        assert "只列出前 1 项;请缩小筛选范围。" in day

    @pytest.mark.parametrize("month", [3, 4, 6])
    def test_the_days_count_the_same_however_few_are_listed(
        self, watch, client, monkeypatch, django_assert_max_num_queries, month
    ):
        for number in range(3):
            watch.filed(watch.approved(), watch.day(14))
            watch.approved(watch.day(number))

        def month_of(who: Employee) -> supervision_calendar.Found:
            first, last = date(2026, month, 1), date(2026, month, 28)
            return supervision_calendar.find(
                who, supervision_calendar.Scope(), first=first, last=last,
                today=watch.day(20), calendar=load_calendar(),
            )  # fmt: skip

        people = (watch.am, watch.people.brm, watch.people.plm)
        whole = [month_of(who) for who in people]
        monkeypatch.setattr("postloan.selectors.supervision_calendar.MOST", 1)
        cut = [month_of(who) for who in people]

        assert [found.by_day for found in cut] == [found.by_day for found in whole]
        assert all(found.is_cut and found.by_day for found in cut)
        assert not any(found.is_cut for found in whole)
        client.force_login(watch.people.plm)
        page(client, f"/post-loan-calendar/?month=2026-{month:02}")
        with django_assert_max_num_queries(10):
            page(client, f"/post-loan-calendar/?month=2026-{month:02}")

    def test_offers_whoever_answers_for_a_running_loan(self, watch):
        plm = watch.people.plm
        assert not supervision_calendar.people_in_sight(plm)
        made = watch.approved()
        assert set(supervision_calendar.people_in_sight(plm)) == {watch.am, made.supervisor}
        stranger = watch.people.other_am
        assert not supervision_calendar.people_in_sight(stranger)

    def test_the_top_of_the_page_holds_the_longest_late(
        self, watch, client, time_machine, monkeypatch
    ):
        monkeypatch.setattr("postloan.selectors.supervision_calendar.MOST_LATE", 1)
        first, last = watch.approved(), watch.approved(watch.day(2))
        time_machine.move_to(at(watch.day(25)), tick=False)
        shown, _month = page(client, "/post-loan-calendar/?month=2026-12").split('id="month"')
        assert "1+" in shown
        assert first.doc_no in shown
        assert last.doc_no not in shown

    def test_n26_nobody_sees_another_branch(self, watch, client):
        made = watch.approved()
        client.force_login(watch.people.other_am)
        shown = page(client, "/post-loan-calendar/?month=2026-04")
        assert made.customer.name not in shown

    def test_story_10_a_year_without_calendar(self, watch, client, time_machine):
        watch.begun(date(2026, 12, 5))
        time_machine.move_to(at(date(2026, 12, 20)), tick=False)
        client.force_login(watch.am)
        shown = page(client, "/post-loan-calendar/?month=2027-01")
        assert "day-2027-01-04" in shown
        assert "2027 年节假日未配置" in shown

    def test_administrators_have_no_part_in_it(self, watch, client):
        client.force_login(watch.people.adm)
        page(client, "/post-loan-calendar/", 403)


class TestWorkbench:
    def test_the_tile_counts_due_and_late(self, watch):
        watch.begun()
        day = watch.day(15)

        def tile(who, when):
            found = tiles_of(load_workbench(who, now=at(when)))
            return next((each for each in found if each.icon == "shield-check"), None)

        assert tile(watch.am, day - timedelta(days=4)) is None
        assert tile(watch.am, day).value == "1"
        assert tile(watch.people.brm, day) is None
        late = tile(watch.people.brm, day + timedelta(days=1))
        assert (late.value, late.tone, late.note) == ("1", "red", "1 项逾期")
        assert tile(watch.people.fin, day + timedelta(days=1)) is None


class TestSettings:
    def test_are_read_by_risk_and_changed_by_administrators(self, watch, client):
        url = "/settings/supervision/"
        page(client, url, 403)
        client.force_login(watch.people.plm)
        page(client, url)
        data = {"interval_days": "10", "on_site_every": "3", "submit_within": "5"}
        assert client.post(url, data).status_code == 403
        client.force_login(watch.people.adm)
        assert client.post(url, {**data, "on_site_every": "1"}).status_code == 422
        assert client.post(url, data).status_code == 302
        assert SupervisionSetting.objects.get().interval_days == 10
        assert "报告间隔" in page(client, url)


class TestApi:
    def test_the_same_rules_hold(self, watch, client):
        transfer = watch.transfer()
        made = client.post(
            "/api/v1/supervisions/",
            {
                "transfer": transfer.pk,
                "application": transfer.application_id,
                "supervisor": watch.am.pk,
                "first_check_on": "2026-03-02",
            },
            content_type="application/json",
        )
        assert made.status_code == 201, made.content
        document = PostLoanSupervision.objects.get(pk=made.json()["id"])
        assert made.json()["submit_by"] == "2026-03-09"
        refused = client.post(
            f"/api/v1/supervisions/{document.pk}/submit/",
            {"seen_version": document.version},
            content_type="application/json",
            headers={"Idempotency-Key": "submit-it"},
        )
        assert {each["code"] for each in refused.json()["errors"]} == {"PLS-04", "WF-08"}
        early = client.post(
            "/api/v1/supervision-reports/",
            {"supervision": document.pk, "inspected_on": "2026-03-02", "way": "PHONE"},
            content_type="application/json",
        )
        assert early.status_code >= 400
        typed = client.post(
            "/api/v1/supervisions/",
            {"transfer": transfer.pk, "principal": "1.00"},
            content_type="application/json",
        )
        assert typed.status_code == 400

    def test_a_report_is_made_and_read(self, watch, client):
        supervision = watch.begun()
        made = client.post(
            "/api/v1/supervision-reports/",
            {"supervision": supervision.pk, "inspected_on": "2026-03-02", "way": "PHONE"},
            content_type="application/json",
        )
        assert made.status_code == 201, made.content
        shown = client.get(f"/api/v1/supervision-reports/{made.json()['id']}/").json()
        assert (shown["period"], shown["due_on"]) == (1, "2026-03-17")
