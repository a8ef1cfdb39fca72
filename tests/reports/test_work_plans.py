"""工作计划 (X4): its services, what the database holds behind them, its pages and its API."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

import pytest

from lending_crm.common.models import ChangeRecord, OutboxMessage
from reports.exports import PLAN_EXPORT
from reports.holdings import PlanTaskHoldings
from reports.models import PlanComment, PlanTask, WorkPlan
from reports.selectors.work_plans import plan_list
from reports.services.work_plans import (
    add_task,
    comment_on_plan,
    create_plan,
    finish_task,
    remove_task,
    update_plan,
)
from reports.services.work_reports import create_report, generate_table
from staff.models import Employee
from tests.applications.test_races import codes, together
from tests.customers.factories import World, build_world, make_customer
from tests.documents.factories import image
from tests.reports.test_work_reports import line_up, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return line_up(build_world())


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def clock(time_machine, now):
    time_machine.move_to(now, tick=False)


def planned(who: Employee, now: datetime, **values: object) -> WorkPlan:
    data = {"plan_type": "WEEK", "day": date(2026, 3, 4), "goals": "完成两户调查"}
    return create_plan(data={**data, **values}, actor=who, now=now)


def tasked(plan: WorkPlan, now: datetime, *, by: Employee | None = None, **values) -> PlanTask:
    data = {"content": "联系客户", **values}
    return add_task(plan=plan, data=data, actor=by or plan.author, now=now)


def picture(name: str = "门店.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, image(), content_type="image/jpeg")


class TestCreatePlan:
    def test_covers_the_whole_period(self, world, now) -> None:
        plan = planned(world.am, now)
        assert plan.plan_no == "JH-SY-20260302-001"
        assert (plan.starts_on, plan.ends_on) == (date(2026, 3, 2), date(2026, 3, 8))

    def test_pln_01_one_a_person_type_and_period(self, world, now) -> None:
        first = planned(world.am, now)
        with refused("PLN-01") as found:
            planned(world.am, now, day=date(2026, 3, 8))
        assert first.plan_no in found.value.message
        planned(world.am, now, plan_type="DAY")
        planned(world.tl, now)
        twin = {name: getattr(first, name) for name in ("author", "branch", "starts_on", "ends_on")}
        with pytest.raises(IntegrityError, match="once_a_period"), transaction.atomic():
            WorkPlan.objects.create(
                plan_no="JH-2", plan_type="WEEK", created_at=now, updated_at=now, **twin
            )

    def test_pln_04_a_period_that_is_over_is_not_planned(self, world, now) -> None:
        with refused("PLN-04"):
            planned(world.am, now, day=date(2026, 3, 1))
        planned(world.am, now, plan_type="DAY", day=date(2026, 3, 2))

    def test_pln_07_needs_a_branch(self, world, now) -> None:
        Employee.objects.filter(pk=world.adm.pk).update(branch=None, department=None)
        with refused("PLN-07"):
            planned(world.adm, now)

    def test_rpt_08_and_rpt_10_name_the_fields(self, world, now) -> None:
        with refused("RPT-08") as found:
            create_plan(data={}, actor=world.am, now=now)
        assert [one.field for one in found.value.reasons] == ["plan_type", "day"]
        with refused("RPT-10"):
            planned(world.am, now, plan_type="YEAR")
        with refused("RPT-10"):
            planned(world.am, now, day=date.max)
        with refused("RPT-09"):
            planned(world.am, now, goals="长" * 2001)

    def test_the_period_is_fixed(self, world, now) -> None:
        plan = planned(world.am, now)
        with pytest.raises(Exception, match="period_fixed"), transaction.atomic():
            WorkPlan.objects.filter(pk=plan.pk).update(starts_on=date(2026, 3, 9))

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.race
    def test_pln_01_holds_when_two_are_begun_at_once(self, world, now) -> None:
        results = together(lambda: planned(world.am, now), lambda: planned(world.am, now))
        assert codes(results) == ["PLN-01"]
        assert WorkPlan.objects.count() == 1


class TestUpdatePlan:
    def test_words_the_goals_anew_and_logs_it(self, world, now) -> None:
        plan = planned(world.am, now)
        act = {"plan": plan, "goals": "完成三户调查", "now": now}
        changed = update_plan(version=1, actor=world.am, **act)
        assert changed.goals == "完成三户调查"
        assert ChangeRecord.objects.filter(model="reports.workplan", field="goals").exists()
        with refused("WF-12"):
            update_plan(version=1, actor=world.am, **act)
        with refused("PLN-02"):
            update_plan(version=None, actor=world.tl, **act)
        with refused("PLN-04"):
            update_plan(version=None, actor=world.am, **act | {"now": now + timedelta(days=7)})


class TestTasks:
    def test_a_superior_adds_one_and_the_author_is_told(self, world, now) -> None:
        plan = planned(world.am, now)
        tasked(plan, now)
        assert not OutboxMessage.objects.filter(payload__event="work_plan.task_added").exists()
        task = tasked(plan, now, by=world.bgm, content="陪同走访重点客户")
        assert task.added_by == world.bgm
        told = OutboxMessage.objects.get(payload__event="work_plan.task_added")
        assert told.payload["recipients"] == [world.am.pk]

    def test_strangers_find_no_plan(self, world, now) -> None:
        plan = planned(world.am, now)
        for stranger in (world.colleague, world.hrm):
            with refused("SYS-404"):
                tasked(plan, now, by=stranger)

    def test_pln_05_the_customer_is_one_that_both_see(self, world, now) -> None:
        plan = planned(world.am, now)
        mine = make_customer(world.am, now)
        theirs = make_customer(world.other_am, now, name="大连客户有限公司")
        assert tasked(plan, now, customer=mine).customer == mine
        with refused("PLN-05"):
            tasked(plan, now, customer=theirs)
        colleagues = make_customer(world.colleague, now, name="同事客户有限公司")
        with refused("PLN-05"):  # his superior sees it, he does not
            tasked(plan, now, customer=colleagues, by=world.tl)

    def test_pln_08_within_the_period(self, world, now) -> None:
        plan = planned(world.am, now)
        tasked(plan, now, due_on=date(2026, 3, 8))
        with refused("PLN-08"):
            tasked(plan, now, due_on=date(2026, 3, 9))

    def test_pln_11_a_visit_names_its_customer(self, world, now) -> None:
        plan = planned(world.am, now)
        with refused("PLN-11"):
            tasked(plan, now, is_visit=True)
        task = tasked(plan, now)
        with pytest.raises(IntegrityError), transaction.atomic():
            PlanTask.objects.filter(pk=task.pk).update(is_visit=True)

    def test_pln_04_after_the_period_nothing_is_added_or_taken_off(self, world, now) -> None:
        plan = planned(world.am, now)
        task = tasked(plan, now)
        later = now + timedelta(days=7)
        with refused("PLN-04"):
            tasked(plan, later)
        with refused("PLN-04"):
            remove_task(task=task, actor=world.am, now=later)

    def test_rpt_08_says_what_is_to_be_done(self, world, now) -> None:
        with refused("RPT-08"):
            tasked(planned(world.am, now), now, content=" ")

    def test_pln_10_only_who_added_it_takes_it_off(self, world, now) -> None:
        plan = planned(world.am, now)
        task = tasked(plan, now, by=world.tl)
        with refused("PLN-10"):
            remove_task(task=task, actor=world.am, now=now)
        remove_task(task=task, actor=world.tl, now=now)
        assert not plan.tasks.exists()
        assert ChangeRecord.objects.filter(field="tasks", old="联系客户").exists()

    def test_the_same_form_sent_twice_adds_one(self, world, now) -> None:
        plan = planned(world.am, now)
        key = "6e3a3c6e-3f0b-4a53-9f4e-0f6ad8a2b3c4"
        act = {"plan": plan, "data": {"content": "一次"}, "now": now, "creation_key": key}
        assert add_task(actor=world.am, **act) == add_task(actor=world.am, **act)


class TestFinishTask:
    def test_pln_03_what_is_finished_is_kept(self, world, now) -> None:
        task = tasked(planned(world.am, now), now)
        done = finish_task(
            task=task, is_done=True, outcome="已约定下周见面", actor=world.am, now=now
        )
        assert (done.state, done.finished_at) == ("DONE", now)
        for act in (
            lambda: finish_task(task=task, is_done=False, outcome="改", actor=world.am, now=now),
            lambda: remove_task(task=task, actor=world.am, now=now),
        ):
            with refused("PLN-03"):
                act()
        rows = PlanTask.objects.filter(pk=task.pk)
        for act in (lambda: rows.update(outcome="改"), rows.delete):
            with pytest.raises(IntegrityError, match="PLN-03"), transaction.atomic():
                act()

    def test_pln_06_not_done_takes_a_reason(self, world, now) -> None:
        task = tasked(planned(world.am, now), now)
        with refused("PLN-06"):
            finish_task(task=task, is_done=False, actor=world.am, now=now)
        with pytest.raises(IntegrityError), transaction.atomic():
            PlanTask.objects.filter(pk=task.pk).update(state="NOT_DONE", finished_at=now)
        left = finish_task(task=task, is_done=False, outcome="客户出差", actor=world.am, now=now)
        assert left.state == "NOT_DONE"

    def test_pln_02_only_the_author_says_so(self, world, now) -> None:
        task = tasked(planned(world.am, now), now)
        with refused("PLN-02"):
            finish_task(task=task, is_done=True, actor=world.tl, now=now)
        with refused("SYS-404"):
            finish_task(task=task, is_done=True, actor=world.colleague, now=now)

    def test_a_visit_has_a_place_and_a_picture(self, world, now) -> None:
        task = tasked(
            planned(world.am, now), now, is_visit=True, customer=make_customer(world.am, now)
        )
        done = finish_task(
            task=task, is_done=True, place="青年大街1号", photo=picture(), actor=world.am, now=now
        )
        assert done.photo is not None
        assert (done.place, done.photo_name) == ("青年大街1号", "门店.jpg")

    def test_pln_12_other_tasks_have_neither(self, world, now) -> None:
        task = tasked(planned(world.am, now), now)
        for extra in ({"place": "青年大街1号"}, {"photo": picture()}):
            with refused("PLN-12"):
                finish_task(task=task, is_done=True, actor=world.am, now=now, **extra)

    def test_pln_09_a_picture_is_no_paper(self, world, now) -> None:
        task = tasked(
            planned(world.am, now), now, is_visit=True, customer=make_customer(world.am, now)
        )
        paper = SimpleUploadedFile("a.pdf", b"%PDF-1.4\n%%EOF", content_type="application/pdf")
        with refused("PLN-09"):
            finish_task(task=task, is_done=True, photo=paper, actor=world.am, now=now)
        assert PlanTask.objects.get().is_open

    def test_it_may_be_late(self, world, now) -> None:
        task = tasked(planned(world.am, now), now)
        late = now + timedelta(days=9)
        assert finish_task(task=task, is_done=True, actor=world.am, now=late).finished_at == late


class TestComments:
    def test_author_and_superiors_speak_and_are_told(self, world, now) -> None:
        plan = planned(world.am, now)
        comment_on_plan(plan=plan, content="先走访老客户", actor=world.tl, now=now)
        comment_on_plan(plan=plan, content="好的", actor=world.am, now=now)
        told = OutboxMessage.objects.filter(payload__event="work_plan.commented").order_by("id")
        assert [one.payload["recipients"] for one in told] == [[world.am.pk], [world.tl.pk]]
        with refused("RPT-08"):
            comment_on_plan(plan=plan, content=" ", actor=world.tl, now=now)
        with refused("SYS-404"):
            comment_on_plan(plan=plan, content="旁观", actor=world.colleague, now=now)

    def test_they_stay_as_written(self, world, now) -> None:
        comment_on_plan(plan=planned(world.am, now), content="好", actor=world.tl, now=now)
        with pytest.raises(Exception, match="append_only"), transaction.atomic():
            PlanComment.objects.update(content="改")


class TestSight:
    def test_n26_own_and_those_of_people_below(self, world, now) -> None:
        plan = planned(world.am, now)
        for reader in (world.am, world.tl, world.bgm):
            assert WorkPlan.objects.visible_to(reader).get() == plan
        for stranger in (world.colleague, world.hrm, world.ceo, world.other_am):
            assert not WorkPlan.objects.visible_to(stranger).exists()
        assert plan_list(world.tl, tab="below").get() == plan
        assert not plan_list(world.tl, tab="mine").exists()
        assert not plan_list(world.am, tab="below").exists()


class TestReport:
    def test_the_frozen_table_compares_plan_and_deed(self, world, now) -> None:
        customer = make_customer(world.am, now)
        week = planned(world.am, now)
        day = planned(world.am, now, plan_type="DAY")
        month = planned(world.am, now, plan_type="MONTH")
        visit = tasked(week, now, content="走访", is_visit=True, customer=customer)
        tasked(day, now, content="打电话")
        tasked(month, now, content="月度目标")
        finish_task(task=visit, is_done=True, outcome="见到法人", actor=world.am, now=now)
        data = {"title": "周报", "report_type": "WEEK", "day": date(2026, 3, 4)}
        report = create_report(data=data, actor=world.am, now=now)
        objects = ["planned_tasks", "planned_visits"]
        report = generate_table(report=report, objects=objects, actor=world.am, now=now)
        lines = {row["code"]: (row["count"], row["due"]) for row in report.figures}
        assert lines == {"planned_tasks": (1, 2), "planned_visits": (1, 1)}
        rows = [(row["content"], row["state"], row["outcome"]) for row in report.plan_rows]
        assert rows == [("走访", "DONE", "见到法人"), ("打电话", "OPEN", "")]
        # Later deeds do not alter what was reported.
        finish_task(task=day.tasks.get(), is_done=True, actor=world.am, now=now)
        report.refresh_from_db()
        assert report.plan_rows[1]["state"] == "OPEN"
        report = generate_table(report=report, objects=["follow_ups"], actor=world.am, now=now)
        assert report.plan_rows == []


class TestHandingOver:
    def test_open_tasks_go_to_the_successors_plan(self, world, now) -> None:
        plan = planned(world.am, now)
        task = tasked(plan, now, due_on=date(2026, 3, 6))
        finish_task(task=tasked(plan, now, content="已办"), is_done=True, actor=world.am, now=now)
        source = PlanTaskHoldings()
        held = source.holdings(world.am, now=now)
        assert [one.label for one in held] == ["联系客户"]
        act = {"pk": task.pk, "employee": world.am, "actor": world.adm, "now": now}
        with refused("HND-09"):
            source.move(successor=None, **act)
        assert source.move(successor=world.colleague, **act) == "李同事"
        task.refresh_from_db()
        assert (task.state, task.outcome) == ("NOT_DONE", "已移交给 李同事")
        theirs = WorkPlan.objects.get(author=world.colleague)
        assert (theirs.plan_type, theirs.starts_on) == (plan.plan_type, plan.starts_on)
        assert theirs.tasks.get().due_on == date(2026, 3, 6)
        assert source.holdings(world.am, now=now) == []

    def test_what_is_over_is_held_by_nobody(self, world, now) -> None:
        tasked(planned(world.am, now), now)
        assert PlanTaskHoldings().holdings(world.am, now=now + timedelta(days=7)) == []

    def test_pln_05_the_successor_sees_the_customer(self, world, now) -> None:
        task = tasked(planned(world.am, now), now, customer=make_customer(world.am, now))
        with refused("PLN-05"):
            PlanTaskHoldings().move(
                pk=task.pk, employee=world.am, successor=world.colleague, actor=world.adm, now=now
            )


class TestPages:
    @pytest.fixture(autouse=True)
    def _now(self, clock):
        """Pages ask the clock."""

    def test_plans_adds_finishes_and_comments(self, client, world, now) -> None:
        client.force_login(world.am)
        assert client.get(reverse("reports:work-plan-new")).status_code == 200
        made = client.post(
            reverse("reports:work-plan-new"), {"plan_type": "WEEK", "day": "2026-03-04"}
        )
        plan = WorkPlan.objects.get()
        assert made.url == plan.get_absolute_url()
        customer = make_customer(world.am, now)
        typed = {"content": "走访", "customer": customer.pk, "is_visit": "on"}
        assert (
            client.post(reverse("reports:plan-task-add", args=[plan.pk]), typed).status_code == 302
        )
        task = plan.tasks.get()
        finish = reverse("reports:plan-task-finish", args=[task.pk])
        assert "走访地点" in client.get(finish).content.decode()
        refused_page = client.post(finish, {"state": "NOT_DONE"})
        assert refused_page.status_code == 422
        assert "未完成的须填写原因" in refused_page.content.decode()
        done = {"state": "DONE", "outcome": "见到法人", "place": "门店", "photo": picture()}
        assert client.post(finish, done).status_code == 302
        client.post(reverse("reports:work-plan-comment", args=[plan.pk]), {"content": "已完成"})
        page = client.get(plan.get_absolute_url()).content.decode()
        assert "见到法人" in page
        assert "已完成" in page
        shown = client.get(reverse("reports:plan-task-photo", args=[task.pk]))
        assert shown["Content-Type"] == "image/jpeg"

    def test_edits_the_goals_and_takes_a_task_off(self, client, world, now) -> None:
        client.force_login(world.am)
        plan = planned(world.am, now)
        url = reverse("reports:work-plan-edit", args=[plan.pk])
        assert "完成两户调查" in client.get(url).content.decode()
        assert client.post(url, {"goals": "三户", "version": 1}).status_code == 302
        task = tasked(plan, now)
        client.post(reverse("reports:plan-task-remove", args=[task.pk]))
        assert not plan.tasks.exists()

    def test_a_refused_task_opens_the_dialog_again(self, client, world, now) -> None:
        client.force_login(world.am)
        plan = planned(world.am, now)
        url = reverse("reports:plan-task-add", args=[plan.pk])
        page = client.post(url, {"content": "过期", "due_on": "2026-04-01"})
        assert page.status_code == 422
        assert "2026-03-08" in page.content.decode()

    def test_the_two_forms_of_the_page_share_no_id(self, client, world, now) -> None:
        client.force_login(world.am)
        page = client.get(planned(world.am, now).get_absolute_url()).content.decode()
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert "task_content" in ids
        assert len(ids) == len(set(ids))

    def test_hides_what_is_not_in_sight(self, client, world, now) -> None:
        plan = planned(world.am, now)
        task = tasked(plan, now)
        client.force_login(world.colleague)
        assert client.get(plan.get_absolute_url()).status_code == 404
        for name in ("plan-task-finish", "plan-task-photo"):
            assert client.get(reverse(f"reports:{name}", args=[task.pk])).status_code == 404
        client.force_login(world.tl)
        assert client.get(reverse("reports:plan-task-finish", args=[task.pk])).status_code == 403

    def test_costs_few_statements(self, client, world, now, django_assert_max_num_queries) -> None:
        plan = planned(world.am, now)
        for number in range(5):
            tasked(plan, now, content=f"任务{number}", customer=make_customer(world.am, now))
        comment_on_plan(plan=plan, content="好", actor=world.tl, now=now)
        client.force_login(world.tl)
        for url in (
            reverse("reports:work-plan-list") + "?tab=below",
            plan.get_absolute_url(),
        ):
            with django_assert_max_num_queries(10):
                assert client.get(url).status_code == 200

    def test_stands_on_the_customers_page(self, client, world, now) -> None:
        customer = make_customer(world.am, now)
        tasked(planned(world.am, now), now, content="陪同走访门店", customer=customer)
        client.force_login(world.tl)
        url = reverse("customers:related", args=[customer.pk])
        assert "陪同走访门店" in client.get(url).content.decode()

    def test_exports_the_rows_of_the_tab(self, world, now) -> None:
        from django.http import QueryDict

        task = tasked(planned(world.am, now), now)
        assert PLAN_EXPORT.rows(world.tl, QueryDict("tab=below"), now).get() == task
        assert not PLAN_EXPORT.rows(world.tl, QueryDict("tab=mine"), now).exists()
        assert not PLAN_EXPORT.rows(world.hrm, QueryDict("tab=below"), now).exists()


class TestApi:
    @pytest.fixture(autouse=True)
    def _now(self, clock):
        """The API asks the clock."""

    def post(self, client, url, data, key="work-plan-0001", **extra):
        return client.post(
            url, data, content_type="application/json", headers={"Idempotency-Key": key}, **extra
        )

    def test_does_what_the_pages_do(self, client, world, now) -> None:
        client.force_login(world.am)
        url = "/api/v1/work-plans/"
        made = self.post(client, url, {"plan_type": "WEEK", "day": "2026-03-04"})
        assert made.status_code == 201, made.content
        one = f"{url}{made.json()['id']}/"
        customer = make_customer(world.am, now)
        data = {"content": "走访", "customer": customer.pk, "is_visit": True}
        added = self.post(client, f"{one}tasks/", data, key="work-plan-task-1")
        assert added.status_code == 201, added.content
        task = added.json()["tasks"][0]["id"]
        finish = f"{one}tasks/{task}/finish/"
        wrong = client.post(finish, {"is_done": False}, content_type="application/json")
        assert wrong.json()["code"] == "PLN-06"
        done = client.post(finish, {"is_done": True, "place": "门店", "photo": picture()})
        assert done.status_code == 200, done.content
        assert done.json()["tasks"][0]["has_photo"] is True
        again = client.post(f"{one}tasks/{task}/remove/")
        assert again.json()["code"] == "PLN-03"
        said = self.post(client, f"{one}comments/", {"content": "好"}, key="work-plan-say-1")
        assert said.status_code == 201
        goals = {"goals": "新目标", "seen_version": done.json()["version"]}
        changed = client.patch(one, goals, content_type="application/json")
        assert changed.json()["goals"] == "新目标"
        unknown = self.post(client, url, {"plan_type": "DAY", "day": "2026-03-04", "author": 1},
                            key="work-plan-0002")  # fmt: skip
        assert unknown.status_code == 400

    def test_n26_knows_no_customer_out_of_sight(self, client, world, now) -> None:
        client.force_login(world.am)
        plan = planned(world.am, now)
        theirs = make_customer(world.other_am, now, name="大连客户有限公司")
        url = f"/api/v1/work-plans/{plan.pk}/tasks/"
        found = self.post(client, url, {"content": "看", "customer": theirs.pk})
        assert found.status_code == 400
        client.force_login(world.other_am)
        assert client.get(f"/api/v1/work-plans/{plan.pk}/").status_code == 404
