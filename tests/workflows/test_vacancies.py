"""Empty seats of a countersign, a sequence or a vote: never dropped, told, filled, given away."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation

import pytest

from documents.services.handlers import change_handler
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from staff.models import Employee
from tests.workflows.invariants import check
from tests.workflows.pages import browser, text_of
from tests.workflows.random_routes import side_by_side
from tests.workflows.test_preview import before, running
from tests.workflows.test_role_changes import colleague, gain, lose
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    RoleReach,
)
from workflows.choices import CaseState, EventKind, ItemState
from workflows.models import Case, Stage, WorkItem
from workflows.screens.health import load_health
from workflows.screens.reasons import seat_words
from workflows.services import decisions, items, submission
from workflows.services.handing_on import hand_on
from workflows.services.role_changes import fill_vacant_seats

pytestmark = pytest.mark.django_db

NOBODY = by_role("PLM", RoleReach.ANYWHERE)
CEO = by_role("CEO", RoleReach.HEAD_OFFICE)
#: two people hold the role, so that it finds one whoever decided before
LAST = stage("last", by_role("HRM", RoleReach.HEAD_OFFICE), duty_line="RISK")


def world_of(*rules: AssigneeRule, decide: DecideMode = DecideMode.ALL, **values: Any) -> World:
    return World(stage("both", *rules, decide=decide, duty_line="RISK", **values), LAST)


def publish(world: World, *rules: AssigneeRule, **values: Any) -> None:
    """The same for rules that name people of the world."""
    both = stage("both", *rules, decide=DecideMode.ALL, duty_line="RISK", **values)
    world.publish(from_chain(Chain("toy_route", "玩具流程", nodes=(both, LAST))))


def vacant(case: Case) -> list[WorkItem]:
    return list(WorkItem.objects.filter(case=case, state=ItemState.VACANT).order_by("seat"))


def blocked(case: Case) -> list[str]:
    rows = Stage.objects.filter(process=case, is_blocked=True)
    return list(rows.values_list("node_id", flat=True))


def named(*people: Employee) -> AssigneeRule:
    return AssigneeRule(AssigneeKind.PEOPLE, people=tuple(p.pk for p in people))


def reload(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


class TestOpening:
    def test_n16_a_countersign_does_not_pass_without_its_empty_seat(self, db: None) -> None:
        world = world_of(by_role("BRM"), NOBODY)
        document = world.document()
        case = world.approve(world.submit(document), world.brm)
        assert case.state == CaseState.IN_APPROVAL
        assert [seat.reason["role"] for seat in vacant(case)] == ["PLM"]
        assert blocked(case) == ["both"]
        check(case, document, world)

    def test_wf_11_the_administrators_are_told_which_seat_is_empty(self, db: None) -> None:
        world = world_of(by_role("BRM"), NOBODY)
        case = world.submitted()
        event = case.events.get(kind=EventKind.BLOCKED)
        assert [seat["role"] for seat in event.data["vacant"]] == ["PLM"]
        told = OutboxMessage.objects.filter(payload__event="case.blocked").get()
        assert told.payload["recipients"] == [world.adm.pk]

    def test_a_sequence_waits_at_its_empty_seat(self, db: None) -> None:
        world = world_of(NOBODY, by_role("BRM"), decide=DecideMode.SEQUENCE)
        document = world.document()
        case = world.submit(document)
        states = {i.seat: i.state for i in WorkItem.objects.filter(case=case)}
        assert states == {1: ItemState.VACANT, 2: ItemState.WAITING}
        assert not OutboxMessage.objects.filter(payload__event="work_item.arrived").exists()
        check(case, document, world)

    def test_a_level_of_superiors_above_the_top_is_an_empty_seat(self, db: None) -> None:
        chain = AssigneeRule(AssigneeKind.SUPERIOR_CHAIN, level=5)
        world = world_of(chain, decide=DecideMode.SEQUENCE)
        case = world.submitted()
        asked = [i.assignee for i in WorkItem.objects.filter(case=case).order_by("seat")]
        assert asked == [world.tl, world.bgm, world.hrm, world.ceo, None]
        assert vacant(case)[0].reason["at"] == 5

    def test_a_named_person_who_left_leaves_his_seat_empty(self, db: None) -> None:
        world = World()
        publish(world, named(world.brm, world.hrm))
        Employee.objects.filter(pk=world.hrm.pk).update(is_active=False)
        case = world.submitted()
        assert [seat.reason["person"] for seat in vacant(case)] == [world.hrm.pk]

    def test_the_seat_of_who_has_decided_goes_to_his_superior(self, db: None) -> None:
        world = World(
            stage("tl", by_role("TL"), duty_line="BUSINESS"),
            stage("both", by_role("TL"), by_role("BRM"), decide=DecideMode.ALL),
        )
        case = world.approve(world.submitted(), world.tl)
        asked = WorkItem.objects.filter(case=case, state=ItemState.OPEN)
        assert {item.assignee for item in asked} == {world.bgm, world.brm}

    def test_or_passes_on_record_where_the_step_says_so(self, db: None) -> None:
        world = World(
            stage("tl", by_role("TL"), duty_line="BUSINESS"),
            stage("both", by_role("TL"), by_role("BRM"), decide=DecideMode.ALL,
                  on_same_person=OnSamePerson.AUTO_PASS),
        )  # fmt: skip
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        assert case.events.get(kind=EventKind.AUTO_PASSED).data["person"] == world.tl.name
        assert world.item(case).assignee == world.brm
        check(case, document, world)

    def test_the_handlers_seat_is_empty_where_nobody_stands_above_him(self, db: None) -> None:
        world = world_of(CEO, by_role("BRM", RoleReach.ANYWHERE))
        case = world.submitted(handler=world.ceo)
        assert [seat.reason["role"] for seat in vacant(case)] == ["CEO"]

    def test_is_skipped_only_where_the_step_says_so(self, db: None) -> None:
        world = world_of(by_role("BRM"), by_role("BGM"), on_handler=OnHandler.SKIP_IF_OTHERS)
        case = world.submitted(handler=world.brm)
        assert not vacant(case)
        assert world.item(case).assignee == world.bgm

    @pytest.mark.parametrize(
        ("policy", "who"), [(OnEmpty.SUPERIOR, "tl"), (OnEmpty.PERSON, "hrm2")]
    )
    def test_the_policy_is_applied_to_each_empty_seat(
        self, db: None, policy: OnEmpty, who: str
    ) -> None:
        world = World()
        publish(world, by_role("BRM"), NOBODY, on_empty=policy, empty_person=world.hrm2.pk)
        case = world.submitted()
        assert not vacant(case)
        asked = WorkItem.objects.filter(case=case, state=ItemState.OPEN)
        assert {item.assignee for item in asked} == {world.brm, getattr(world, who)}

    def test_one_answer_is_enough_for_any_so_no_seat_is_empty(self, db: None) -> None:
        world = world_of(by_role("BRM"), NOBODY, decide=DecideMode.ANY)
        case = world.submitted()
        assert not vacant(case)
        assert not blocked(case)
        case = world.approve(case, world.brm)
        assert world.item(case).stage.node_id == "last"

    def test_the_database_keeps_people_out_of_empty_seats(self, db: None) -> None:
        world = world_of(by_role("BRM"), NOBODY)
        (seat,) = vacant(world.submitted())
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkItem.objects.filter(pk=seat.pk).update(assignee=world.ceo)
        with pytest.raises(IntegrityError), transaction.atomic():
            WorkItem.objects.filter(pk=seat.pk).update(state=ItemState.OPEN)


class TestVote:
    RULES = (by_role("BRM"), by_role("BGM"), NOBODY)

    def test_n19_the_quorum_counts_empty_seats(self, db: None) -> None:
        world = world_of(*self.RULES, decide=DecideMode.VOTE)
        document = world.document()
        case = world.approve(world.submit(document), world.brm)
        with pytest.raises(DomainError) as refused:
            decisions.close_vote(
                item_id=WorkItem.objects.filter(case=case, state="OPEN").get().pk,
                actor=fresh(world.secretary), now=NOW,
            )  # fmt: skip
        assert refused.value.code == "RCM-01"
        check(reload(case), document, world)

    def test_ends_when_the_empty_seat_could_not_turn_it(self, db: None) -> None:
        world = world_of(*self.RULES, decide=DecideMode.VOTE)
        document = world.document()
        case = world.approve(world.submit(document), world.brm)
        case = world.approve(case, world.bgm, minutes=2)
        assert world.item(case).stage.node_id == "last"
        assert case.events.get(kind=EventKind.VOTE_CLOSED).data["asked"] == 3
        check(case, document, world)

    def test_taken_back_the_seat_is_empty_again(self, db: None) -> None:
        world = world_of(*self.RULES, decide=DecideMode.VOTE)
        document = world.document()
        case = world.approve(world.submit(document), world.brm)
        case = world.approve(case, world.bgm, minutes=2)
        own = WorkItem.objects.get(case=case, decided_by=world.bgm)
        items.take_back(item_id=own.pk, actor=fresh(world.bgm), now=NOW)
        assert len(vacant(case)) == 1
        assert blocked(case) == ["both"]
        check(reload(case), document, world)

    def test_n19_a_chair_who_is_not_there_is_missed(self, db: None) -> None:
        chair = by_role("PLM", RoleReach.ANYWHERE, has_veto=True)
        world = world_of(by_role("BRM"), by_role("BGM"), chair, decide=DecideMode.VOTE)
        case = world.approve(world.submitted(), world.brm)
        case = world.approve(case, world.bgm, minutes=2)
        assert case.state == CaseState.IN_APPROVAL
        (seat,) = vacant(case)
        items.reassign(
            case_id=case.pk, stage_id=seat.stage_id, actor=fresh(world.adm), now=NOW,
            recipient=fresh(world.hrm), reason="代行主席",
        )  # fmt: skip
        taken = WorkItem.objects.get(case=case, assignee=world.hrm)
        assert (taken.has_veto, taken.seat) == (True, seat.seat)
        case = world.approve(reload(case), world.hrm, minutes=3)
        assert world.item(case).stage.node_id == "last"


class TestFilling:
    def test_who_gets_the_role_sits_down(self, db: None) -> None:
        world = world_of(by_role("BRM"), NOBODY)
        document = world.document()
        case = world.submit(document)
        newcomer = gain(world, colleague(world), "PLM")
        assert not vacant(case)
        assert not blocked(case)
        event = case.events.get(kind=EventKind.UNBLOCKED)
        assert event.data == {"people": [newcomer.name], "vacant": 0}
        check(reload(case), document, world)
        case = world.approve(reload(case), newcomer)
        case = world.approve(case, world.brm, minutes=2)
        assert world.item(case).stage.node_id == "last"

    def test_of_several_empty_seats_the_others_stay_on_record(self, db: None) -> None:
        world = world_of(by_role("BRM"), NOBODY, by_role("FIN", RoleReach.ANYWHERE))
        document = world.document()
        case = world.submit(document)
        gain(world, colleague(world), "PLM")
        assert [seat.reason["role"] for seat in vacant(case)] == ["FIN"]
        assert blocked(case) == ["both"]
        assert case.events.get(kind=EventKind.UNBLOCKED).data["vacant"] == 1
        check(reload(case), document, world)

    def test_in_a_sequence_his_turn_comes_at_its_place(self, db: None) -> None:
        world = world_of(NOBODY, by_role("BRM"), decide=DecideMode.SEQUENCE)
        case = world.submitted()
        newcomer = gain(world, colleague(world), "PLM")
        assert world.item(case).assignee == newcomer
        case = world.approve(reload(case), newcomer)
        assert world.item(case).assignee == world.brm

    def test_the_tick_notices_a_new_superior(self, db: None) -> None:
        world = world_of(by_role("BRM"), AssigneeRule(AssigneeKind.SUPERIOR, level=5))
        case = world.submitted()
        fill_vacant_seats(now=NOW)
        assert len(vacant(case)) == 1
        chair = world.deputy
        Employee.objects.filter(pk=world.ceo.pk).update(superior=chair)
        fill_vacant_seats(now=NOW)
        assert not vacant(case)
        assert world.item(case, chair).reason["rule"] == "SUPERIOR"

    def test_who_signs_there_already_signs_for_the_empty_seat_too(self, db: None) -> None:
        world = world_of(by_role("BRM"), NOBODY)
        document = world.document()
        case = world.submit(document)
        gain(world, world.brm, "PLM")
        assert not vacant(case)
        assert not blocked(case)
        check(reload(case), document, world)
        case = world.approve(reload(case), world.brm)
        assert world.item(case).stage.node_id == "last"


class TestReassign:
    @pytest.fixture
    def world(self, db: None) -> World:
        return world_of(by_role("BRM"), NOBODY)

    def give(self, world: World, case: Case, who: Employee) -> None:
        items.reassign(
            case_id=case.pk, stage_id=vacant(case)[0].stage_id, actor=fresh(world.adm), now=NOW,
            recipient=fresh(who), reason="暂由总部代行",
        )  # fmt: skip

    def test_fills_only_the_empty_seat(self, world: World) -> None:
        document = world.document()
        case = world.submit(document)
        self.give(world, case, world.hrm)
        assert not vacant(case)
        asked = WorkItem.objects.filter(case=case, state=ItemState.OPEN)
        assert {item.assignee for item in asked} == {world.brm, world.hrm}
        check(reload(case), document, world)

    def test_wf_14_never_to_the_handler(self, world: World) -> None:
        case = world.submitted()
        with pytest.raises(DomainError) as refused:
            self.give(world, case, world.am)
        assert refused.value.code == "WF-14"
        assert len(vacant(case)) == 1


class TestLosingAHolder:
    def test_a_role_lost_leaves_an_empty_seat(self, db: None) -> None:
        world = world_of(by_role("BRM"), by_role("BGM"))
        document = world.document()
        case = world.submit(document)
        lose(world, world.brm)
        assert [seat.reason["role"] for seat in vacant(case)] == ["BRM"]
        check(reload(case), document, world)

    def test_so_does_who_leaves_without_a_superior(self, db: None) -> None:
        world = world_of(CEO, by_role("BRM"))
        document = world.document()
        case = world.submit(document)
        own = world.item(case, world.ceo)
        hand_on(item_id=own.pk, leaving=world.ceo, successor=None, actor=world.adm, now=NOW)
        assert [seat.reason["role"] for seat in vacant(case)] == ["CEO"]
        assert blocked(case) == ["both"]
        check(reload(case), document, world)

    def test_the_way_is_on_record_where_a_new_handler_leaves_his_seat(self, db: None) -> None:
        """The other holder of the role has approved: the step goes on, beside another branch."""
        world = World()
        other = world._local("TL")
        first = stage("a", by_role("TL"), decide=DecideMode.ALL, duty_line="MANAGEMENT")
        beside = stage("b", by_role("BGM"), duty_line="MANAGEMENT")
        chain = Chain("toy_route", "玩具流程", nodes=(first, beside, LAST))
        world.publish(side_by_side(from_chain(chain), "a", "b"))
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        change_handler(
            document_id=document.pk, successor=fresh(other), actor=fresh(world.adm), now=NOW
        )
        event = case.events.get(kind=EventKind.HANDED_ON)
        assert (event.node_id, event.path) == ("a", ["a_to_join"])
        waiting = [["b", ""], ["join", "a_to_join"]]
        assert reload(case).tokens == waiting
        case = world.approve(reload(case), world.bgm)
        own = WorkItem.objects.get(case=case, decided_by=world.bgm)
        items.take_back(item_id=own.pk, actor=fresh(world.bgm), now=NOW)
        assert reload(case).tokens == waiting

    def test_a_return_takes_the_empty_seat_along(self, db: None) -> None:
        world = world_of(by_role("BRM"), NOBODY)
        document = world.document()
        case = world.submit(document)
        decisions.return_case(
            item_id=world.item(case).pk, actor=fresh(world.brm), now=NOW, opinion="请补充说明"
        )
        assert not vacant(case)
        check(reload(case), document, world)

    def test_a_withdrawal_too(self, db: None) -> None:
        world = world_of(by_role("BRM"), NOBODY)
        document = world.document()
        case = world.submit(document)
        submission.withdraw_case(case_id=case.pk, actor=fresh(world.am), now=NOW, reason="资料有误")
        assert not vacant(case)
        check(reload(case), document, world)


class TestShown:
    @pytest.fixture
    def world(self, db: None) -> World:
        return world_of(by_role("BRM"), NOBODY)

    def test_in_the_preview(self, world: World) -> None:
        step = before(world)["both"]
        assert (step.state, step.people) == ("ahead", [world.brm.name])
        (seat,) = step.empty_seats
        assert seat == seat_words({"rule": "ROLE", "role": "PLM", "reach": "ANYWHERE"})

    def test_in_the_chain_of_a_running_case(self, world: World) -> None:
        with translation.override("en"):
            step = running(world.submitted())["both"]
        assert (step.state, step.people) == ("current", [world.brm.name])
        assert len(step.empty_seats) == 1

    def test_on_the_case_page_its_history_diagram_and_route(self, world: World) -> None:
        case = world.submitted()
        client = browser(world.am)
        shown = text_of(client.get(f"/cases/{case.pk}/"))
        assert "Empty seat: " in shown
        assert "empty seat: " in shown
        assert "empty seat: " in text_of(client.get(f"/cases/{case.pk}/route/"))
        people = client.get(f"/cases/{case.pk}/marks").json()["nodes"]["both"]["people"]
        assert any("empty seat" in who for who in people)

    @pytest.mark.parametrize(("who", "tab"), [("brm", "todo"), ("am", "mine"), ("adm", "running")])
    def test_in_the_inbox(self, world: World, who: str, tab: str) -> None:
        world.submitted()
        page = browser(getattr(world, who)).get(f"/inbox/?tab={tab}")
        assert "Lacks an approver" in text_of(page)

    def test_on_the_page_of_the_engines_health(self, world: World) -> None:
        case = world.submitted()
        health = load_health(now=NOW)
        assert [(c.pk, c.is_attended, c.is_told) for c in health.unattended] == [
            (case.pk, True, True)
        ]
        assert not health.is_well
        assert "Empty seat" in text_of(browser(world.adm).get("/flows/engine/"))
        (row,) = browser(world.adm).get("/api/v1/engine/health/").json()["unattended"]
        assert (row["id"], row["step"], row["is_attended"]) == (case.pk, "节点both", True)
