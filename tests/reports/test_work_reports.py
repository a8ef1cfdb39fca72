"""工作报告 (M21): its services, what the database holds behind them, its pages and its API."""

from __future__ import annotations

import threading
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.urls import reverse

import pytest

from customers.services.opportunities import create_opportunity, log_follow_up, promote_opportunity
from lending_crm.common.errors import DomainError
from lending_crm.common.models import ChangeRecord, OutboxMessage
from reports.choices import ReportStatus
from reports.models import ReportComment, ReportReceiver, WorkReport
from reports.periods import period_of
from reports.selectors.work_reports import report_list, superiors_of, table_of
from reports.services.work_reports import (
    comment_on_report,
    create_report,
    generate_table,
    note_reading,
    submit_report,
    update_report,
)
from staff import work_figures
from staff.models import Employee
from staff.work_figures import Figure, FigureSource, figure_sources, register_figure
from tests.customers.factories import World, build_world, make_customer, opportunity_data

pytestmark = pytest.mark.django_db


def line_up(world: World) -> World:
    """客户经理 below 主管 below 总经理."""
    for person, superior in ((world.am, world.tl), (world.tl, world.bgm)):
        person.superior = superior
        person.save()
    return world


@pytest.fixture
def world() -> World:
    return line_up(build_world())


def written(who: Employee, now: datetime, **values: object) -> WorkReport:
    data = {
        "title": "三月第一周",
        "report_type": "WEEK",
        "day": date(2026, 3, 4),
        "work_done": "走访两家客户",
        "next_plan": "完成调查报告",
    }
    return create_report(data={**data, **values}, actor=who, now=now)


def sent(who: Employee, to: Employee, now: datetime, **values: object) -> WorkReport:
    return submit_report(report=written(who, now, **values), receivers=[to], actor=who, now=now)


def refused(code: str):
    return pytest.raises(DomainError, match=f"^{code}$|^{code}: ")


class TestPeriodOf:
    def test_takes_the_day_the_week_from_monday_and_the_whole_month(self) -> None:
        assert period_of("DAY", date(2026, 3, 4)) == (date(2026, 3, 4), date(2026, 3, 4))
        assert period_of("WEEK", date(2026, 3, 4)) == (date(2026, 3, 2), date(2026, 3, 8))
        assert period_of("MONTH", date(2028, 2, 9)) == (date(2028, 2, 1), date(2028, 2, 29))

    def test_refuses_a_day_at_the_edge_of_the_calendar(self) -> None:
        with pytest.raises(ValueError, match="9999"):
            period_of("WEEK", date.max)


class TestCreateReport:
    def test_numbers_a_draft_of_the_whole_period(self, world, now) -> None:
        report = written(world.am, now)
        assert report.report_no == "BG-SY-20260302-001"
        assert (report.starts_on, report.ends_on) == (date(2026, 3, 2), date(2026, 3, 8))
        assert report.status == ReportStatus.DRAFT

    def test_names_every_field_that_is_missing(self, world, now) -> None:
        with refused("RPT-08") as found:
            create_report(data={"title": " "}, actor=world.am, now=now)
        assert [one.field for one in found.value.reasons] == ["title", "report_type", "day"]

    def test_refuses_a_year_without_periods_and_text_that_is_too_long(self, world, now) -> None:
        with refused("RPT-10"):
            written(world.am, now, day=date.max)
        with refused("RPT-09"):
            written(world.am, now, problems="长" * 4001)

    def test_refuses_a_person_without_a_branch(self, world, now) -> None:
        Employee.objects.filter(pk=world.adm.pk).update(branch=None, department=None)
        with refused("RPT-06"):
            written(world.adm, now)

    def test_the_database_refuses_a_period_that_is_not_whole(self, world, now) -> None:
        report = written(world.am, now)
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkReport.objects.filter(pk=report.pk).update(starts_on=date(2026, 3, 3))


class TestUpdateReport:
    def test_logs_what_changed_and_empties_the_table_of_another_period(self, world, now) -> None:
        report = written(world.am, now)
        generate_table(report=report, objects=["follow_ups"], actor=world.am, now=now)
        data = {"day": date(2026, 3, 9)}
        changed = update_report(report=report, data=data, version=2, actor=world.am, now=now)
        assert (changed.figures, changed.figures_at) == ([], None)
        logged = ChangeRecord.objects.filter(model="reports.workreport").values_list("field")
        assert {name for (name,) in logged} == {"starts_on", "ends_on"}

    def test_refuses_another_person_and_a_stale_form(self, world, now) -> None:
        report = written(world.am, now)
        with refused("RPT-07"):
            update_report(report=report, data={}, version=1, actor=world.tl, now=now)
        with refused("WF-12"):
            update_report(report=report, data={}, version=9, actor=world.am, now=now)


