from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

import pytest

from lending_crm.common.errors import DomainError
from staff.models import Role
from staff.services.roles import assign_role
from tests.workflows.pages import browser
from tests.workflows.world import NOW, TOY, World, at_least, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    RoleReach,
    StageAction,
)
from workflows.choices import CaseState, EventKind, ItemState
from workflows.models import ApprovalCondition, Case, Stage, WorkItem
from workflows.services import decisions, submission

pytestmark = pytest.mark.django_db


def refused_code(call: object, **values: object) -> str:
    with pytest.raises(DomainError) as refused:
        call(**values)  # type: ignore[operator]
    return refused.value.code


class TestApprove:
    def test_opens_the_next_stage(self, world: World) -> None:
        case = world.approve(world.submitted(), world.tl)
        assert world.item(case, world.brm).stage.node_id == "brm"
        done = Stage.objects.get(process=case, node_id="tl")
        assert done.outcome == "APPROVED"

    def test_ends_the_case_at_the_last_stage(self, world: World) -> None:
        document = world.document()
        case = world.submit(document)
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        document.refresh_from_db()
        assert case.state == document.wf_status == "APPROVED"
        assert case.finished is not None
        assert TOY.concluded == [("APPROVED", [], [])]
        assert not WorkItem.objects.filter(case=case, state=ItemState.OPEN).exists()

    def test_takes_the_way_of_its_amount(self, world: World) -> None:
        case = world.submitted(level=2)
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        assert case.state == CaseState.IN_APPROVAL
        assert world.item(case, world.hrm).stage.node_id == "hrm"

    def test_costs_at_most_nine_statements(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case, world.tl)
        actor = fresh(world.tl)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            decisions.approve(item_id=item.pk, actor=actor, now=NOW, opinion="同意")
        statements = [q["sql"] for q in captured if "SAVEPOINT" not in q["sql"]]
        assert len(statements) <= 9, "\n".join(statements)

    def test_wf_06_without_an_opinion(self, world: World) -> None:
        case = world.submitted()
        assert refused_code(world.approve, case=case, who=world.tl, opinion=" ") == "WF-06"

    def test_wf_27_for_a_ten_megabyte_opinion(self, world: World) -> None:
        case = world.submitted()
        text = "好" * 3_500_000
        assert refused_code(world.approve, case=case, who=world.tl, opinion=text) == "WF-27"

    def test_n2_wf_01_for_the_handler(self, world: World) -> None:
        case = world.submitted()
        call = {"item_id": world.item(case).pk, "now": NOW, "opinion": "同意"}
        assert refused_code(decisions.approve, actor=world.am, **call) == "WF-01"

    def test_wf_03_for_a_stranger(self, world: World) -> None:
        case = world.submitted()
        call = {"item_id": world.item(case).pk, "now": NOW, "opinion": "同意"}
        assert refused_code(decisions.approve, actor=fresh(world.brm), **call) == "WF-03"

    def test_n3_wf_02_for_a_second_decision_in_the_round(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case, world.tl)
        world.approve(case, world.tl)
        call = {"item_id": item.pk, "now": NOW, "opinion": "同意"}
        assert refused_code(decisions.approve, actor=fresh(world.tl), **call) == "WF-02"

    def test_wf_05_after_the_end(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case, world.tl)
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        call = {"item_id": item.pk, "now": NOW, "opinion": "同意"}
        assert refused_code(decisions.approve, actor=fresh(world.tl), **call) == "WF-05"

    def test_wf_12_for_a_page_that_is_stale(self, world: World) -> None:
        case = world.submitted()
        code = refused_code(world.approve, case=case, who=world.tl, seen_version=case.version - 1)
        assert code == "WF-12"

    def test_answers_a_retry_with_the_same_key_alike(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case, world.tl)
        call = {
            "item_id": item.pk,
            "actor": fresh(world.tl),
            "now": NOW,
            "opinion": "同意",
        }
        call |= {"idempotency_key": "once", "seen_version": case.version}
        decisions.approve(**call)
        assert decisions.approve(**call).pk == case.pk
        assert case.events.filter(kind=EventKind.APPROVED).count() == 1

    def test_refuses_a_key_that_belongs_to_another_case(self, world: World) -> None:
        first, second = world.submitted(), world.submitted()
        items = [world.item(first, world.tl), world.item(second, world.tl)]
        world.approve(first, world.tl, idempotency_key="one")
        with pytest.raises(DomainError):
            decisions.approve(
                item_id=items[1].pk, actor=fresh(world.tl), now=NOW, opinion="同意",
                idempotency_key="one", seen_version=99,
            )  # fmt: skip

    def test_n18_wf_15_when_the_exposure_has_grown(self, world: World) -> None:
        case = world.submitted(level_now=2)
        for who in (world.tl, world.brm):
            case = world.approve(case, who)
        with pytest.raises(DomainError) as refused:
            world.approve(case, world.bgm)
        assert refused.value.code == "WF-15"
        assert "500,000.00" in refused.value.message

    def test_keeps_terms_of_the_stage_that_set_them(self, world: World) -> None:
        case = world.submitted()
        for who in (world.tl, world.brm):
            case = world.approve(case, who)
        world.approve(case, world.bgm, terms={"approved_amount": "90000"})
        assert TOY.concluded == [("APPROVED", [{"approved_amount": "90000"}], [])]

    def test_refuses_terms_that_the_stage_may_not_set(self, world: World) -> None:
        case = world.submitted()
        terms = {"approved_amount": "1"}
        assert refused_code(world.approve, case=case, who=world.tl, terms=terms) == "WF-30"

    def test_keeps_conditions_for_later_documents(self, world: World) -> None:
        case = world.submitted()
        world.approve(case, world.tl, conditions=["配偶签字", " ", "配偶签字"])
        assert [c.text for c in ApprovalCondition.objects.all()] == ["配偶签字"]
        event = case.events.get(kind=EventKind.APPROVED_WITH_CONDITIONS)
        assert event.conditions == ["配偶签字"]

    def test_wf_26_without_a_condition(self, world: World) -> None:
        case = world.submitted()
        assert refused_code(world.approve, case=case, who=world.tl, conditions=[" "]) == "WF-26"

    def test_wf_18_for_an_act_that_the_stage_does_not_offer(self, db: None) -> None:
        world = World(stage("tl", by_role("TL"), actions=frozenset({StageAction.APPROVE})))
        item = world.item(world.submitted())
        call = {
            "item_id": item.pk,
            "actor": fresh(world.tl),
            "now": NOW,
            "opinion": "不符合" * 5,
        }
        assert refused_code(decisions.reject, **call) == "WF-18"


