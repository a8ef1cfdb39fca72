"""Roles come and go under running cases."""

from __future__ import annotations

from typing import Any

import pytest

from lending_crm.common.models import OutboxMessage
from staff.models import Employee, Role
from staff.services.roles import assign_role, revoke_role
from tests.staff.factories import EmployeeFactory
from tests.workflows.invariants import check
from tests.workflows.scenes import session
from tests.workflows.test_signers import ask, item_of
from tests.workflows.test_standing_in import give
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    OnSamePerson,
    RoleReach,
)
from workflows.choices import CaseState, EventKind, ItemState
from workflows.models import Case, Stage, WorkItem
from workflows.services import handing_on, items, role_changes, standing_in

pytestmark = pytest.mark.django_db


def lose(world: World, who: Employee) -> None:
    revoke_role(assignment=who.role_assignments.get(), actor=fresh(world.adm), now=NOW)


def gain(world: World, who: Employee, role: str, **place: Any) -> Employee:
    assign_role(
        employee=who, role=Role.objects.get(code=role), actor=fresh(world.adm), now=NOW, **place
    )
    return who


def colleague(world: World) -> Employee:
    """Somebody of the branch who holds no role yet."""
    return EmployeeFactory(branch=world.branch, department=world.sales)


def newest(case: Case) -> EventKind:
    event = case.events.last()
    assert event is not None
    return EventKind(event.kind)