class TestGenerateTable:
    def test_counts_the_author_and_the_period_and_keeps_the_result(self, world, now) -> None:
        customer = make_customer(world.am, now)
        make_customer(world.am, now - timedelta(days=7))
        opportunity = create_opportunity(
            customer=customer, data=opportunity_data(now), actor=world.am, now=now
        )
        log_follow_up(
            opportunity=opportunity,
            content="电话沟通",
            next_follow_on=now.date(),
            actor=world.am,
            now=now,
        )
        promote_opportunity(opportunity=opportunity, stage=2, actor=world.am, now=now)
        report = generate_table(
            report=written(world.am, now), objects=list(figure_sources()), actor=world.am, now=now
        )
        counts = {row["code"]: row["count"] for row in report.figures}
        expected = {"new_customers": 1, "follow_ups": 1, "stage_moves": 1, "applications": 0}
        assert {code: counts[code] for code in expected} == expected
        make_customer(world.am, now)
        report.refresh_from_db()
        kept = {row["code"]: row["count"] for row in report.figures}
        assert kept == counts

    def test_takes_the_objects_that_other_apps_register(self, world, now, monkeypatch) -> None:
        monkeypatch.setattr(work_figures, "_sources", {})
        source = FigureSource("checks", "贷后检查", lambda *_: Figure(3, due=4))
        register_figure(source)
        with pytest.raises(ValueError, match="twice"):
            register_figure(source)
        report = generate_table(
            report=written(world.am, now), objects=["checks"], actor=world.am, now=now
        )
        assert [(line.label, line.count, line.due) for line in table_of(report)] == [
            ("贷后检查", 3, 4)
        ]

    def test_refuses_nothing_and_what_is_unknown(self, world, now) -> None:
        report = written(world.am, now)
        with refused("RPT-08"):
            generate_table(report=report, objects=[], actor=world.am, now=now)
        with refused("RPT-10"):
            generate_table(report=report, objects=["weather"], actor=world.am, now=now)


