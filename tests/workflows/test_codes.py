"""Refusals of the engine that no other test meets, each by its code."""

from __future__ import annotations

from django.db import IntegrityError

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.problems import problem, refusal_for
from staff.models import Employee
from tests.workflows.pages import browser, text_of
from tests.workflows.test_migration import chain_of, checked, started
from tests.workflows.test_version_replay import draft_of
from tests.workflows.world import NOW, TOY, World, default_stages, fresh
from workflows.act import Act, lock_case
from workflows.definitions import definition_of
from workflows.models import Case, FlowVersion, Replay, SavedFilter
from workflows.moving import assess, standings
from workflows.services import administration, collaboration, items, replays
from workflows.services.case_moves import move_case
from workflows.services.personal import MOST_FILTERS

pytestmark = pytest.mark.django_db


class TestFilters:
    def test_inb_01_a_filter_has_a_name(self, world: World) -> None:
        data = {"name": "\u200b", "query": "kind=toy"}
        answer = browser(world.tl).post("/inbox/filters/", data)
        assert answer.status_code == 422
        assert "INB-01" in text_of(answer)
        assert not SavedFilter.objects.exists()

    def test_inb_02_not_more_than_thirty_are_kept(self, world: World) -> None:
        client = browser(world.tl)
        for number in range(MOST_FILTERS):
            client.post("/inbox/filters/", {"name": f"f{number}", "query": "kind=toy"})
        answer = client.post("/inbox/filters/", {"name": "one more", "query": "kind=toy"})
        assert answer.status_code == 409
        assert "INB-02" in text_of(answer)
        assert SavedFilter.objects.filter(owner=world.tl).count() == MOST_FILTERS
        again = client.post("/inbox/filters/", {"name": "f3", "query": "overdue=1"})
        assert again.status_code == 302, "an own name is replaced, not added"


class TestFlows:
    def test_flow_32_a_draft_that_cannot_be_read_is_not_replayed(self, world: World) -> None:
        draft = draft_of(world, *default_stages())
        FlowVersion.objects.filter(pk=draft.pk).update(bpmn="<definitions/>")
        with pytest.raises(DomainError) as refused:
            replays.request_replay(version_id=draft.pk, actor=fresh(world.adm), now=NOW, last=5)
        assert (refused.value.code, refused.value.status) == ("FLOW-32", 422)
        assert not Replay.objects.exists()

    def test_flow_37_no_case_is_moved_to_where_nobody_can_act(self, world: World) -> None:
        case = world.submitted()
        world.publish(chain_of(*default_stages()))
        migration = checked(world)
        started(world, migration)
        migration.refresh_from_db()
        Employee.objects.filter(pk=world.tl.pk).update(is_active=False)
        locked = lock_case(pk=case.pk)
        standing = standings([locked])[case.pk]
        move = assess(standing, definition_of(migration.target_id), migration.mapping)
        act = Act(locked, actor=fresh(world.adm), now=NOW)
        with pytest.raises(DomainError) as refused:
            move_case(act, standing, move, migration)
        assert refused.value.code == "FLOW-37"


class TestCorrections:
    def test_wf_67_names_the_field_that_does_not_take_the_value(self, world: World) -> None:
        document = world.document()
        with pytest.raises(DomainError) as refused:
            TOY.change_fields(document, {"created_at": "gestern"}, actor=world.tl, now=NOW)
        assert (refused.value.code, refused.value.field) == ("WF-67", "created_at")
        document.refresh_from_db()
        assert document.created_at == NOW


class TestCollisions:
    def test_sys_409_a_key_that_the_person_used_on_another_case(self, world: World) -> None:
        first, second = world.submitted(), world.submitted()
        act = {"actor": fresh(world.tl), "now": NOW, "text": "请核实", "idempotency_key": "k-1"}
        collaboration.comment(case_id=first.pk, **act)
        with pytest.raises(DomainError) as refused:
            collaboration.comment(case_id=second.pk, **act)
        assert (refused.value.code, refused.value.status) == ("SYS-409", 409)
        assert not second.events.filter(kind="COMMENTED").exists()

    def test_sys_409_a_key_that_the_person_used_for_another_act(self, world: World) -> None:
        """It answered as if the second act had been done, and nothing was."""
        case = world.submitted()
        own = {"actor": fresh(world.tl), "now": NOW, "idempotency_key": "k-1"}
        collaboration.comment(case_id=case.pk, text="请核实", **own)
        transfer = {**own, "recipient": fresh(world.ceo), "reason": "出差"}
        with pytest.raises(DomainError) as refused:
            items.transfer(item_id=world.item(case).pk, **transfer)
        assert refused.value.code == "SYS-409"
        assert world.item(case, world.tl).assignee is None

    def test_sys_409_a_key_that_the_person_used_on_another_item(self, world: World) -> None:
        case = world.submitted(level=2)
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        own = {"actor": fresh(world.hrm), "now": NOW, "idempotency_key": "k-1"}
        items.claim(item_id=world.item(case).pk, **own)
        administration.jump_to_stage(
            case_id=case.pk, actor=fresh(world.adm), now=NOW, target="tl", reason="系统数据有误"
        )
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(Case.objects.get(pk=case.pk), who)
        with pytest.raises(DomainError) as refused:
            items.claim(item_id=world.item(case).pk, **own)
        assert refused.value.code == "SYS-409"
        assert world.item(case).assignee is None

    def test_sys_409_two_who_save_the_same_in_the_same_second(self, world: World) -> None:
        SavedFilter.objects.create(owner=world.tl, name="mine", query="")
        with pytest.raises(IntegrityError) as collided:
            SavedFilter.objects.create(owner=world.tl, name="mine", query="")
        refusal = refusal_for(collided.value)
        assert refusal is not None
        answer = problem(refusal)
        assert (answer["code"], answer["status"]) == ("SYS-409", 409)