class TestWhoDecides:
    def test_story_4_the_handler_who_is_the_risk_manager(self, world: World) -> None:
        """His node goes to the general manager, whose own node goes to head office."""
        case = world.submitted(handler=world.brm)
        case = world.approve(case, world.tl)
        assert world.item(case).assignee == world.bgm
        assert world.item(case).reason["because"] == "handler"
        case = world.approve(case, world.bgm)
        item = world.item(case)
        assert (item.stage.node_id, item.assignee) == ("bgm", world.hrm)
        assert item.reason["because"] == "decided"

    def test_wf_01_on_the_direct_address(self, world: World) -> None:
        case = world.approve(world.submitted(handler=world.brm), world.tl)
        call = {"item_id": world.item(case).pk, "now": NOW, "opinion": "同意"}
        assert refused_code(decisions.approve, actor=fresh(world.brm), **call) == "WF-01"

    def test_skips_the_handler_when_others_remain_and_the_stage_says_so(self, db: None) -> None:
        world = World(
            stage(
                "hrm",
                by_role("HRM", RoleReach.HEAD_OFFICE),
                on_handler=OnHandler.SKIP_IF_OTHERS,
            )
        )
        case = world.submitted(handler=world.hrm)
        assert WorkItem.objects.waiting_for(fresh(world.hrm2)).filter(case=case).exists()
        assert not WorkItem.objects.waiting_for(fresh(world.hrm)).filter(case=case).exists()

    def test_passes_a_business_stage_of_the_same_person_as_the_systems_act(self, db: None) -> None:
        world = World(
            stage("one", by_role("TL")),
            stage("two", by_role("TL"), on_same_person=OnSamePerson.AUTO_PASS),
            stage("three", by_role("BGM")),
        )
        case = world.approve(world.submitted(), world.tl)
        event = case.events.get(kind=EventKind.AUTO_PASSED)
        assert (event.actor, event.node_id) == (None, "two")
        assert world.item(case, world.bgm).stage.node_id == "three"
        assert event.path == ["two_to_three"]

    def test_stops_and_tells_the_administrator_when_nobody_is_there(self, world: World) -> None:
        case = world.submitted()
        world.brm.is_active = False
        world.brm.save()
        case = world.approve(case, world.tl)
        blocked = Stage.objects.get(process=case, is_blocked=True)
        assert (blocked.node_id, case.state) == ("brm", CaseState.IN_APPROVAL)
        assert Case.objects.visible_to(fresh(world.adm)).get() == case

    def test_goes_to_the_superior_of_an_empty_seat_when_the_stage_says_so(self, db: None) -> None:
        world = World(stage("plm", by_role("PLM"), on_empty=OnEmpty.SUPERIOR))
        assert world.item(world.submitted()).assignee == world.tl

    def test_a_pool_follows_the_roles_of_the_moment(self, world: World) -> None:
        case = world.submitted(level=2)
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        world.hrm2.role_assignments.all().delete()
        assert not WorkItem.objects.claimable_by(fresh(world.hrm2)).exists()
        joiner = world._head("HRM")
        assert WorkItem.objects.claimable_by(fresh(joiner)).get().case == case


