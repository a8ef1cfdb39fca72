"""The workbench in the states that the demo does not have."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone

import pytest
import time_machine

from lending_crm.common.models import OutboxMessage
from reports.selectors import load_workbench
from reports.tiles import tiles_of
from staff.calendar import known_years
from staff.choices import RoleCode
from staff.models import Employee
from staff.services.roles import assign_role
from tests.staff.factories import EmployeeFactory, role
from tests.workflows.world import NOW, World, fresh
from workflows.models import CaseCopy
from workflows.services import collaboration, decisions
from workflows.services.definitions import start_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def bench(who: Employee, now: datetime = NOW + timedelta(minutes=5)):
    return load_workbench(fresh(who), now=now)


def page(client, who: Employee) -> str:
    client.force_login(who)
    answer = client.get(reverse("reports:workbench"))
    assert answer.status_code == 200
    return answer.content.decode()


class TestOpenWorkbench:
    def test_asks_strangers_to_log_in(self, client) -> None:
        answer = client.get("/")
        assert answer.status_code == 302
        assert reverse("account_login") in answer.url

    def test_takes_no_post(self, client, world: World) -> None:
        client.force_login(world.am)
        assert client.post("/").status_code == 405

    def test_stands_first_in_the_menu(self, client, world: World) -> None:
        text = page(client, world.am)
        assert text.index('aria-current="page"') < text.index(reverse("workflows:inbox"))

    def test_tells_somebody_without_a_role_what_to_do(self, client, world: World) -> None:
        stranger = EmployeeFactory(branch=world.branch, department=world.sales)
        assert "请联系信息管理员分配角色" in page(client, stranger)

    def test_says_what_to_do_next_when_there_is_nothing(self, client, world: World) -> None:
        assert "请从业务拓展新建业务申请单" in page(client, world.am)
        assert "新单据会自动出现在这里" in page(client, world.tl)
        assert "找不到审批人的单据会出现在这里" in page(client, world.adm)

    def test_has_no_inline_script_or_style(self, client, world: World) -> None:
        world.submitted()
        text = page(client, world.tl)
        assert " style=" not in text
        assert "<style" not in text
        assert " onclick=" not in text


class TestLoadWorkbench:
    def test_shows_the_approver_what_waits_and_the_handler_where_it_stands(
        self, world: World
    ) -> None:
        case = world.submitted()
        assert [item.case for item in bench(world.tl).to_decide] == [case]
        assert [one.case for one in bench(world.am).running] == [case]
        assert bench(world.brm).to_decide == []

    def test_counts_the_cases_of_an_area_by_step(self, world: World) -> None:
        world.submitted()
        case = world.submitted()
        world.approve(case, world.tl)
        rows = bench(world.bgm).standings
        assert rows is not None
        assert [(row.running, row.overdue) for row in rows] == [(1, 0), (1, 0)]
        assert bench(world.am).standings is None

    def test_shows_no_branch_the_cases_of_another(self, world: World) -> None:
        world.submitted()
        stranger = EmployeeFactory()
        assign_role(
            employee=stranger, role=role("BGM"), branch=stranger.branch, actor=None, now=NOW
        )
        found = bench(stranger)
        assert found.standings == []
        assert found.late == []

    def test_measures_working_hours_against_the_limit(self, world: World) -> None:
        world.submitted()
        found = bench(world.bgm, NOW + timedelta(days=1)).standings
        assert found is not None
        assert found[0].used == 8.0

    def test_separates_what_must_be_claimed(self, world: World) -> None:
        case = world.submitted(level=2)
        for minutes, who in enumerate((world.tl, world.brm, world.bgm), start=1):
            world.approve(case, who, minutes=minutes)
        found = bench(world.hrm)
        assert found.to_decide == []
        assert [item.case for item in found.to_claim] == [case]

    def test_tells_the_handler_who_returned_it_and_why(self, world: World) -> None:
        case = world.submitted()
        decisions.return_case(
            item_id=world.item(case, world.tl).pk,
            actor=fresh(world.tl),
            now=NOW + timedelta(minutes=1),
            opinion="请补充近六个月银行流水",
        )
        found = bench(world.am)
        assert found.running == []
        assert [(one.returned_by, one.reason) for one in found.returned] == [
            (world.tl.name, "请补充近六个月银行流水")
        ]
        assert [tile.value for tile in tiles_of(found)][:2] == ["1", "0"]

    def test_lists_copies_until_they_are_read(self, world: World) -> None:
        case = world.submitted()
        collaboration.copy_case(
            case_id=case.pk, actor=fresh(world.am), now=NOW, recipients=[world.hrm2]
        )
        assert len(bench(world.hrm2).copies) == 1
        collaboration.note_reading(case_id=case.pk, reader=world.hrm2, now=NOW)
        assert bench(world.hrm2).copies == []

    def test_says_of_a_copy_by_the_ladder_that_the_system_sent_it(self, client, world: World):
        case = world.submitted()
        CaseCopy.objects.create(case=case, recipient=world.hrm2, sent_by=None, sent_at=NOW)
        client.force_login(world.hrm2)
        page = client.get("/").content.decode()
        assert f"{case.doc_no} · 系统 · " in page

    def test_gives_somebody_with_two_roles_the_parts_of_both(self, world: World) -> None:
        assign_role(employee=world.tl, role=role("AM"), branch=world.branch, actor=None, now=NOW)
        found = bench(world.tl)
        assert found.may_apply
        assert found.decides
        assert found.standings == []

    def test_costs_ten_statements_even_with_two_roles(
        self, client, world: World, django_assert_max_num_queries
    ) -> None:
        assign_role(employee=world.tl, role=role("AM"), branch=world.branch, actor=None, now=NOW)
        for _number in range(12):
            world.submitted()
        page(client, world.tl)
        with django_assert_max_num_queries(10):
            text = client.get("/").content.decode()
        assert "查看全部 12" in text


class TestOperations:
    def test_names_messages_that_were_given_up(self, client, world: World) -> None:
        now = timezone.now()
        OutboxMessage.objects.create(topic="x", created_at=now, due_at=now, parked_at=now)
        OutboxMessage.objects.create(topic="x", created_at=now, due_at=now - timedelta(hours=1))
        text = page(client, world.adm)
        assert "dispatch_outbox --unpark" in text
        assert "请检查后台任务是否运行" in text

    def test_names_routes_that_are_not_published(self, client, world: World) -> None:
        draft = start_draft(
            definition_id=world.version.definition_id, actor=fresh(world.adm), now=NOW
        )
        text = page(client, world.adm)
        assert reverse("workflows:version", args=[draft.pk]) in text

    def test_names_a_year_without_holidays(self, client, world: World) -> None:
        last = known_years().stop - 1
        with time_machine.travel(datetime(last, 12, 20, 4, 0, tzinfo=NOW.tzinfo), tick=False):
            assert f"{last + 1} 年节假日未配置" in page(client, world.adm)

    def test_is_nobody_elses_business(self, world: World) -> None:
        for code in RoleCode.values:
            holder = getattr(world, code.lower(), None)
            if holder is not None:
                assert (bench(holder).operations is None) == (code != RoleCode.ADM), code
