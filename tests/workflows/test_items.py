from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import override

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from staff.models import Role
from staff.services.roles import assign_role, revoke_role
from tests.workflows.invariants import check
from tests.workflows.pages import browser, buttons
from tests.workflows.random_routes import side_by_side
from tests.workflows.test_case_page import in_committee
from tests.workflows.world import NOW, TOY, World, at_least, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import DecideMode, OnSamePerson, RoleReach
from workflows.choices import CaseState, EventKind, ItemState
from workflows.definitions import definition_of
from workflows.models import ApprovalCondition, Case, Stage, WorkItem
from workflows.screens.diagram import case_marks
from workflows.screens.reasons import why_me
from workflows.services import decisions, items
from workflows.services.recusals import review_recusals

pytestmark = pytest.mark.django_db


def refused_code(call: Any, **values: Any) -> str:
    with pytest.raises(DomainError) as refused:
        call(now=NOW, **values)
    return refused.value.code


def marks(case: Case) -> dict[str, Any]:
    """What the diagram of the case shows now."""
    case = Case.objects.get(pk=case.pk)
    found = list(case.items.select_related("stage", "assignee", "decided_by"))
    return case_marks(case, found, definition_of(case.flow_version_id), now=NOW)


@pytest.fixture
def pooled(world: World) -> Case:
    """A case that waits in head-office risk control's pool."""
    case = world.submitted(level=2)
    for who in (world.tl, world.brm, world.bgm):
        case = world.approve(case, who)
    return case


class TestClaim:
    def test_takes_the_item_from_the_pool(self, world: World, pooled: Case) -> None:
        item = world.item(pooled, world.hrm)
        items.claim(item_id=item.pk, actor=fresh(world.hrm), now=NOW)
        assert not WorkItem.objects.claimable_by(fresh(world.hrm2)).exists()
        assert WorkItem.objects.waiting_for(fresh(world.hrm)).get() == item

    def test_wf_24_to_decide_without_claiming(self, world: World, pooled: Case) -> None:
        with pytest.raises(DomainError) as refused:
            world.approve(pooled, world.hrm)
        assert refused.value.code == "WF-24"

    def test_wf_23_names_who_was_faster(self, world: World, pooled: Case) -> None:
        item = world.item(pooled, world.hrm)
        items.claim(item_id=item.pk, actor=fresh(world.hrm), now=NOW)
        with pytest.raises(DomainError) as refused:
            items.claim(item_id=item.pk, actor=fresh(world.hrm2), now=NOW)
        assert refused.value.code == "WF-23"
        assert world.hrm.name in refused.value.message

    def test_wf_03_for_who_is_not_in_the_pool(self, world: World, pooled: Case) -> None:
        item = world.item(pooled, world.hrm)
        assert refused_code(items.claim, item_id=item.pk, actor=fresh(world.ceo)) == "WF-03"

    def test_who_lost_the_role_loses_the_claimed_item(self, world: World, pooled: Case) -> None:
        item = world.item(pooled, world.hrm2)
        items.claim(item_id=item.pk, actor=fresh(world.hrm2), now=NOW)
        world.hrm2.role_assignments.all().delete()
        assert not WorkItem.objects.waiting_for(fresh(world.hrm2)).exists()
        call = {"item_id": item.pk, "actor": fresh(world.hrm2), "opinion": "同意"}
        from workflows.services.decisions import approve

        assert refused_code(approve, **call) == "WF-03"

    def test_of_a_second_pool_changes_nothing_for_who_holds_the_step(self, db: None) -> None:
        pools = (by_role("TL", RoleReach.DEPARTMENT), by_role("TL", RoleReach.ANYWHERE))
        world = World(stage("one", *pools, claim_required=True))
        case = world.submitted()
        for item in WorkItem.objects.filter(case=case).order_by("id"):
            items.claim(item_id=item.pk, actor=fresh(world.tl), now=NOW)
        assert [i.assignee for i in WorkItem.objects.order_by("id")] == [world.tl, None]
        assert case.events.filter(kind=EventKind.CLAIMED).count() == 1