class TestAllMode:
    @pytest.fixture
    def world(self, db: None) -> World:
        return World(
            stage("both", by_role("BRM"), by_role("BGM"), decide=DecideMode.ALL),
            stage("ceo", by_role("CEO", RoleReach.HEAD_OFFICE)),
        )

    def test_waits_for_everybody(self, world: World) -> None:
        case = world.approve(world.submitted(), world.brm)
        assert Stage.objects.get(process=case, node_id="both").outcome == ""
        case = world.approve(case, world.bgm)
        assert world.item(case, world.ceo).stage.node_id == "ceo"

    def test_a_sisters_decision_leaves_my_page_fresh(self, world: World) -> None:
        case = world.submitted()
        seen = case.version
        world.approve(case, world.brm, seen_version=seen)
        world.approve(case, world.bgm, seen_version=seen)

    def test_one_rejection_rejects_and_keeps_who_was_asked(self, world: World) -> None:
        case = world.submitted()
        decisions.reject(
            item_id=world.item(case, world.brm).pk, actor=fresh(world.brm), now=NOW,
            opinion="负债过高,还款来源不足",
        )  # fmt: skip
        case.refresh_from_db()
        assert case.state == CaseState.REJECTED
        other = WorkItem.objects.get(assignee=world.bgm)
        assert other.state == ItemState.NOT_NEEDED


class TestReject:
    def test_ends_the_route(self, world: World) -> None:
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        decisions.reject(
            item_id=world.item(case, world.brm).pk, actor=fresh(world.brm), now=NOW,
            opinion="负债过高,还款来源不足",
        )  # fmt: skip
        document.refresh_from_db()
        assert document.wf_status == "REJECTED"
        assert TOY.concluded == [("REJECTED", [], [])]

    def test_wf_07_for_a_short_reason(self, world: World) -> None:
        item = world.item(world.submitted(), world.tl)
        call = {
            "item_id": item.pk,
            "actor": fresh(world.tl),
            "now": NOW,
            "opinion": "不行",
        }
        with pytest.raises(DomainError) as refused:
            decisions.reject(**call)
        assert refused.value.code == "WF-07"
        assert "10" in refused.value.message


