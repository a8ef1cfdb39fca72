"""Running cases brought to a newer version: who fits, what moves, what stays as it was."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from random import Random
from typing import Any

from django.core.management import CommandError, call_command

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lending_crm.common.errors import DomainError
from staff.calendar import add_working_hours
from staff.models import Employee
from tests.workflows.finished import many_running, resident
from tests.workflows.invariants import check
from tests.workflows.pages import browser, statements, text_of
from tests.workflows.random_routes import random_route, side_by_side
from tests.workflows.test_properties import undone
from tests.workflows.walks import Walk
from tests.workflows.world import NOW, World, at_least, by_role, default_stages, fresh, stage
from workflows.bpmn.chain import Chain, ChainStage, from_chain
from workflows.bpmn.model import AssigneeKind, AssigneeRule, DecideMode, Definition, RoleReach
from workflows.choices import CaseState, EventKind, Fit, ItemState, MoveReason, MoveState, RunState
from workflows.definitions import definition_of
from workflows.models import Case, FlowMigration, FlowMigrationCase, HistoryEvent, Stage, WorkItem
from workflows.services import administration, decisions, flow_migrations, items
from workflows.services.flow_migrations import Progress
from workflows.verification import verify_case

pytestmark = pytest.mark.django_db

NOBODY = AssigneeRule(AssigneeKind.PEOPLE, people=(10**9,))


def chain_of(*stages: ChainStage) -> Definition:
    return from_chain(Chain("toy_route", "玩具流程", nodes=stages))


def checked(world: World, mapping: dict[str, str] | None = None) -> FlowMigration:
    """A dry run of all running cases against the published version, done."""
    adm = fresh(world.adm)
    asked = flow_migrations.request_migration(version_id=world.version.pk, actor=adm, now=NOW)
    if mapping is not None:
        flow_migrations.map_stages(migration_id=asked.pk, actor=adm, now=NOW, mapping=mapping)
    work(asked)
    return FlowMigration.objects.get(pk=asked.pk)


def work(migration: FlowMigration, **values: Any) -> None:
    values.setdefault("now", NOW)
    while flow_migrations.continue_migration(migration_id=migration.pk, **values) is (
        Progress.WORKED
    ):
        pass


def migrated(world: World, mapping: dict[str, str] | None = None) -> FlowMigration:
    migration = checked(world, mapping)
    started(world, migration)
    work(migration)
    migration.refresh_from_db()
    return migration


def started(world: World, migration: FlowMigration) -> None:
    flow_migrations.start_migration(
        migration_id=migration.pk, actor=fresh(world.adm), now=NOW, reason="新制度"
    )


def row(migration: FlowMigration) -> FlowMigrationCase:
    return migration.cases.get()


def fingerprint(case: Case) -> Any:
    """What a reader of the case sees of its open steps."""
    found = WorkItem.objects.filter(case=case, state=ItemState.OPEN).order_by("id")
    columns = ("id", "stage_id", "assignee", "pool_role", "arrived_at", "due_at", "claimed_at")
    return list(found.values_list(*columns)), Case.objects.get(pk=case.pk).tokens


def with_limit(step: ChainStage, hours: int) -> ChainStage:
    return replace(step, settings=replace(step.settings, limit_hours=Decimal(hours)))


def suspended(world: World, case: Case) -> Case:
    return administration.suspend_case(
        case_id=case.pk, actor=fresh(world.adm), now=NOW, reason="配合司法调查"
    )


class TestDryRun:
    def test_a_case_whose_step_is_in_both_fits(self, world: World) -> None:
        case = world.submitted()
        world.publish(chain_of(*default_stages()[:2]))
        before = fingerprint(case)
        found = row(checked(world))
        assert (found.fit, found.reason, found.place) == (Fit.FITS, "", "tl")
        assert fingerprint(case) == before
        case.refresh_from_db()
        assert case.flow_version_id != world.version.pk, "a dry run moves nothing"

    def test_a_step_that_is_gone_needs_mapping(self, world: World) -> None:
        world.submitted()
        world.publish(chain_of(*default_stages()[1:]))
        found = row(checked(world))
        assert (found.fit, found.reason) == (Fit.NEEDS_MAPPING, MoveReason.GONE)
        assert found.detail["stages"] == ["tl"]
        again = row(checked(world, {"tl": "brm"}))
        assert (again.fit, again.detail["goes_on"]) == (Fit.FITS, {"tl": "brm"})

    def test_a_step_that_is_not_on_the_way_needs_mapping(self, world: World) -> None:
        world.submitted(level=1)
        tl, *rest = default_stages()
        world.publish(chain_of(replace(tl, condition=at_least("level", 2)), *rest))
        found = row(checked(world))
        assert (found.fit, found.reason) == (Fit.NEEDS_MAPPING, MoveReason.OFF_ROUTE)
        assert row(checked(world, {"tl": "tl"})).fit == Fit.FITS

    def test_a_step_without_anybody_is_blocked(self, world: World) -> None:
        world.submitted()
        world.publish(chain_of(stage("other", NOBODY), *default_stages()[1:]))
        found = row(checked(world, {"tl": "other"}))
        assert (found.fit, found.reason) == (Fit.BLOCKED, MoveReason.NOBODY)
        assert found.detail["stages"] == ["other"]

    def test_a_vote_that_some_have_answered_is_not_asked_anew(self, world: World) -> None:
        world.publish(
            chain_of(stage("both", by_role("BRM"), by_role("BGM"), decide=DecideMode.ALL))
        )
        case = world.submitted()
        world.approve(case, world.brm)
        world.publish(chain_of(stage("both", by_role("BRM"), by_role("BGM"))))
        found = row(checked(world))
        assert (found.fit, found.reason) == (Fit.BLOCKED, MoveReason.HALF_DECIDED)

    def test_a_suspended_case_is_put_nowhere_else(self, world: World) -> None:
        case = suspended(world, world.submitted())
        world.publish(chain_of(*default_stages()[1:]))
        found = row(checked(world))
        assert (found.fit, found.reason) == (Fit.NEEDS_MAPPING, MoveReason.GONE)
        mapped = row(checked(world, {"tl": "brm"}))
        assert (mapped.fit, mapped.reason) == (Fit.BLOCKED, MoveReason.SUSPENDED)
        assert mapped.detail["stages"] == ["brm"]
        address = f"/flows/versions/{world.version.pk}/migration/"
        assert "The case is suspended" in text_of(browser(world.adm).get(address))
        administration.resume_case(
            case_id=case.pk, actor=fresh(world.adm), now=NOW, reason="司法调查结束"
        )
        assert row(migrated(world, {"tl": "brm"})).state == MoveState.MOVED
        assert world.item(case).stage.node_id == "brm"

    def test_an_automatic_pass_never_ends_a_case(self, world: World) -> None:
        case = world.submitted()
        world.approve(case, world.tl)
        same = AssigneeRule(AssigneeKind.PEOPLE, people=(world.tl.pk,))
        world.publish(chain_of(stage("last", same, on_same_person="AUTO_PASS")))
        found = row(checked(world, {"brm": "last"}))
        assert (found.fit, found.reason) == (Fit.BLOCKED, MoveReason.WOULD_END)

    def test_a_step_that_nobody_was_asked_at_is_not_left_out_silently(self, world: World) -> None:
        case = world.submitted()
        world.approve(case, world.tl)
        tl, brm, *rest = default_stages()
        world.publish(chain_of(tl, stage("audit", by_role("CEO", RoleReach.ANYWHERE)), brm, *rest))
        found = row(checked(world))
        assert (found.fit, found.reason) == (Fit.NEEDS_MAPPING, MoveReason.PASSED_BY)
        assert found.detail["stages"] == ["audit"]
        back = row(checked(world, {"brm": "audit"}))
        assert (back.fit, back.detail["anew"]) == (Fit.FITS, ["audit"])
        left_out = row(checked(world, {"brm": "brm"}))
        assert (left_out.fit, left_out.detail["passed_by"]) == (Fit.FITS, ["audit"])

    def test_finished_cases_and_those_on_the_version_are_left_out(self, world: World) -> None:
        world.submitted()
        other = world.submitted()
        for who in (world.tl, world.brm, world.bgm):
            world.approve(other, who)
        world.publish(chain_of(*default_stages()))
        world.submitted()
        assert checked(world).seen == 1

    def test_only_into_the_published_version(self, world: World) -> None:
        old = world.version
        world.publish(chain_of(*default_stages()))
        with pytest.raises(DomainError) as refusal:
            flow_migrations.request_migration(version_id=old.pk, actor=fresh(world.adm), now=NOW)
        assert refusal.value.code == "FLOW-33"

    def test_refusals(self, world: World) -> None:
        world.submitted()
        world.publish(chain_of(*default_stages()))
        adm = fresh(world.adm)
        asked = flow_migrations.request_migration(version_id=world.version.pk, actor=adm, now=NOW)
        act = {"migration_id": asked.pk, "actor": adm, "now": NOW}
        for code, call, values in (
            ("FLOW-35", flow_migrations.start_migration, {"reason": "新制度"}),
            ("FLOW-34", flow_migrations.map_stages, {"mapping": {"tl": "nowhere"}}),
            ("WF-31", flow_migrations.map_stages, {"mapping": {}, "actor": fresh(world.bgm)}),
            ("WF-31", flow_migrations.cancel_migration, {"actor": fresh(world.bgm)}),
        ):
            with pytest.raises(DomainError) as refusal:
                call(**{**act, **values})
            assert refusal.value.code == code
        work(asked)
        with pytest.raises(DomainError) as refusal:
            flow_migrations.start_migration(**act, reason=" ")
        assert refusal.value.code == "WF-07"
        started(world, asked)
        with pytest.raises(DomainError) as refusal:
            flow_migrations.map_stages(**act, mapping={})
        assert refusal.value.code == "FLOW-36"


class TestMoving:
    def test_the_same_step_keeps_owner_arrival_and_clock(self, world: World) -> None:
        case = world.submitted(level=2)
        for who in (world.tl, world.brm, world.bgm):
            world.approve(case, who)
        items.claim(item_id=world.item(case, world.hrm).pk, actor=fresh(world.hrm), now=NOW)
        before = fingerprint(case)
        tl, brm, bgm, hrm, committee = default_stages()
        renamed = replace(hrm, name="总部风控", name_en="Head office risk")
        world.publish(chain_of(tl, bgm, brm, renamed, committee))
        done = migrated(world)
        assert fingerprint(case) == before
        assert (done.state, row(done).state) == (RunState.DONE, MoveState.MOVED)
        case.refresh_from_db()
        assert case.flow_version_id == world.version.pk
        assert str(world.item(case).stage.title) == "总部风控"
        assert verify_case(case) is None

    def test_the_history_says_who_from_where_to_where_and_why(self, world: World) -> None:
        case = world.submitted()
        world.publish(chain_of(*default_stages()[1:]))
        migrated(world, {"tl": "brm"})
        event = HistoryEvent.objects.get(case=case, kind=EventKind.MIGRATED)
        assert (event.actor, event.opinion) == (world.adm, "新制度")
        assert (event.data["from"], event.data["to"]) == (1, 2)
        assert event.data["mapping"] == {"tl": "brm"}

    def test_a_mapped_step_asks_its_people_anew(self, world: World) -> None:
        case = world.submitted()
        old = world.item(case)
        world.publish(chain_of(*default_stages()[1:]))
        migrated(world, {"tl": "brm"})
        old.refresh_from_db()
        assert (old.state, old.stage.outcome) == (ItemState.NOT_NEEDED, "CLOSED")
        case = world.approve(case, world.brm)
        case = world.approve(case, world.bgm)
        assert case.state == CaseState.APPROVED

    def test_a_suspended_case_stays_suspended_where_it_is(self, world: World) -> None:
        """What the new version gives it of time counts from the moment it is resumed."""
        tl, *rest = default_stages()
        world.publish(chain_of(with_limit(tl, 4), *rest))
        case = suspended(world, world.submitted())
        before = fingerprint(case)
        world.publish(chain_of(with_limit(tl, 6), *rest))
        assert row(migrated(world)).state == MoveState.MOVED
        case.refresh_from_db()
        assert (case.flow_version_id, case.suspended_at) == (world.version.pk, NOW)
        assert fingerprint(case) == before
        assert world.item(case).due_at is None
        with pytest.raises(DomainError) as refusal:
            world.approve(case, world.tl)
        assert refusal.value.code == "WF-40"
        administration.resume_case(
            case_id=case.pk, actor=fresh(world.adm), now=NOW, reason="司法调查结束"
        )
        due = world.item(case).due_at
        assert due == add_working_hours(NOW, Decimal(6))
        case = world.approve(case, world.tl)
        assert (world.item(case).stage.node_id, verify_case(case)) == ("brm", None)

    def test_a_branch_that_is_new_beside_the_step_opens(self, world: World) -> None:
        case = world.submitted()
        world.approve(case, world.tl)
        tl, brm, *rest = default_stages()
        beside = stage("audit", by_role("CEO", RoleReach.HEAD_OFFICE))
        world.publish(side_by_side(chain_of(tl, brm, beside, *rest), "brm", "audit"))
        held = world.item(case)
        migrated(world)
        nodes = set(
            WorkItem.objects.filter(case=case, state="OPEN").values_list(
                "stage__node_id", flat=True
            )
        )
        assert nodes == {"brm", "audit"}
        held.refresh_from_db()
        assert held.state == ItemState.OPEN
        for who in (world.brm, world.ceo, world.bgm):
            case = world.approve(case, who)
        assert case.state == CaseState.APPROVED

    def test_a_join_that_waits_goes_on_waiting(self, world: World) -> None:
        tl, brm, *rest = default_stages()
        world.publish(side_by_side(chain_of(tl, brm, *rest), "tl", "brm"))
        case = world.submitted()
        world.approve(case, world.tl)
        extra = stage("audit", by_role("CEO", RoleReach.HEAD_OFFICE))
        world.publish(side_by_side(chain_of(tl, brm, extra, *rest), "tl", "brm"))
        migrated(world)
        for who in (world.brm, world.ceo, world.bgm):
            case = world.approve(case, who)
        assert case.state == CaseState.APPROVED

    def test_branches_become_a_line(self, world: World) -> None:
        tl, brm, *rest = default_stages()
        world.publish(side_by_side(chain_of(tl, brm, *rest), "tl", "brm"))
        case = world.submitted()
        world.publish(chain_of(tl, brm, *rest))
        found = row(checked(world))
        assert (found.fit, found.reason) == (Fit.NEEDS_MAPPING, MoveReason.NOT_TOGETHER)
        migrated(world, {"tl": "tl", "brm": "tl"})
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        assert case.state == CaseState.APPROVED

    def test_a_step_without_anybody_is_asked_again(self, world: World) -> None:
        case = world.submitted()
        Employee.objects.filter(pk=world.brm.pk).update(is_active=False)
        case = world.approve(case, world.tl)
        assert Stage.objects.filter(process=case, is_blocked=True).exists()
        tl, _brm, *rest = default_stages()
        repaired = stage("brm", by_role("HRM", RoleReach.HEAD_OFFICE), duty_line="RISK")
        world.publish(chain_of(tl, repaired, *rest))
        migrated(world)
        assert world.item(case, world.hrm).stage.node_id == "brm"

    def test_a_returned_case_comes_back_to_the_mapped_step(self, world: World) -> None:
        document = world.document()
        case = world.submit(document)
        world.approve(case, world.tl)
        decisions.return_case(
            item_id=world.item(case, world.brm).pk, actor=fresh(world.brm), now=NOW,
            opinion="请补充流水说明",
        )  # fmt: skip
        tl, brm, *rest = default_stages()
        risk = replace(brm, id="risk")
        world.publish(chain_of(tl, risk, *rest))
        assert row(checked(world)).reason == MoveReason.GONE
        migrated(world, {"brm": "risk"})
        case = world.submit(document, at=NOW + timedelta(hours=1))
        assert world.item(case, world.brm).stage.node_id == "risk"

    def test_what_was_decided_before_is_not_taken_back(self, world: World) -> None:
        case = world.submitted()
        decided = world.item(case)
        world.approve(case, world.tl)
        world.publish(chain_of(*default_stages()[:2]))
        migrated(world)
        with pytest.raises(DomainError) as refusal:
            items.take_back(item_id=decided.pk, actor=fresh(world.tl), now=NOW)
        assert refusal.value.code == "WF-21"

    def test_running_it_again_does_nothing_twice(self, world: World) -> None:
        case = world.submitted()
        world.publish(chain_of(*default_stages()))
        done = migrated(world)
        FlowMigration.objects.filter(pk=done.pk).update(state=RunState.RUNNING)
        FlowMigrationCase.objects.update(state=MoveState.PENDING)
        work(done)
        assert row(done).state == MoveState.SKIPPED
        assert HistoryEvent.objects.filter(case=case, kind=EventKind.MIGRATED).count() == 1

    def test_goes_on_where_it_stood_and_stops_when_told(self, world: World) -> None:
        for _ in range(4):
            world.submitted()
        world.publish(chain_of(*default_stages()))
        migration = checked(world)
        started(world, migration)
        flow_migrations.continue_migration(migration_id=migration.pk, now=NOW)
        assert migration.cases.filter(state=MoveState.MOVED).count() == 1
        flow_migrations.cancel_migration(migration_id=migration.pk, actor=fresh(world.adm), now=NOW)
        work(migration)
        assert migration.cases.filter(state=MoveState.MOVED).count() == 1
        again = migrated(world)
        assert again.pk != migration.pk
        assert again.cases.filter(state=MoveState.MOVED).count() == 3

    def test_stops_when_another_version_is_published(self, world: World) -> None:
        world.submitted()
        world.publish(chain_of(*default_stages()))
        migration = checked(world)
        started(world, migration)
        world.publish(chain_of(*default_stages()))
        work(migration)
        migration.refresh_from_db()
        assert (migration.state, row(migration).state) == (RunState.CANCELLED, MoveState.PENDING)

    def test_a_case_that_fits_no_longer_is_told_and_left(self, world: World) -> None:
        case = world.submitted()
        tl, _brm, *rest = default_stages()
        world.publish(chain_of(tl, *rest))
        migration = checked(world)
        assert row(migration).fit == Fit.FITS
        world.approve(case, world.tl)
        started(world, migration)
        work(migration)
        found = row(migration)
        assert (found.fit, found.state, found.place) == (
            Fit.NEEDS_MAPPING,
            MoveState.PENDING,
            "brm",
        )
        migration.refresh_from_db()
        assert migration.state == RunState.DONE

    def test_never_leaves_a_case_that_nobody_can_act_on(self, world: World) -> None:
        case = world.submitted()
        world.publish(chain_of(*default_stages()))
        migration = checked(world)
        started(world, migration)
        WorkItem.objects.filter(case=case, state=ItemState.OPEN).update(
            pool_role=None, assignee=world.auditors[0].pk
        )
        Employee.objects.filter(pk=world.auditors[0].pk).update(is_active=False)
        work(migration)
        found = row(migration)
        assert (found.fit, found.reason, found.state) == (
            Fit.BLOCKED, MoveReason.NOBODY, MoveState.PENDING,
        )  # fmt: skip
        case.refresh_from_db()
        assert case.flow_version_id != world.version.pk

    def test_a_check_takes_few_statements(
        self, world: World, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(8):
            world.submitted()
        world.publish(chain_of(*default_stages()))
        asked = flow_migrations.request_migration(
            version_id=world.version.pk, actor=fresh(world.adm), now=NOW
        )
        with django_assert_max_num_queries(12):
            flow_migrations.continue_migration(migration_id=asked.pk, now=NOW)


class TestPages:
    def test_from_the_dry_run_to_the_end(self, world: World) -> None:
        case = world.submitted()
        world.publish(chain_of(*default_stages()[1:]))
        client = browser(world.adm)
        address = f"/flows/versions/{world.version.pk}/migration/"
        assert "1 running case is on another version" in text_of(client.get(address))
        assert client.post(address).status_code == 302
        assert "every 2s" in client.get(address).content.decode()
        run = FlowMigration.objects.get()
        work(run)
        shown = text_of(client.get(f"{address}?show=NEEDS_MAPPING"))
        assert f"{case.doc_no} V1 Step tl Needs mapping" in shown
        assert "The new version has no step “Step tl”." in shown
        assert (
            client.post(f"/flows/migrations/{run.pk}/map/", {"stage-tl": "brm"}).status_code == 302
        )
        work(run)
        shown = text_of(client.get(address))
        assert "Goes on from “Step tl” at “Step brm”." in shown
        assert "Move 1 case" in shown
        refused = client.post(f"/flows/migrations/{run.pk}/start/", {"reason": ""})
        assert (refused.status_code, "WF-07" in text_of(refused)) == (422, True)
        client.post(f"/flows/migrations/{run.pk}/start/", {"reason": "新制度"})
        work(run)
        assert "Moved 1" in text_of(client.get(address))
        assert "Every running case is on this version." in text_of(client.get(address))
        history = text_of(browser(world.brm).get(f"/cases/{case.pk}/"))
        assert "from version 1 to version 2" in history

    def test_stops(self, world: World) -> None:
        world.submitted()
        world.publish(chain_of(*default_stages()))
        run = checked(world)
        client = browser(world.adm)
        assert client.post(f"/flows/migrations/{run.pk}/cancel/").status_code == 302
        address = f"/flows/versions/{world.version.pk}/migration/"
        assert "Stopped" in text_of(client.get(address))

    def test_only_administrators_and_only_what_is_there(self, world: World) -> None:
        address = f"/flows/versions/{world.version.pk}/migration/"
        assert browser(world.bgm).get(address).status_code == 403
        assert browser(world.bgm).post("/flows/migrations/1/start/").status_code == 403
        assert browser(world.adm).post("/flows/migrations/1/start/").status_code == 404

    def test_statements_of_the_page(self, world: World) -> None:
        for _ in range(6):
            world.submitted()
        world.publish(chain_of(*default_stages()[1:]))
        checked(world)
        address = f"/flows/versions/{world.version.pk}/migration/"
        assert len(statements(browser(world.adm), address)) <= 14


class TestApi:
    def test_the_same_over_the_api(self, world: World) -> None:
        case = world.submitted()
        world.publish(chain_of(*default_stages()[1:]))
        client = browser(world.adm)
        asked = client.post(f"/api/v1/flow-versions/{world.version.pk}/migrations/")
        assert asked.status_code == 202
        address = f"/api/v1/migrations/{asked.json()['id']}/"
        run = FlowMigration.objects.get()
        work(run)
        assert client.get(address).json()["counts"]["NEEDS_MAPPING"] == 1
        mapped = client.put(address, {"mapping": {"tl": "brm"}}, "application/json")
        assert mapped.json()["mapping"] == {"tl": "brm"}
        early = client.post(f"{address}start/", {"reason": "新制度"}, "application/json")
        assert (early.status_code, early.json()["code"]) == (409, "FLOW-35")
        work(run)
        (found,) = client.get(f"{address}cases/?fit=FITS").json()["results"]
        assert (found["doc_no"], found["fit"]) == (case.doc_no, "FITS")
        client.post(f"{address}start/", {"reason": "新制度"}, "application/json")
        work(run)
        assert client.get(address).json()["counts"]["MOVED"] == 1
        assert browser(world.bgm).get(address).status_code == 403
        assert client.get("/api/v1/migrations/999999/").status_code == 404


class TestCommand:
    def call(self, world: World, *options: str) -> str:
        out = StringIO()
        call_command("flow_migrate", "toy", "--as", world.adm.username, *options, stdout=out)
        return out.getvalue()

    def test_a_dry_run_then_a_mapping_then_the_move(self, world: World) -> None:
        case = world.submitted()
        world.publish(chain_of(*default_stages()[1:]))
        said = self.call(world, "--dry-run", "--list")
        assert "0 fit, 1 need mapping, 0 blocked, 0 moved" in said
        assert case.doc_no in said
        assert "1 fit, 0 need" in self.call(world, "--dry-run", "--map", "tl=brm")
        assert "1 moved" in self.call(world, "--reason", "新制度")
        assert world.item(case).stage.node_id == "brm"

    def test_stops_cleanly_on_sigterm_and_goes_on(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(3):
            world.submitted()
        world.publish(chain_of(*default_stages()))
        move = flow_migrations.move_case

        def terminated(*args: Any) -> None:
            os.kill(os.getpid(), signal.SIGTERM)
            move(*args)

        monkeypatch.setattr(flow_migrations, "move_case", terminated)
        said = self.call(world, "--reason", "新制度")
        assert "Stopped" in said
        assert "2 fit, 0 need mapping, 0 blocked, 1 moved" in said
        monkeypatch.setattr(flow_migrations, "move_case", move)
        assert "3 moved" in self.call(world)

    @pytest.mark.parametrize(
        "options", [["--map", "tl"], ["--map", "tl=nowhere"], ["--reason", ""]]
    )
    def test_says_in_words_what_is_wrong(self, world: World, options: list[str]) -> None:
        world.submitted()
        world.publish(chain_of(*default_stages()))
        with pytest.raises(CommandError):
            self.call(world, *options)


class TestMemory:
    def test_ten_thousand_cases_do_not_grow_the_worker(self, world: World) -> None:
        many_running(world.submitted(), 10_000)
        world.publish(chain_of(*default_stages()))
        asked = flow_migrations.request_migration(
            version_id=world.version.pk, actor=fresh(world.adm), now=NOW
        )
        for _ in range(5):
            flow_migrations.continue_migration(migration_id=asked.pk, now=NOW)
        before = resident()
        work(asked)
        asked.refresh_from_db()
        assert (asked.seen, asked.is_checked) == (10_001, True)
        started(world, asked)
        for _ in range(150):
            flow_migrations.continue_migration(migration_id=asked.pk, now=NOW)
        assert asked.cases.filter(state=MoveState.MOVED).count() == 150
        assert resident() - before < 8 * 2**20


_SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


class TestAnyCase:
    @settings(max_examples=25, deadline=None, suppress_health_check=_SLOW)
    @given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 12))
    def test_an_identical_version_changes_nothing_visible(
        self, world: World, seed: int, steps: int
    ) -> None:
        world.with_everybody()
        with undone():
            walk = Walk(world, seed)
            for _ in range(steps):
                walk.step()
            case = walk.case
            if case is None or case.state not in (CaseState.IN_APPROVAL, CaseState.RETURNED):
                return
            if Stage.objects.filter(process=case, is_blocked=True, outcome="").exists():
                return
            before = fingerprint(case)
            world.publish(definition_of(case.flow_version_id))
            migration = migrated(world)
            assert row(migration).state == MoveState.MOVED
            assert fingerprint(case) == before
            check(Case.objects.get(pk=case.pk), walk.document, world)

    @settings(max_examples=25, deadline=None, suppress_health_check=_SLOW)
    @given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 12))
    def test_into_any_other_version_it_goes_on_or_stays(
        self, world: World, seed: int, steps: int
    ) -> None:
        world.with_everybody()
        with undone():
            walk = Walk(world, seed)
            for _ in range(steps):
                walk.step()
            dice = Random(seed + 1)
            other = random_route(world, dice)
            world.publish(other)
            names = [each.id for each in other.stages()]
            mapping = {f"s{n}": dice.choice(names) for n in range(6) if dice.random() < 0.5}
            migrated(world, mapping)
            if walk.case is not None:
                check(Case.objects.get(pk=walk.case.pk), walk.document, world)
                walk.case = Case.objects.get(pk=walk.case.pk)
            for _ in range(5):
                walk.step()