class TestGain:
    def test_wakes_a_stage_that_found_nobody(self, world: World) -> None:
        case = world.submitted()
        world.brm.role_assignments.all().delete()
        case = world.approve(case, world.tl)
        assert Stage.objects.get(process=case, is_blocked=True).node_id == "brm"
        successor = gain(world, colleague(world), "BRM", branch=world.branch)
        assert not Stage.objects.filter(is_blocked=True).exists()
        assert newest(case) == EventKind.UNBLOCKED
        assert OutboxMessage.objects.last().payload["recipients"] == [successor.pk]
        case = world.approve(case, successor)
        assert world.item(case, world.bgm).stage.node_id == "bgm"

    def test_wakes_a_stage_whose_pool_had_run_empty(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        lose(world, world.brm)
        assert Stage.objects.get(process=case, is_blocked=True).node_id == "brm"
        successor = gain(world, colleague(world), "BRM", branch=world.branch)
        assert not Stage.objects.filter(is_blocked=True).exists()
        assert WorkItem.objects.waiting_for(fresh(successor)).filter(case=case).exists()

    def test_another_role_wakes_nothing(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        lose(world, world.brm)
        gain(world, colleague(world), "BGM", branch=world.branch)
        assert Stage.objects.filter(process=case, is_blocked=True).exists()
        assert newest(case) == EventKind.BLOCKED

    def test_an_item_of_a_pool_appears_at_once(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        second = gain(world, colleague(world), "BRM", branch=world.branch)
        assert WorkItem.objects.waiting_for(fresh(second)).filter(case=case).exists()

    def test_wf_02_never_asks_who_has_decided(self, db: None) -> None:
        world = World(
            stage("tl", by_role("TL"), duty_line="MANAGEMENT"),
            stage("one", by_role("PLM", RoleReach.ANYWHERE), duty_line="RISK",
                  on_same_person=OnSamePerson.NEXT_PERSON),
        )  # fmt: skip
        plm = world.auditors[0]
        case = world.submitted()
        for who in world.auditors:
            who.role_assignments.all().delete()
        case = world.approve(case, world.tl)
        assert Stage.objects.get(process=case, is_blocked=True).node_id == "one"
        gain(world, plm, "PLM")
        assert world.item(case, plm).stage.node_id == "one"


class TestLossOfWhatWasGiven:
    """Whatever brought him the step, he decides there only while he may."""

    def is_taken(self, case: Case, who: Employee) -> bool:
        return not WorkItem.objects.filter(case=case, assignee=who, state=ItemState.OPEN).exists()

    def test_a_delegate_who_decides_nowhere_any_more(self, world: World) -> None:
        give(world.brm, world.bgm)
        case = world.approve(world.submitted(), world.tl)
        assert not self.is_taken(case, world.bgm)
        lose(world, world.bgm)
        assert self.is_taken(case, world.bgm)
        assert world.item(case, world.brm).on_behalf_of is None

    def test_what_a_delegate_held_for_who_lost_the_role(self, world: World) -> None:
        give(world.brm, world.bgm)
        case = world.approve(world.submitted(), world.tl)
        lose(world, world.brm)
        assert self.is_taken(case, world.bgm)
        assert Stage.objects.get(process=case, node_id="brm").is_blocked

    @pytest.mark.parametrize("waiting", [standing_in, role_changes])
    def test_what_moves_to_a_delegate_while_the_role_goes(
        self, world: World, monkeypatch: pytest.MonkeyPatch, waiting: Any
    ) -> None:
        """Either act finds the other one's work done when it gets the lock of the case."""
        case = world.submitted()
        item = world.item(case, world.tl)
        items.claim(item_id=item.pk, actor=fresh(world.tl), now=NOW)
        acts = {
            standing_in: lambda: give(world.tl, world.bgm, moves_open_items=True),
            role_changes: lambda: lose(world, world.tl),
        }
        lock = waiting.lock_case

        def lock_late(**lookup: Any) -> Case:
            monkeypatch.undo()
            next(act for module, act in acts.items() if module is not waiting)()
            return lock(**lookup)

        monkeypatch.setattr(waiting, "lock_case", lock_late)
        acts[waiting]()
        assert not WorkItem.objects.filter(on_behalf_of=world.tl, state=ItemState.OPEN).exists()

    def test_a_step_that_was_given_to_him(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        items.transfer(
            item_id=world.item(case, world.brm).pk, actor=fresh(world.brm), now=NOW,
            recipient=fresh(world.bgm), reason="出差",
        )  # fmt: skip
        lose(world, world.bgm)
        assert self.is_taken(case, world.bgm)

    def test_a_successor_keeps_what_he_followed_in(self, world: World) -> None:
        """He never held the role of the step: losing another role takes nothing from him."""
        case = self.countersigned(world)
        handing_on.hand_on(
            item_id=item_of(case, world.brm).pk, leaving=fresh(world.brm),
            successor=fresh(world.hrm), actor=fresh(world.adm), now=NOW,
        )  # fmt: skip
        gain(world, world.hrm, "PLM")
        plm = world.hrm.role_assignments.get(role__code="PLM")
        revoke_role(assignment=plm, actor=fresh(world.adm), now=NOW)
        assert not self.is_taken(case, world.hrm)
        case = world.approve(Case.objects.get(pk=case.pk), world.hrm)
        lose(world, world.hrm)
        assert item_of(case, world.hrm).state == ItemState.DECIDED

    def test_a_superior_keeps_what_came_up_to_him(self, world: World) -> None:
        """He was asked as the superior of who left, not by the role of the step."""
        case = self.countersigned(world)
        handing_on.hand_on(
            item_id=item_of(case, world.bgm).pk, leaving=fresh(world.bgm), successor=None,
            actor=fresh(world.adm), now=NOW,
        )  # fmt: skip
        gain(world, world.hrm, "PLM")
        plm = world.hrm.role_assignments.get(role__code="PLM")
        revoke_role(assignment=plm, actor=fresh(world.adm), now=NOW)
        assert not self.is_taken(case, world.hrm)
        world.approve(Case.objects.get(pk=case.pk), world.hrm)

    def countersigned(self, world: World) -> Case:
        both = stage("both", by_role("BRM"), by_role("BGM"), decide=DecideMode.ALL,
                     duty_line="RISK")  # fmt: skip
        world.publish(from_chain(Chain("toy_route", "会签", nodes=(both,))))
        return world.submitted()

    def test_a_step_for_which_he_was_chosen(self, world: World) -> None:
        rule = AssigneeRule(AssigneeKind.APPLICANT, role="HRM", reach=RoleReach.HEAD_OFFICE)
        world.publish(from_chain(Chain("toy_route", "一步", nodes=(stage("a", rule),))))
        case = world.submit(world.document(), choices={"a": [world.hrm2.pk]})
        lose(world, world.hrm2)
        assert self.is_taken(case, world.hrm2)
        assert Stage.objects.get(process=case, node_id="a").is_blocked

    def test_a_step_that_names_him_stays_his(self, world: World) -> None:
        rule = AssigneeRule(AssigneeKind.PEOPLE, people=(world.hrm.pk,))
        world.publish(from_chain(Chain("toy_route", "一步", nodes=(stage("a", rule),))))
        case = world.submitted()
        lose(world, world.hrm)
        assert not self.is_taken(case, world.hrm)


class TestLookAgain:
    """The worker looks once more at who lost a role, or left."""

    def look(self, who: Employee) -> None:
        message = OutboxMessage(payload={"employee": who.pk})
        role_changes.look_again(message, NOW)

    def test_takes_what_no_act_has_noticed(self, world: World) -> None:
        rule = AssigneeRule(AssigneeKind.PEOPLE, people=(world.hrm.pk,))
        both = stage("both", by_role("BRM"), rule, decide=DecideMode.ALL, duty_line="RISK")
        world.publish(from_chain(Chain("toy_route", "会签", nodes=(both,))))
        case = world.submitted()
        world.brm.role_assignments.all().delete()
        Employee.objects.filter(pk=world.hrm.pk).update(is_active=False)
        for who in (world.brm, world.hrm):
            self.look(who)
            assert item_of(case, who).state == ItemState.REMOVED
        assert Stage.objects.get(process=case, node_id="both").is_blocked
        assert WorkItem.objects.filter(case=case, state=ItemState.VACANT).count() == 2

    def test_costs_little_while_there_is_nothing_to_take(
        self, world: World, django_assert_max_num_queries: Any
    ) -> None:
        rules = (by_role("BRM"), by_role("BGM"))
        both = stage("both", *rules, decide=DecideMode.ALL, duty_line="RISK")
        world.publish(from_chain(Chain("toy_route", "会签", nodes=(both,))))
        for _ in range(5):
            world.submitted()
        with django_assert_max_num_queries(3):
            self.look(world.brm)


class TestLoss:
    @pytest.fixture
    def world(self, db: None) -> World:
        rules = (by_role("BRM"), by_role("BGM"))
        return World(
            stage("both", *rules, decide=DecideMode.ALL, duty_line="RISK"),
            stage("ceo", by_role("CEO", RoleReach.HEAD_OFFICE), duty_line="MANAGEMENT"),
        )

    def test_a_seat_goes_to_the_roles_other_holders(self, world: World) -> None:
        """A seat is not dropped: the stage does not pass on the others' consent alone."""
        document = world.document()
        case = world.submit(document)
        other = gain(world, colleague(world), "BRM", branch=world.branch)
        lose(world, world.brm)
        assert item_of(case, world.brm).state == ItemState.REMOVED
        assert not WorkItem.objects.waiting_for(fresh(world.brm)).exists()
        case.refresh_from_db()
        case = world.approve(case, world.bgm)
        assert world.item(case, other).stage.node_id == "both"
        case = world.approve(case, other, minutes=2)
        assert world.item(case).stage.node_id == "ceo"
        check(case, document, world)

    def test_n16_without_another_holder_the_stage_stops(self, world: World) -> None:
        case = world.submitted()
        lose(world, world.brm)
        assert OutboxMessage.objects.last().payload["event"] == "case.blocked"
        case = world.approve(Case.objects.get(pk=case.pk), world.bgm)
        blocked = Stage.objects.get(process=case, is_blocked=True)
        assert (blocked.node_id, case.state) == ("both", CaseState.IN_APPROVAL)
        successor = gain(world, colleague(world), "BRM", branch=world.branch)
        case.refresh_from_db()
        case = world.approve(case, successor, minutes=3)
        assert world.item(case).stage.node_id == "ceo"

    def test_the_administrator_gives_the_empty_seat_to_somebody(self, world: World) -> None:
        case = world.submitted()
        lose(world, world.brm)
        stage_id = Stage.objects.get(process=case, is_blocked=True).pk
        items.reassign(
            case_id=case.pk, stage_id=stage_id, actor=fresh(world.adm), now=NOW,
            recipient=fresh(world.hrm), reason="暂由总部代行",
        )  # fmt: skip
        case.refresh_from_db()
        case = world.approve(case, world.hrm)
        assert world.item(case).assignee == world.bgm
        case = world.approve(case, world.bgm, minutes=2)
        assert world.item(case).stage.node_id == "ceo"

    def test_a_committee_goes_on_with_its_other_members(self, db: None) -> None:
        rules = (by_role("RC", RoleReach.HEAD_OFFICE),)
        world = World(stage("committee", *rules, decide=DecideMode.VOTE, duty_line="COMMITTEE"))
        gone, *members = world.members
        case = world.submitted()
        lose(world, gone)
        assert item_of(case, gone).state == ItemState.REMOVED
        case.refresh_from_db()
        for who in members[:2]:
            case = world.approve(case, who)
        assert case.state == CaseState.APPROVED

    def test_a_signer_who_decides_nowhere_any_more_need_not_sign(self, world: World) -> None:
        case = world.submitted()
        ask(case, world.brm, "BEFORE", world.hrm)
        lose(world, world.hrm)
        assert item_of(case, world.hrm).state == ItemState.REMOVED
        assert item_of(case, world.brm).state == ItemState.OPEN

    def test_a_session_at_which_all_have_voted_lacks_nobody(self, world: World) -> None:
        """It waits for whoever counts the votes; the administrators have nothing to mend."""
        (hand, _other) = session(world)
        case = Case.objects.get(pk=hand.case_id)
        for member in world.committee():
            case = world.approve(case, member)
        role_changes.stop_unattended_stages(now=NOW)
        assert not Stage.objects.get(pk=hand.stage_id).is_blocked
        assert not case.events.filter(kind=EventKind.BLOCKED).exists()

    def test_another_role_that_was_lost_takes_nothing(self, world: World) -> None:
        case = world.submitted()
        gain(world, world.brm, "PLM")
        plm = world.brm.role_assignments.get(role__code="PLM")
        revoke_role(assignment=plm, actor=fresh(world.adm), now=NOW)
        assert item_of(case, world.brm).state == ItemState.OPEN

    def test_history_names_who_lost_it(self, world: World) -> None:
        case = world.submitted()
        lose(world, world.brm)
        event = case.events.get(kind=EventKind.RELEASED)
        assert (event.data["person"], event.actor) == (world.brm.name, None)