class TestReturnCase:
    def give_back(self, world: World, case: Case, who: object, **values: object) -> Case:
        call = {
            "opinion": "请补充流水说明",
            "now": NOW + timedelta(minutes=5),
            **values,
        }
        item = world.item(case, who)  # type: ignore[arg-type]
        return decisions.return_case(item_id=item.pk, actor=fresh(who), **call)  # type: ignore[arg-type]

    def test_to_the_handler(self, world: World) -> None:
        document = world.document()
        case = self.give_back(world, world.submit(document), world.tl)
        document.refresh_from_db()
        assert case.state == document.wf_status == "RETURNED"
        assert world.item(case, world.am).stage.node_id == ""

    def test_straight_back_to_the_returner_without_material_change(self, world: World) -> None:
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        self.give_back(world, case, world.brm)
        world.edit(document, note="已补充")
        case = world.submit(document)
        assert world.item(case, world.brm).stage.node_id == "brm"
        event = case.events.get(kind=EventKind.RESUBMITTED)
        assert event.data["direct"] is True

    def test_straight_back_to_the_person_not_to_his_pool(self, world: World) -> None:
        colleague = world._local("BRM", superior=world.bgm)
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        self.give_back(world, case, world.brm)
        case = world.submit(document)

        assert world.item(case).assignee == world.brm
        assert not WorkItem.objects.waiting_for(fresh(colleague)).exists()

    @pytest.mark.parametrize("is_named", [False, True])
    def test_the_returner_holds_the_step_once(self, world: World, is_named: bool) -> None:
        """Also where he belongs to two of its pools, or is asked by name beside a pool."""
        role = Role.objects.get(code="HRM")
        assign_role(employee=fresh(world.brm), role=role, actor=fresh(world.adm), now=NOW)
        other = AssigneeRule(AssigneeKind.PEOPLE, people=(world.brm.pk,))
        if not is_named:
            other = by_role("HRM", RoleReach.ANYWHERE)
        risk = stage("risk", by_role("BRM"), other)
        world.publish(from_chain(Chain("r", "r", nodes=(risk,))))
        document = world.document()
        first = WorkItem.objects.filter(case=world.submit(document)).earliest("id")
        decisions.return_case(
            item_id=first.pk, actor=fresh(world.brm), now=NOW, opinion="请补充流水",
            target="handler", resumes_directly=True,
        )  # fmt: skip
        case = world.submit(document)
        own = WorkItem.objects.get(case=case, state=ItemState.OPEN, assignee=world.brm)
        case = decisions.approve(item_id=own.pk, actor=fresh(world.brm), now=NOW, opinion="同意")
        assert case.state == CaseState.APPROVED

    def test_to_the_pool_when_the_returner_left_it(self, world: World) -> None:
        colleague = world._local("BRM", superior=world.bgm)
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        self.give_back(world, case, world.brm)
        world.brm.role_assignments.all().delete()
        case = world.submit(document)

        assert world.item(case, colleague).assignee is None

    def test_over_the_whole_chain_again_after_a_material_change(self, world: World) -> None:
        document = world.document()
        case = world.approve(world.submit(document), world.tl)
        self.give_back(world, case, world.brm)
        world.edit(document, amount="200000.00")
        case = world.submit(document)
        assert world.item(case, world.tl).stage.node_id == "tl"
        assert case.events.get(kind=EventKind.RESUBMITTED).data["material_changes"] == ["amount"]

    def test_to_a_stage_that_decided_and_it_decides_again(self, world: World) -> None:
        case = world.submitted()
        for who in (world.tl, world.brm):
            case = world.approve(case, who)
        case = self.give_back(world, case, world.bgm, target="tl")
        item = world.item(case, world.tl)
        assert (case.state, item.round, item.state) == (
            CaseState.IN_APPROVAL,
            2,
            ItemState.OPEN,
        )
        case = world.approve(case, world.tl)
        assert world.item(case, world.brm).stage.node_id == "brm"

    def test_to_the_previous_stage(self, world: World) -> None:
        case = world.submitted()
        for who in (world.tl, world.brm):
            case = world.approve(case, who)
        case = self.give_back(world, case, world.bgm, target="previous")
        assert world.item(case, world.brm).stage.node_id == "brm"

    def test_wf_19_for_a_stage_that_has_not_decided(self, world: World) -> None:
        case = world.submitted()
        for target in ("hrm", "nowhere", "tl"):
            with pytest.raises(DomainError) as refused:
                self.give_back(world, case, world.tl, target=target)
            assert refused.value.code == "WF-19"

    def test_the_running_case_stays_on_its_version(self, world: World) -> None:
        """N17: a direct resubmission goes on under the version of its submission."""
        case = world.approve(world.submitted(), world.tl)
        assert case.flow_version == world.version