class TestSubmitReport:
    def test_tells_whom_it_was_sent_to(self, world, now) -> None:
        report = submit_report(
            report=written(world.am, now),
            receivers=[world.tl],
            copies=[world.colleague],
            actor=world.am,
            now=now,
        )
        assert (report.status, report.submitted_at) == (ReportStatus.SUBMITTED, now)
        payload = OutboxMessage.objects.get(payload__event="work_report.submitted").payload
        assert set(payload["recipients"]) == {world.tl.pk, world.colleague.pk}

    def test_rpt_01_needs_somebody_to_report_to(self, world, now) -> None:
        report = written(world.am, now)
        with refused("RPT-01"):
            submit_report(report=report, receivers=[], actor=world.am, now=now)
        with pytest.raises(IntegrityError, match="RPT-01"), transaction.atomic():
            WorkReport.objects.filter(pk=report.pk).update(status="SUBMITTED", submitted_at=now)

    def test_rpt_02_takes_one_report_of_a_type_and_period(self, world, now) -> None:
        sent(world.am, world.tl, now)
        second = written(world.am, now, day=date(2026, 3, 6))
        with refused("RPT-02"):
            submit_report(report=second, receivers=[world.tl], actor=world.am, now=now)
        ReportReceiver.objects.create(report=second, employee=world.tl, kind="REPORT")
        with (
            pytest.raises(IntegrityError, match="work_report_once_a_period"),
            transaction.atomic(),
        ):
            WorkReport.objects.filter(pk=second.pk).update(status="SUBMITTED", submitted_at=now)
        assert sent(world.am, world.tl, now, report_type="DAY").status == ReportStatus.SUBMITTED

    def test_rpt_03_keeps_what_was_submitted(self, world, now) -> None:
        report = sent(world.am, world.tl, now)
        with refused("RPT-03"):
            update_report(
                report=report, data={"title": "改"}, version=None, actor=world.am, now=now
            )
        with refused("RPT-03"):
            generate_table(report=report, objects=["follow_ups"], actor=world.am, now=now)
        rows = WorkReport.objects.filter(pk=report.pk)
        for change in ({"work_done": "改"}, {"figures": [1]}, {"status": "DRAFT"}):
            with pytest.raises(IntegrityError, match="RPT-03"), transaction.atomic():
                rows.update(**change)
        with pytest.raises(IntegrityError, match="RPT-03"), transaction.atomic():
            report.receivers.all().delete()
        with pytest.raises(IntegrityError, match="RPT-03"), transaction.atomic():
            ReportReceiver.objects.create(report=report, employee=world.bgm, kind="COPY")

    def test_rpt_04_sends_nothing_to_the_author(self, world, now) -> None:
        report = written(world.am, now)
        with refused("RPT-04"):
            submit_report(report=report, receivers=[world.am], actor=world.am, now=now)
        with refused("RPT-04"):
            submit_report(
                report=report, receivers=[world.tl], copies=[world.am], actor=world.am, now=now
            )
        with pytest.raises(IntegrityError, match="RPT-04"), transaction.atomic():
            ReportReceiver.objects.create(report=report, employee=world.am, kind="REPORT")

    def test_refuses_a_stranger_a_second_copy_and_empty_texts(self, world, now) -> None:
        report = written(world.am, now, work_done="", next_plan="")
        with refused("RPT-05") as found:
            submit_report(
                report=report,
                receivers=[world.brm],
                copies=[world.brm],
                actor=world.am,
                now=now,
            )
        codes = [one.code for one in found.value.reasons]
        assert codes == ["RPT-05", "RPT-12", "RPT-08", "RPT-08"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
class TestRaces:
    def test_rpt_02_holds_when_two_drafts_are_submitted_at_once(self, world, now) -> None:
        drafts = [written(world.am, now), written(world.am, now)]
        start, codes = threading.Barrier(2), []

        def send(report: WorkReport) -> None:
            start.wait()
            try:
                submit_report(report=report, receivers=[world.tl], actor=world.am, now=now)
                codes.append("")
            except DomainError as error:
                codes.append(error.code)
            finally:
                connection.close()

        threads = [threading.Thread(target=send, args=[draft]) for draft in drafts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == ["", "RPT-02"]
        assert ReportReceiver.objects.count() == 1


class TestReadAndComment:
    def test_goes_from_submitted_to_read_to_commented(self, world, now) -> None:
        report = sent(world.am, world.tl, now)
        assert note_reading(report=report, reader=world.bgm, now=now).status == "SUBMITTED"
        assert note_reading(report=report, reader=world.tl, now=now).status == "READ"
        comment_on_report(report=report, content="已知悉", actor=world.am, now=now)
        report.refresh_from_db()
        assert report.status == "READ"
        comment_on_report(report=report, content="做得好", actor=world.bgm, now=now)
        report.refresh_from_db()
        assert report.status == "COMMENTED"
        told = OutboxMessage.objects.filter(payload__event="work_report.commented").last()
        assert set(told.payload["recipients"]) == {world.am.pk, world.tl.pk}

    def test_keeps_comments_as_they_were_written(self, world, now) -> None:
        report = sent(world.am, world.tl, now)
        comment_on_report(report=report, content="一", actor=world.tl, now=now)
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            ReportComment.objects.update(content="二")
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            ReportComment.objects.all().delete()

    def test_refuses_drafts_empty_words_and_strangers(self, world, now) -> None:
        draft = written(world.am, now)
        with refused("RPT-11"):
            comment_on_report(report=draft, content="早", actor=world.am, now=now)
        with pytest.raises(IntegrityError, match="RPT-11"), transaction.atomic():
            ReportComment.objects.create(report=draft, content="早", by=world.am, at=now)
        report = sent(world.am, world.tl, now)
        with refused("RPT-08"):
            comment_on_report(report=report, content=" ", actor=world.tl, now=now)
        with refused("SYS-404"):
            comment_on_report(report=report, content="早", actor=world.colleague, now=now)


class TestVisibleTo:
    def test_shows_a_draft_to_nobody_but_its_author(self, world, now) -> None:
        report = written(world.am, now)
        assert list(WorkReport.objects.visible_to(world.am)) == [report]
        assert not WorkReport.objects.visible_to(world.tl).exists()

    def test_shows_what_was_submitted_up_the_chain_and_to_receivers(self, world, now) -> None:
        report = submit_report(
            report=written(world.am, now),
            receivers=[world.tl],
            copies=[world.colleague],
            actor=world.am,
            now=now,
        )
        people = (world.am, world.tl, world.bgm, world.colleague, world.other_am, world.adm)
        seen = [WorkReport.objects.visible_to(who).exists() for who in people]
        assert seen == [True, True, True, True, False, False]
        for who, tab in ((world.am, "mine"), (world.bgm, "below"), (world.colleague, "copied")):
            assert list(report_list(who, tab=tab)) == [report]
        assert not report_list(world.colleague, tab="below").exists()

    def test_names_everybody_above(self, world) -> None:
        assert set(superiors_of(world.am)) == {world.tl, world.bgm}


class TestPages:
    def test_writes_counts_sends_and_comments(self, client, world, now) -> None:
        client.force_login(world.am)
        data = {"title": "周报", "report_type": "WEEK", "day": "2026-03-04"}
        data |= {"work_done": "走访", "next_plan": "签约"}
        answer = client.post(reverse("reports:work-report-new"), data)
        report = WorkReport.objects.get()
        assert answer.url == report.get_absolute_url()
        table = reverse("reports:work-report-table", args=[report.pk])
        assert client.post(table, {"objects": ["follow_ups"]}).status_code == 302
        assert "跟进" in client.get(report.get_absolute_url()).content.decode()
        submit = reverse("reports:work-report-submit", args=[report.pk])
        answer = client.post(submit, {})
        assert answer.status_code == 422
        assert "请先点击“加入员工”选择汇报对象。" in answer.content.decode()
        assert client.post(submit, {"receivers": [world.tl.pk]}).status_code == 302
        client.force_login(world.tl)
        client.get(report.get_absolute_url())
        report.refresh_from_db()
        assert report.status == "READ"
        comments = reverse("reports:work-report-comment", args=[report.pk])
        assert client.post(comments, {"content": ""}).status_code == 422
        assert client.post(comments, {"content": "继续努力"}).status_code == 302
        assert "继续努力" in client.get(report.get_absolute_url()).content.decode()

    def test_proposes_the_direct_superior(self, client, world, now) -> None:
        client.force_login(world.am)
        answer = client.get(written(world.am, now).get_absolute_url())
        assert answer.context["receivers_form"].initial["receivers"] == [world.tl.pk]

    def test_keeps_what_was_typed_when_it_is_refused(self, client, world) -> None:
        client.force_login(world.am)
        data = {"title": "保留我", "report_type": "WEEK", "day": "不是日期"}
        answer = client.post(reverse("reports:work-report-new"), data)
        assert answer.status_code == 422
        assert "保留我" in answer.content.decode()

    def test_hides_what_is_not_in_sight_and_says_no_to_readers(self, client, world, now) -> None:
        report = sent(world.am, world.tl, now)
        edit = reverse("reports:work-report-edit", args=[report.pk])
        for who, status in ((world.other_am, 404), (world.tl, 403), (world.am, 409)):
            client.force_login(who)
            assert client.get(edit).status_code == status

    def test_costs_few_statements(self, client, world, now, django_assert_max_num_queries) -> None:
        reports = [
            sent(world.am, world.tl, now, report_type="DAY", day=date(2026, 3, day))
            for day in range(1, 13)
        ]
        client.force_login(world.tl)
        client.get(reports[0].get_absolute_url())
        for url in (
            reverse("reports:work-report-list") + "?tab=below",
            reports[0].get_absolute_url(),
        ):
            with django_assert_max_num_queries(10):
                assert client.get(url).status_code == 200


class TestApi:
    def test_does_what_the_pages_do(self, client, world) -> None:
        client.force_login(world.am)
        data = {"title": "周报", "report_type": "WEEK", "day": "2026-03-04"}
        data |= {"work_done": "走访", "next_plan": "签约"}

        def post(url: str, body: dict, key: str = "key-00001"):
            return client.post(
                url, body, content_type="application/json", headers={"Idempotency-Key": key}
            )

        made = post("/api/v1/work-reports/", data).json()
        assert post("/api/v1/work-reports/", data).json()["id"] == made["id"]
        url = f"/api/v1/work-reports/{made['id']}/"
        changed = client.patch(
            url, {"title": "新题", "seen_version": 1}, content_type="application/json"
        ).json()
        assert (changed["title"], changed["version"]) == ("新题", 2)
        table = post(url + "table/", {"objects": ["applications"], "seen_version": 2}).json()
        assert table["figures"][0]["count"] == 0
        refused_answer = post(url + "submit/", {"seen_version": 3})
        assert refused_answer.status_code == 422
        assert refused_answer.json()["code"] == "RPT-01"
        body = {"receivers": [world.tl.pk], "seen_version": 3}
        assert post(url + "submit/", body).json()["status"] == "SUBMITTED"
        client.force_login(world.tl)
        assert post(url + "comments/", {"content": "好"}).status_code == 201
        assert post(url + "table/", {}).status_code == 403
        client.force_login(world.other_am)
        assert client.get(url).status_code == 404