class TestReleaseLostItems:
    def test_the_pool_gets_back_what_a_leaver_had_claimed(self, world: World, pooled: Case) -> None:
        item = world.item(pooled, world.hrm2)
        items.claim(item_id=item.pk, actor=fresh(world.hrm2), now=NOW)
        assignment = world.hrm2.role_assignments.get()
        revoke_role(assignment=assignment, actor=fresh(world.adm), now=NOW)
        assert WorkItem.objects.claimable_by(fresh(world.hrm)).get() == item
        assert pooled.events.last().kind == EventKind.RELEASED

    def test_a_pool_without_anybody_left_stops_and_tells_the_administrators(
        self, world: World
    ) -> None:
        case = world.approve(world.submitted(), world.tl)
        assignment = world.brm.role_assignments.get()
        revoke_role(assignment=assignment, actor=fresh(world.adm), now=NOW)
        assert Stage.objects.get(process=case, is_blocked=True).node_id == "brm"
        assert case.events.last().kind == EventKind.BLOCKED
        assert Case.objects.visible_to(fresh(world.adm)).get() == case
        assert OutboxMessage.objects.last().payload["event"] == "case.blocked"

    def test_whoever_gets_the_role_then_goes_on_with_the_case(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        assignment = world.brm.role_assignments.get()
        revoke_role(assignment=assignment, actor=fresh(world.adm), now=NOW)
        successor = world._local("BRM")
        case = world.approve(case, successor)
        assert not Stage.objects.filter(is_blocked=True).exists()
        assert world.item(case, world.bgm).stage.node_id == "bgm"

    def test_a_pool_with_others_goes_on(self, world: World, pooled: Case) -> None:
        assignment = world.hrm2.role_assignments.get()
        revoke_role(assignment=assignment, actor=fresh(world.adm), now=NOW)
        assert not Stage.objects.filter(is_blocked=True).exists()


class TestRelease:
    def test_gives_the_item_back(self, world: World, pooled: Case) -> None:
        item = world.item(pooled, world.hrm)
        items.claim(item_id=item.pk, actor=fresh(world.hrm), now=NOW)
        items.release(item_id=item.pk, actor=fresh(world.hrm), now=NOW)
        assert WorkItem.objects.claimable_by(fresh(world.hrm2)).get() == item

    def test_is_for_who_holds_it(self, world: World, pooled: Case) -> None:
        item = world.item(pooled, world.hrm)
        assert refused_code(items.release, item_id=item.pk, actor=fresh(world.hrm)) == "WF-03"


class TestTransfer:
    def transfer(self, world: World, case: Case, to: Any, who: Any = None, **values: Any) -> Case:
        who = who or world.tl
        values.setdefault("reason", "出差")
        return items.transfer(
            item_id=world.item(case, who).pk,
            actor=fresh(who),
            now=NOW,
            recipient=to,
            **values,
        )

    def test_gives_the_item_away_and_keeps_the_owners(self, world: World) -> None:
        case = self.transfer(world, world.submitted(), world.bgm)
        item = world.item(case)
        assert (item.assignee, item.owners[-1]) == (world.bgm, world.bgm.pk)
        old = WorkItem.objects.get(case=case, state=ItemState.TRANSFERRED)
        assert old.stage == item.stage
        assert case.events.get(kind=EventKind.TRANSFERRED).data["recipient"] == world.bgm.name

    def test_does_not_tell_the_recipient_of_a_role_that_he_does_not_hold(
        self, world: World
    ) -> None:
        case = self.transfer(world, world.submitted(), world.bgm)
        with override("en"):
            assert why_me(world.item(case)) == f"{world.tl.name} transferred it to you."

    def test_wf_14_never_to_the_handler(self, world: World) -> None:
        case = world.submitted()
        with pytest.raises(DomainError) as refused:
            self.transfer(world, case, world.am)
        assert refused.value.code == "WF-14"

    def test_stays_within_its_duty_line(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        colleague = world._local("TL")
        with pytest.raises(DomainError) as refused:
            self.transfer(world, case, colleague, world.brm)
        assert refused.value.code == "WF-20"

    def test_never_to_who_decided_in_this_round(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        case = world.approve(case, world.brm)
        second_tl = world.tl
        with pytest.raises(DomainError) as refused:
            self.transfer(world, case, second_tl, world.bgm)
        assert refused.value.code == "WF-20"

    def test_needs_a_reason(self, world: World) -> None:
        case = world.submitted()
        with pytest.raises(DomainError) as refused:
            self.transfer(world, case, world.bgm, reason="")
        assert refused.value.code == "WF-07"


class TestReassign:
    def test_wakes_a_stage_without_people(self, world: World) -> None:
        case = world.submitted()
        world.brm.is_active = False
        world.brm.save()
        case = world.approve(case, world.tl)
        blocked = Stage.objects.get(process=case, is_blocked=True)
        call = {"case_id": case.pk, "stage_id": blocked.pk, "now": NOW, "reason": "风控经理离职"}
        items.reassign(actor=fresh(world.adm), recipient=world.hrm, **call)
        assert world.item(case).assignee == world.hrm
        assert not Stage.objects.filter(is_blocked=True).exists()
        case = world.approve(case, world.hrm)
        assert world.item(case, world.bgm).stage.node_id == "bgm"

    def test_what_it_took_away_stays_away_after_a_take_back(self, db: None) -> None:
        rules = (by_role("BRM"), by_role("BGM"))
        world = World(stage("both", *rules, decide=DecideMode.ALL, duty_line="RISK"),
                      stage("ceo", by_role("CEO", RoleReach.HEAD_OFFICE)))  # fmt: skip
        case = world.submitted()
        stage_id = Stage.objects.get(process=case, node_id="both").pk
        call = {"case_id": case.pk, "actor": fresh(world.adm), "now": NOW, "reason": "改派"}
        items.reassign(stage_id=stage_id, recipient=world.hrm, **call)
        items.reassign(stage_id=stage_id, recipient=world.bgm, **call)
        case = world.approve(case, world.bgm)
        item = WorkItem.objects.get(case=case, decided_by=world.bgm)
        items.take_back(item_id=item.pk, actor=fresh(world.bgm), now=NOW)
        assert world.item(case) == item

    def test_wf_31_for_everybody_else(self, world: World) -> None:
        case = world.submitted()
        stage_id = Stage.objects.get(process=case, node_id="tl").pk
        call = {"case_id": case.pk, "stage_id": stage_id, "recipient": world.bgm, "reason": "改派"}
        assert refused_code(items.reassign, actor=fresh(world.bgm), **call) == "WF-31"

    def test_not_a_stage_of_another_case(self, world: World) -> None:
        case, other = world.submitted(), world.submitted()
        foreign = Stage.objects.get(process=other, node_id="tl")
        call = {"case_id": case.pk, "stage_id": foreign.pk, "recipient": world.bgm}
        code = refused_code(items.reassign, actor=fresh(world.adm), reason="改派", **call)
        assert code == "WF-12"

    def test_n2_never_to_the_handler(self, world: World) -> None:
        case = world.submitted()
        stage_id = Stage.objects.get(process=case, node_id="tl").pk
        call = {"case_id": case.pk, "stage_id": stage_id, "recipient": world.am, "reason": "改派"}
        assert refused_code(items.reassign, actor=fresh(world.adm), **call) == "WF-14"

    def test_wf_43_not_on_his_own_case(self, world: World) -> None:
        assign_role(
            employee=world.am, role=Role.objects.get(code="ADM"), actor=fresh(world.adm), now=NOW
        )
        case = world.submitted()
        stage_id = Stage.objects.get(process=case, node_id="tl").pk
        call = {"case_id": case.pk, "stage_id": stage_id, "recipient": world.bgm, "reason": "改派"}
        assert refused_code(items.reassign, actor=fresh(world.am), **call) == "WF-43"

    def test_wf_12_in_a_stale_tab(self, world: World) -> None:
        case = world.submitted()
        stage_id = Stage.objects.get(process=case, node_id="tl").pk
        call = {"case_id": case.pk, "stage_id": stage_id, "reason": "改派"}
        call |= {"actor": fresh(world.adm), "seen_version": case.version, "now": NOW}
        items.reassign(recipient=world.bgm, **call)
        with pytest.raises(DomainError) as refused:
            items.reassign(recipient=world.hrm, **call)
        assert refused.value.code == "WF-12"


class TestTakeBackOfBallots:
    @pytest.mark.parametrize("decide", [decisions.abstain, decisions.reject])
    def test_any_ballot_while_the_vote_is_open(self, world: World, decide: Any) -> None:
        world.committee()
        case = in_committee(world)
        voter = world.members[0]
        item = world.item(case, voter)
        decide(item_id=item.pk, actor=fresh(voter), now=NOW, opinion="还款来源依据不足,不宜同意")
        items.take_back(item_id=item.pk, actor=fresh(voter), now=NOW)
        assert world.item(case, voter).decision == ""


class TestTakeBack:
    def take_back(self, case: Case, who: Any) -> Case:
        item = WorkItem.objects.get(case=case, decided_by=who)
        return items.take_back(item_id=item.pk, actor=fresh(who), now=NOW + timedelta(minutes=9))

    def test_opens_the_stage_again(self, world: World) -> None:
        case = self.take_back(world.approve(world.submitted(), world.tl), world.tl)
        assert world.item(case, world.tl).stage.node_id == "tl"
        assert not WorkItem.objects.waiting_for(fresh(world.brm)).exists()
        assert Stage.objects.get(process=case, node_id="brm").outcome == "CLOSED"

    def test_can_decide_anew_in_the_same_round(self, world: World) -> None:
        case = self.take_back(world.approve(world.submitted(), world.tl), world.tl)
        case = world.approve(case, world.tl, minutes=12)
        assert world.item(case, world.brm).stage.node_id == "brm"
        assert case.state == CaseState.IN_APPROVAL

    def test_takes_its_conditions_along(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl, conditions=["补签"])
        self.take_back(case, world.tl)
        assert ApprovalCondition.objects.get().revoked_at is not None

    def test_wf_21_when_the_next_stage_has_acted(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        case = world.approve(case, world.brm)
        with pytest.raises(DomainError) as refused:
            self.take_back(case, world.tl)
        assert refused.value.code == "WF-21"

    def test_wf_21_after_the_end(self, world: World) -> None:
        case = world.submitted()
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        with pytest.raises(DomainError) as refused:
            self.take_back(case, world.bgm)
        assert refused.value.code == "WF-21"

    def test_a_vote_while_the_vote_is_open(self, db: None) -> None:
        rules = (by_role("RC", RoleReach.HEAD_OFFICE),)
        world = World(stage("committee", *rules, decide=DecideMode.VOTE))
        members = world.members
        case = world.approve(world.submitted(), members[0])
        case = self.take_back(case, members[0])
        assert world.item(case, members[0]).state == ItemState.OPEN

    def test_what_had_passed_by_itself_behind_it_has_not(self, world: World) -> None:
        tl, department = by_role("TL", RoleReach.DEPARTMENT), RoleReach.DEPARTMENT
        again = stage("again", by_role("TL", department), on_same_person=OnSamePerson.AUTO_PASS)
        nodes = (stage("tl", tl), again, stage("brm", by_role("BRM"), duty_line="RISK"))
        world.publish(from_chain(Chain("toy_route", "玩具流程", nodes=nodes)))
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        for _ in range(2):
            assert marks(case)["taken"] == ["again_to_brm", "start_to_tl", "tl_to_again"]
            case = self.take_back(case, world.tl)
            shown = marks(case)
            assert shown["taken"] == ["start_to_tl"]
            assert set(shown["nodes"]) == {"tl"}
            check(case, document, world)
            case = world.approve(case, world.tl, minutes=12)

    def test_the_way_is_left_whoever_of_a_countersign_had_opened_it(self, db: None) -> None:
        both = stage("both", by_role("BRM"), by_role("BGM"), decide=DecideMode.ALL)
        world = World(both, stage("last", by_role("CEO", RoleReach.HEAD_OFFICE)))
        case = world.approve(world.submitted(), world.brm)
        case = world.approve(case, world.bgm)
        assert "both_to_last" in marks(case)["taken"]
        assert "both_to_last" not in marks(self.take_back(case, world.brm))["taken"]

    @pytest.mark.parametrize("held", ["pool", "claimed", "seat"])
    def test_wf_03_for_who_has_lost_the_role_since(self, db: None, held: str) -> None:
        """The item would come back to somebody who can neither decide nor give it away."""
        decide = DecideMode.ALL if held == "seat" else DecideMode.ANY
        first = stage("tl", by_role("TL"), claim_required=held == "claimed", decide=decide)
        world = World(first, stage("brm", by_role("BRM"), duty_line="RISK"))
        case = world.submitted()
        if held == "claimed":
            items.claim(item_id=world.item(case, world.tl).pk, actor=fresh(world.tl), now=NOW)
        case = world.approve(case, world.tl)
        page = f"/cases/{case.pk}/"
        assert "take_back" in buttons(browser(world.tl).get(page))
        revoke_role(assignment=world.tl.role_assignments.get(), actor=fresh(world.adm), now=NOW)
        with pytest.raises(DomainError) as refused:
            self.take_back(case, world.tl)
        assert refused.value.code == "WF-03"
        assert "take_back" not in buttons(browser(world.tl).get(page))
        assert world.item(case, world.brm).stage.node_id == "brm"

    def test_wf_17_for_who_has_to_abstain_since(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        TOY.related[world.tl.pk] = "is a related party of the customer"
        try:
            review_recusals(case_id=case.pk, now=NOW)
        finally:
            TOY.related.clear()
        with pytest.raises(DomainError) as refused:
            self.take_back(case, world.tl)
        assert refused.value.code == "WF-17"
        assert "take_back" not in buttons(browser(world.tl).get(f"/cases/{case.pk}/"))


class TestBranches:
    """Two stages side by side, and one behind the join."""

    @pytest.fixture
    def world(self, db: None) -> World:
        world = World()
        nodes = (
            stage("tl", by_role("TL")),
            stage("brm", by_role("BRM"), duty_line="RISK"),
            stage("hrm", by_role("HRM", RoleReach.HEAD_OFFICE), duty_line="RISK"),
            stage("ceo", by_role("CEO", RoleReach.HEAD_OFFICE)),
        )
        chain = from_chain(Chain("toy_route", "玩具流程", nodes=nodes))
        world.publish(side_by_side(chain, "brm", "hrm"))
        return world

    @pytest.fixture
    def case(self, world: World) -> Case:
        return world.approve(world.submitted(), world.tl)

    def open_nodes(self, case: Case) -> set[str]:
        return {item.stage.node_id for item in WorkItem.objects.filter(case=case, state="OPEN")}

    def test_both_must_approve(self, world: World, case: Case) -> None:
        assert self.open_nodes(case) == {"brm", "hrm"}
        case = world.approve(case, world.brm)
        assert self.open_nodes(case) == {"hrm"}
        case = world.approve(case, world.hrm)
        assert self.open_nodes(case) == {"ceo"}

    def test_a_take_back_leaves_the_sister_alone(self, world: World, case: Case) -> None:
        case = world.approve(case, world.brm)
        item = WorkItem.objects.get(case=case, decided_by=world.brm)
        case = items.take_back(item_id=item.pk, actor=fresh(world.brm), now=NOW)
        assert self.open_nodes(case) == {"brm", "hrm"}
        for who in (world.brm, world.hrm):
            case = world.approve(case, who)
        assert self.open_nodes(case) == {"ceo"}

    def test_a_take_back_after_the_join_leaves_the_sisters_approval(
        self, world: World, case: Case
    ) -> None:
        for who in (world.brm, world.hrm):
            case = world.approve(case, who)
        item = WorkItem.objects.get(case=case, decided_by=world.brm)
        case = items.take_back(item_id=item.pk, actor=fresh(world.brm), now=NOW)
        assert self.open_nodes(case) == {"brm"}
        assert ["join", "hrm_to_join"] in case.tokens
        case = world.approve(case, world.brm)
        assert self.open_nodes(case) == {"ceo"}

    def test_both_sisters_may_be_taken_back_one_after_the_other(
        self, world: World, case: Case
    ) -> None:
        for who in (world.brm, world.hrm):
            case = world.approve(case, who)
        for who in (world.brm, world.hrm):
            item = WorkItem.objects.get(case=case, decided_by=who)
            case = items.take_back(item_id=item.pk, actor=fresh(who), now=NOW)
        assert self.open_nodes(case) == {"brm", "hrm"}
        assert sorted(case.tokens) == [["brm", ""], ["hrm", ""]]

    def test_wf_21_when_the_step_behind_the_join_has_acted(self, world: World, case: Case) -> None:
        for who in (world.brm, world.hrm):
            case = world.approve(case, who)
        decisions.return_case(
            item_id=world.item(case, world.ceo).pk, actor=fresh(world.ceo), now=NOW,
            opinion="请核实抵押物", target="tl",
        )  # fmt: skip
        item = WorkItem.objects.get(case=case, decided_by=world.brm)
        call = {"item_id": item.pk, "actor": fresh(world.brm)}
        assert refused_code(items.take_back, **call) == "WF-21"

    def test_who_returned_the_case_is_asked_again(self, world: World, case: Case) -> None:
        case = world.approve(case, world.brm)
        decisions.return_case(
            item_id=world.item(case, world.hrm).pk, actor=fresh(world.hrm), now=NOW,
            opinion="请核实抵押物", target="brm",
        )  # fmt: skip
        case.refresh_from_db()
        assert self.open_nodes(case) == {"brm", "hrm"}


class TestParallelReadiness:
    def test_conditional_stage_is_asked_only_when_it_holds(self, db: None) -> None:
        world = World(
            stage("tl", by_role("TL")),
            stage("bgm", by_role("BGM"), when=at_least("level", 5)),
        )
        case = world.approve(world.submitted(), world.tl)
        assert case.state == CaseState.APPROVED