class TestVote:
    @pytest.fixture
    def case(self, world: World) -> Case:
        world.committee()
        case = world.submitted(level=3)
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        from workflows.services import items

        items.claim(item_id=world.item(case, world.hrm).pk, actor=fresh(world.hrm), now=NOW)
        return world.approve(case, world.hrm)

    def vote(self, world: World, case: Case, who: object, yes: bool) -> Case:
        item = world.item(case, who)  # type: ignore[arg-type]
        call = {"item_id": item.pk, "actor": fresh(who), "now": NOW}  # type: ignore[arg-type]
        if yes:
            return decisions.approve(opinion="同意", **call)
        return decisions.reject(opinion="风险敞口过大,不同意放款", **call)

    def close(self, world: World, case: Case, who: object, **values: object) -> Case:
        item = WorkItem.objects.filter(case=case, stage__node_id="committee").first()
        return decisions.close_vote(item_id=item.pk, actor=fresh(who), now=NOW, **values)  # type: ignore[union-attr,arg-type]

    def test_asks_every_member(self, world: World, case: Case) -> None:
        asked = WorkItem.objects.filter(case=case, stage__node_id="committee")
        assert {i.assignee for i in asked} == set(world.committee())

    def test_passes_early_when_it_is_certain(self, world: World, case: Case) -> None:
        for member in world.members[:3]:
            case = self.vote(world, case, member, yes=True)
        assert case.state == CaseState.IN_APPROVAL  # the chair has not voted
        case = self.vote(world, case, world.chair, yes=True)
        assert case.state == CaseState.APPROVED
        silent = WorkItem.objects.get(case=case, assignee=world.members[3])
        assert silent.state == ItemState.NOT_NEEDED

    def test_one_rejection_does_not_end_it(self, world: World, case: Case) -> None:
        case = self.vote(world, case, world.members[0], yes=False)
        assert case.state == CaseState.IN_APPROVAL

    def test_is_rejected_early_when_it_is_certain(self, world: World, case: Case) -> None:
        for member in world.members[:2]:
            case = self.vote(world, case, member, yes=False)
        assert case.state == CaseState.REJECTED

    def test_the_chair_may_veto_a_pass(self, world: World, case: Case) -> None:
        for member in world.members[:3]:
            case = self.vote(world, case, member, yes=True)
        case = self.vote(world, case, world.chair, yes=False)
        assert case.state == CaseState.REJECTED

    def test_rcm_01_without_a_quorum(self, world: World, case: Case) -> None:
        for who in (*world.members[:2], world.chair):
            case = self.vote(world, case, who, yes=True)
        with pytest.raises(DomainError) as refused:
            self.close(world, case, world.chair)
        assert refused.value.code == "RCM-01"
        assert "4" in refused.value.message

    def test_wf_25_before_the_veto_holder_has_voted(self, world: World, case: Case) -> None:
        for member in world.members:
            case = self.vote(world, case, member, yes=True)
        with pytest.raises(DomainError) as refused:
            self.close(world, case, world.secretary)
        assert refused.value.code == "WF-25"
        assert Case.objects.get(pk=case.pk).state == CaseState.IN_APPROVAL

    def test_story_2_three_of_four_present_pass(self, world: World, case: Case) -> None:
        case = self.vote(world, case, world.members[0], yes=False)
        for who in (*world.members[1:3], world.chair):
            case = self.vote(world, case, who, yes=True)
        assert case.state == CaseState.IN_APPROVAL
        case = self.close(world, case, world.secretary)
        assert case.state == CaseState.APPROVED
        event = case.events.get(kind=EventKind.VOTE_CLOSED)
        assert (event.data["approving"], event.data["voted"]) == (3, 4)

    def test_a_vote_closed_by_hand_names_who_closed_it_and_only_once(
        self, world: World, case: Case
    ) -> None:
        for who in (*world.members[1:3], world.chair):
            case = self.vote(world, case, who, yes=True)
        case = self.vote(world, case, world.members[0], yes=False)
        for _ in range(2):
            case = self.close(world, case, world.secretary, idempotency_key="gavel-1")
        event = case.events.get(kind=EventKind.VOTE_CLOSED)
        assert event.actor == world.secretary

    def test_the_secretary_sees_what_came_to_the_committee(self, world: World, case: Case) -> None:
        other = world.submitted()
        seen = Case.objects.visible_to(fresh(world.secretary))
        assert case in seen
        assert other not in seen

    def test_only_chair_or_secretary_close(self, world: World, case: Case) -> None:
        with pytest.raises(DomainError) as refused:
            self.close(world, case, world.members[0])
        assert refused.value.code == "WF-03"

    def test_n2_nobody_closes_the_vote_on_his_own_document(self, world: World, case: Case) -> None:
        Case.objects.filter(pk=case.pk).update(creator=world.secretary)
        with pytest.raises(DomainError) as refused:
            self.close(world, case, world.secretary)
        assert refused.value.code == "WF-01"
        page = browser(world.secretary).get(f"/cases/{case.pk}/")
        assert "close_vote" not in page.content.decode()

    def test_the_handlers_correction_is_no_vote(self, world: World) -> None:
        case = world.submitted()
        submission.withdraw_case(case_id=case.pk, actor=case.handler, now=NOW, reason="资料有误")
        correction = WorkItem.objects.get(case=case, state=ItemState.OPEN)
        call = {"item_id": correction.pk, "actor": fresh(world.am), "now": NOW}
        assert refused_code(decisions.close_vote, **call) == "WF-03"

    def test_n19_the_handler_has_no_seat(self, db: None) -> None:
        rules = (
            by_role("RC", RoleReach.HEAD_OFFICE),
            by_role("RCC", RoleReach.HEAD_OFFICE),
        )
        world = World(stage("committee", *rules, decide=DecideMode.VOTE))
        handler = world.committee()[0]
        asked = WorkItem.objects.filter(case=world.submitted(handler=handler))
        assert {i.assignee for i in asked} == {*world.members[1:], world.chair}


class TestUnconditionalPath:
    def test_conditions_are_inclusive_at_the_limit(self, db: None) -> None:
        world = World(
            stage("tl", by_role("TL")),
            stage(
                "ceo",
                by_role("CEO", RoleReach.HEAD_OFFICE),
                when=at_least("amount", 500000),
            ),
        )
        case = world.approve(world.submitted(amount="500000.00"), world.tl)
        assert world.item(case, world.ceo).stage.node_id == "ceo"
        case = world.approve(world.submitted(amount="499999.99"), world.tl)
        assert case.state == CaseState.APPROVED
