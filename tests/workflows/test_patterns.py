"""The workflow control-flow patterns, each as a BPMN route that the engine runs.

The numbers are van der Aalst's. ``docs/reference/patterns.md`` says of each which test shows
it, or why approvals do not need it; ``TestReference`` holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings

import pytest

from tests.workflows.pages import browser, listed
from tests.workflows.world import ALL_ACTIONS, NOW, TOY, World, by_role, fresh
from workflows.bpmn.answers import LAST_ANSWER
from workflows.bpmn.checks import check
from workflows.bpmn.conditions import Comparison, Condition, Operator
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    Definition,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    OnSamePerson,
    RoleReach,
    SequenceFlow,
    Stage,
    StageSettings,
    StartEvent,
    VoteSettings,
)
from workflows.choices import CaseState, ItemState
from workflows.definitions import definition_of
from workflows.models import Case, WorkItem
from workflows.services import administration, decisions, items, signers, submission

pytestmark = pytest.mark.django_db

AND, OR, XOR = GatewayKind.PARALLEL, GatewayKind.INCLUSIVE, GatewayKind.EXCLUSIVE
REASON = "负债过高,不符合准入条件"
NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14, 15, 16, 19, 20, 26, 27, 28, 29, 34, 35, 36)


def level(least: int) -> Comparison:
    return Comparison("level", Operator.GE, least)


class Lender(World):
    """Every stage has a person of its own, whose name is that of the stage."""

    def stage(self, node_id: str, *who: str, **values: Any) -> Stage:
        if "assignees" not in values:
            people = tuple(getattr(self, name).pk for name in who or (node_id,))
            values["assignees"] = (AssigneeRule(AssigneeKind.PEOPLE, people=people),)
        settings = StageSettings(actions=ALL_ACTIONS, duty_line="MANAGEMENT", **values)
        return Stage(node_id, node_id, node_id, settings)

    def take(
        self,
        *flows: str,
        gateways: Mapping[str, GatewayKind] | None = None,
        when: Mapping[str, Condition] | None = None,
        default: Mapping[str, str] | None = None,
        stages: tuple[Stage, ...] = (),
        findings: tuple[str, ...] = (),
        ends: Mapping[str, EndKind] | None = None,
    ) -> Definition:
        """Publish the route of 'source target' flows; it goes over BPMN and back."""
        pairs = [tuple(flow.split()) for flow in flows]
        elements: dict[str, Any] = {stage.id: stage for stage in stages}
        for node_id in dict.fromkeys(node for pair in pairs for node in pair):
            if node_id == "start":
                elements[node_id] = StartEvent("start")
            elif node_id.startswith("end"):
                kind = (ends or {}).get(node_id, EndKind.APPROVED)
                elements[node_id] = EndEvent(node_id, kind=kind)
            elif node_id in (gateways or {}):
                way = (default or {}).get(node_id)
                flow_id = f"{node_id}_to_{way}" if way else None
                elements[node_id] = Gateway(
                    node_id, kind=(gateways or {})[node_id], default=flow_id
                )
            elif node_id not in elements:
                elements[node_id] = self.stage(node_id)
        found = {
            f"{a}_to_{b}": SequenceFlow(f"{a}_to_{b}", a, b, condition=(when or {}).get(f"{a} {b}"))
            for a, b in pairs
        }
        definition = Definition("toy_route", "玩具流程", elements, found)
        codes = tuple(f.code for f in check(definition, facts=TOY.condition_facts) if f.is_error)
        assert codes == findings
        self.publish(definition)
        assert set(definition_of(self.version.pk).elements) == set(elements)
        return definition

    def goes(self, case: Case, *who: str) -> Case:
        for name in who:
            case = self.approve(case, getattr(self, name))
        return case


@pytest.fixture
def world(db: None) -> Lender:
    return Lender()


def at(case: Case) -> set[str]:
    """Where the case waits."""
    waiting = WorkItem.objects.filter(case=case, state=ItemState.OPEN)
    return set(waiting.values_list("stage__node_id", flat=True))


def taken(case: Case) -> list[str]:
    return [flow for event in case.events.order_by("sequence") for flow in event.path]


class TestBasicControlFlow:
    def test_p01_sequence(self, world: Lender) -> None:
        world.take("start tl", "tl brm", "brm end")
        case = world.submitted()
        assert at(case) == {"tl"}
        assert at(world.goes(case, "tl")) == {"brm"}
        assert world.goes(case, "brm").state == CaseState.APPROVED
        assert taken(case) == ["start_to_tl", "tl_to_brm", "brm_to_end"]

    def fork(self, world: Lender, kind: GatewayKind = AND, **values: Any) -> None:
        world.take(
            "start split", "split brm", "split bgm", "brm join", "bgm join", "join ceo", "ceo end",
            gateways={"split": kind, "join": kind}, **values,
        )  # fmt: skip

    def test_p02_parallel_split(self, world: Lender) -> None:
        self.fork(world)
        case = world.submitted()
        assert at(case) == {"brm", "bgm"}
        for who in (world.brm, world.bgm):
            assert WorkItem.objects.waiting_for(fresh(who)).get().case == case

    @pytest.mark.parametrize("order", [("brm", "bgm"), ("bgm", "brm")])
    def test_p03_synchronization(self, world: Lender, order: tuple[str, str]) -> None:
        self.fork(world)
        case = world.goes(world.submitted(), order[0])
        assert at(case) == {order[1]}
        assert at(world.goes(case, order[1])) == {"ceo"}

    @pytest.mark.parametrize(("given", "expected"), [(1, {"bgm"}), (2, {"brm"})])
    def test_p04_exclusive_choice(self, world: Lender, given: int, expected: set[str]) -> None:
        self.fork(world, XOR, when={"split brm": level(2)}, default={"split": "bgm"})
        assert at(world.submitted(level=given)) == expected

    @pytest.mark.parametrize(("given", "way"), [(1, "bgm"), (2, "brm")])
    def test_p05_simple_merge(self, world: Lender, given: int, way: str) -> None:
        self.fork(world, XOR, when={"split brm": level(2)}, default={"split": "bgm"})
        case = world.goes(world.submitted(level=given), way)
        assert at(case) == {"ceo"}
        assert world.goes(case, "ceo").state == CaseState.APPROVED


class TestBranchingAndSynchronization:
    def choose(self, world: Lender) -> None:
        world.take(
            "start split", "split tl", "split brm", "split bgm", "tl join", "brm join", "bgm join",
            "join ceo", "ceo end",
            gateways={"split": OR, "join": OR}, default={"split": "tl"},
            when={"split brm": level(2), "split bgm": level(3)},
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("given", "expected"), [(1, {"tl"}), (2, {"brm"}), (3, {"brm", "bgm"})]
    )
    def test_p06_multi_choice(self, world: Lender, given: int, expected: set[str]) -> None:
        self.choose(world)
        assert at(world.submitted(level=given)) == expected

    @pytest.mark.parametrize(("given", "ways"), [(1, ["tl"]), (2, ["brm"]), (3, ["brm", "bgm"])])
    def test_p07_structured_synchronizing_merge(
        self, world: Lender, given: int, ways: list[str]
    ) -> None:
        self.choose(world)
        case = world.submitted(level=given)
        for number, way in enumerate(ways, start=1):
            case = world.goes(case, way)
            assert (at(case) == {"ceo"}) == (number == len(ways))

    def test_p08_multi_merge_is_refused(self, world: Lender) -> None:
        world.take(
            "start split", "split brm", "split bgm", "brm merge", "bgm merge", "merge ceo",
            "ceo end", gateways={"split": AND, "merge": XOR}, findings=("reached-twice",),
        )  # fmt: skip

    def test_p28_blocking_discriminator_is_a_race_within_one_stage(self, world: Lender) -> None:
        world.take("start both", "both end", stages=(world.stage("both", "brm", "bgm"),))
        case = world.submitted()
        late = world.item(case, world.bgm)
        assert world.goes(case, "brm").state == CaseState.APPROVED
        late.refresh_from_db()
        assert late.state == ItemState.NOT_NEEDED

    def test_p29_cancelling_discriminator(self, world: Lender) -> None:
        world.take("start both", "both ceo", "ceo end", stages=(world.stage("both", "brm", "bgm"),))
        case = world.goes(world.submitted(), "bgm")
        assert at(case) == {"ceo"}
        beaten = WorkItem.objects.get(case=case, assignee=world.brm)
        assert beaten.state == ItemState.NOT_NEEDED


class TestStructure:
    def test_p10_arbitrary_cycles_are_made_by_people(self, world: Lender) -> None:
        world.take("start tl", "tl brm", "brm bgm", "bgm end")
        case = world.submitted()
        for number, target in enumerate(("tl", "brm", "tl"), start=2):
            case = world.goes(case, *{"tl": ("tl", "brm"), "brm": ("brm",)}[min(at(case))])
            case = decisions.return_case(
                item_id=world.item(case, world.bgm).pk, actor=fresh(world.bgm), now=NOW,
                opinion=REASON, target=target,
            )  # fmt: skip
            assert (at(case), case.round) == ({target}, number)
        assert world.goes(case, "tl", "brm", "bgm").state == CaseState.APPROVED

    def cycle(self, world: Lender, when: Condition, findings: tuple[str, ...] = ()) -> None:
        world.take(
            "start merge", "merge tl", "tl brm", "brm choose", "choose merge", "choose end",
            gateways={"merge": XOR, "choose": XOR}, when={"choose merge": when},
            default={"choose": "end"}, findings=findings,
        )  # fmt: skip

    def test_p10_a_drawn_cycle_goes_round_by_the_answer(self, world: Lender) -> None:
        self.cycle(world, Comparison(LAST_ANSWER, Operator.EQ, "APPROVE_WITH_CONDITIONS"))
        case = world.goes(world.submitted(), "tl")
        case = world.approve(case, world.brm, conditions=["补充购销合同"])
        assert (at(case), case.round) == ({"tl"}, 2)
        assert world.goes(case, "tl", "brm").state == CaseState.APPROVED
        assert taken(case)[3:] == [
            "brm_to_choose", "choose_to_merge", "merge_to_tl", "tl_to_brm", "brm_to_choose",
            "choose_to_end",
        ]  # fmt: skip

    def test_p10_a_cycle_that_no_answer_ends_is_refused(self, world: Lender) -> None:
        self.cycle(world, level(2), findings=("loop-without-answer",))

    @pytest.mark.parametrize("last", ["brm", "bgm"])
    def test_p11_implicit_termination(self, world: Lender, last: str) -> None:
        world.take(
            "start split", "split brm", "split bgm", "brm end_a", "bgm end_b",
            gateways={"split": AND},
        )  # fmt: skip
        first = {"brm": "bgm", "bgm": "brm"}[last]
        case = world.goes(world.submitted(), first)
        assert (case.state, at(case)) == (CaseState.IN_APPROVAL, {last})
        assert world.goes(case, last).state == CaseState.APPROVED


class TestMultipleInstances:
    def test_p13_with_design_time_knowledge(self, world: Lender) -> None:
        both = world.stage("both", "brm", "bgm", "ceo", decide=DecideMode.ALL)
        world.take("start both", "both end", stages=(both,))
        case = world.submitted()
        assert WorkItem.objects.filter(case=case).count() == 3
        assert world.goes(case, "ceo", "brm").state == CaseState.IN_APPROVAL
        assert world.goes(case, "bgm").state == CaseState.APPROVED

    @pytest.mark.parametrize("heads", [1, 3])
    def test_p14_with_run_time_knowledge(self, world: Lender, heads: int) -> None:
        everybody = world.stage(
            "all", decide=DecideMode.ALL, assignees=(by_role("TL", RoleReach.DEPARTMENT),)
        )
        world.take("start all", "all end", stages=(everybody,))
        people = [world.tl, *(world._local("TL") for _ in range(heads - 1))]
        case = world.submitted()
        world._local("TL")  # who joins afterwards is not asked
        for who in people:
            assert case.state == CaseState.IN_APPROVAL
            case = world.approve(case, who)
        assert case.state == CaseState.APPROVED

    def test_p15_without_run_time_knowledge(self, world: Lender) -> None:
        both = world.stage("both", "brm", decide=DecideMode.ALL)
        world.take("start both", "both end", stages=(both,))
        case = world.submitted()
        self.ask(world, case, "brm", "bgm")
        self.ask(world, case, "bgm", "ceo")
        for name in ("brm", "bgm", "ceo"):
            assert case.state == CaseState.IN_APPROVAL
            case = world.goes(case, name)
        assert case.state == CaseState.APPROVED

    def ask(self, world: Lender, case: Case, who: str, whom: str) -> None:
        holder = getattr(world, who)
        signers.add_signers(
            item_id=world.item(case, holder).pk, actor=fresh(holder), now=NOW,
            people=[fresh(getattr(world, whom))], position="BESIDE", reason="请会签",
        )  # fmt: skip

    def test_p26_cancel_multiple_instances(self, world: Lender) -> None:
        both = world.stage("both", "brm", "bgm", "ceo", decide=DecideMode.ALL)
        world.take("start both", "both end", stages=(both,))
        case = world.goes(world.submitted(), "brm")
        case = decisions.reject(
            item_id=world.item(case, world.bgm).pk, actor=fresh(world.bgm), now=NOW, opinion=REASON
        )
        states = set(WorkItem.objects.filter(case=case).values_list("assignee__id", "state"))
        assert (world.ceo.pk, ItemState.NOT_NEEDED) in states
        assert (world.brm.pk, ItemState.DECIDED) in states
        assert case.state == CaseState.REJECTED

    def committee(self, world: Lender) -> Case:
        rules = (
            by_role("RC", RoleReach.HEAD_OFFICE),
            by_role("RCC", RoleReach.HEAD_OFFICE, has_veto=True),
        )
        vote = world.stage("vote", decide=DecideMode.VOTE, assignees=rules, vote=VoteSettings())
        assert len(world.committee()) == 5
        world.take("start vote", "vote ceo", "ceo end", stages=(vote,))
        return world.submitted()

    def test_p27_complete_multiple_instances(self, world: Lender) -> None:
        case = self.committee(world)
        for who in (*world.members[:2], world.chair):
            case = world.approve(case, who)
        case = decisions.reject(
            item_id=world.item(case, world.members[2]).pk, actor=fresh(world.members[2]), now=NOW,
            opinion=REASON,
        )  # fmt: skip
        assert at(case) == {"vote"}
        item = world.item(case, world.members[3])
        case = decisions.close_vote(item_id=item.pk, actor=fresh(world.secretary), now=NOW)
        assert at(case) == {"ceo"}
        absent = WorkItem.objects.get(case=case, assignee=world.members[3])
        assert absent.state == ItemState.NOT_NEEDED

    def test_p35_cancelling_partial_join(self, world: Lender) -> None:
        case = self.committee(world)
        for who in (world.chair, *world.members[:3]):
            assert at(case) == {"vote"}
            case = world.approve(case, who)
        assert at(case) == {"ceo"}
        late = WorkItem.objects.get(case=case, assignee=world.members[3])
        assert late.state == ItemState.NOT_NEEDED

    def test_p36_dynamic_partial_join(self, world: Lender) -> None:
        both = world.stage("both", "brm", "bgm", decide=DecideMode.ALL)
        world.take("start both", "both end", stages=(both,))
        case = world.submitted()
        self.ask(world, case, "brm", "ceo")
        signers.remove_signers(
            item_id=world.item(case, world.brm).pk, actor=fresh(world.brm), now=NOW,
            people=[fresh(world.ceo)], reason="已经清楚",
        )  # fmt: skip
        case = world.goes(case, "brm")
        assert case.state == CaseState.IN_APPROVAL
        assert world.goes(case, "bgm").state == CaseState.APPROVED


class TestStateAndCancellation:
    def test_p16_deferred_choice(self, world: Lender) -> None:
        """Nothing in the data chooses: whoever of the two acts first takes the case his way."""
        world.take("start tl", "tl both", "both end", stages=(world.stage("both", "brm", "bgm"),))
        onward, back = (world.goes(world.submitted(), "tl") for _ in range(2))
        assert world.goes(onward, "brm").state == CaseState.APPROVED
        back = decisions.return_case(
            item_id=world.item(back, world.bgm).pk, actor=fresh(world.bgm), now=NOW,
            opinion=REASON, target="tl",
        )  # fmt: skip
        assert at(back) == {"tl"}

    def test_p19_cancel_activity(self, world: Lender) -> None:
        world.take("start brm", "brm ceo", "ceo end")
        case = world.submitted()
        case = administration.jump_to_stage(
            case_id=case.pk, actor=fresh(world.adm), now=NOW, target="ceo", reason=REASON
        )
        cancelled = WorkItem.objects.get(case=case, assignee=world.brm)
        assert (cancelled.state, cancelled.stage.outcome) == (ItemState.NOT_NEEDED, "CLOSED")
        assert at(case) == {"ceo"}

    @pytest.mark.parametrize("by", ["handler", "administrator", "end event"])
    def test_p20_cancel_case(self, world: Lender, by: str) -> None:
        world.take(
            "start split", "split brm", "split bgm", "brm end_now", "bgm end_b",
            gateways={"split": AND}, ends={"end_now": EndKind.TERMINATED},
        )  # fmt: skip
        case = world.submitted()
        call = {"case_id": case.pk, "now": NOW, "reason": REASON}
        if by == "handler":
            case = submission.withdraw_case(actor=fresh(world.am), **call)
            assert (case.state, at(case)) == (CaseState.WITHDRAWN, {""})
        elif by == "administrator":
            case = administration.terminate_case(actor=fresh(world.adm), **call)
            assert (case.state, at(case)) == (CaseState.VOID, set())
        else:
            case = world.goes(case, "brm")
            assert (case.state, at(case)) == (CaseState.REJECTED, set())
        asked = WorkItem.objects.filter(case=case, assignee__in=[world.brm, world.bgm])
        assert asked.count() == 2
        assert not asked.filter(state=ItemState.OPEN).exists()


class TestNested:
    """Gateways within gateways, and acts that leave and enter them."""

    @pytest.fixture
    def case(self, world: Lender) -> Case:
        """tl beside (brm, then hrm beside hrm2, then bgm); ceo behind both."""
        world.take(
            "start split", "split tl", "split brm", "brm inner", "inner hrm", "inner hrm2",
            "hrm joined", "hrm2 joined", "joined bgm", "bgm join", "tl join", "join ceo", "ceo end",
            gateways={"split": AND, "inner": AND, "joined": AND, "join": AND},
        )  # fmt: skip
        return world.submitted()

    def give_back(self, world: Lender, case: Case, who: str, target: str) -> Case:
        holder = getattr(world, who)
        return decisions.return_case(
            item_id=world.item(case, holder).pk, actor=fresh(holder), now=NOW + timedelta(hours=1),
            opinion=REASON, target=target,
        )  # fmt: skip

    def test_both_joins_wait(self, world: Lender, case: Case) -> None:
        case = world.goes(case, "brm", "hrm", "hrm2")
        assert at(case) == {"tl", "bgm"}
        assert world.goes(case, "bgm", "tl", "ceo").state == CaseState.APPROVED

    def test_a_return_within_a_branch_keeps_the_sister(self, world: Lender, case: Case) -> None:
        case = world.goes(case, "tl", "brm", "hrm")
        case = self.give_back(world, case, "hrm2", "brm")
        assert at(case) == {"brm"}  # tl's approval stands; it waits at the join again
        case = world.goes(case, "brm", "hrm", "hrm2", "bgm")
        assert at(case) == {"ceo"}

    def test_a_return_into_the_inner_branches(self, world: Lender, case: Case) -> None:
        case = world.goes(case, "tl", "brm", "hrm", "hrm2", "bgm")
        case = self.give_back(world, case, "ceo", "hrm2")
        assert at(case) == {"hrm2"}
        case = world.goes(case, "hrm2")
        assert at(case) == {"bgm"}
        assert world.goes(case, "bgm", "ceo").state == CaseState.APPROVED

    def test_returned_twice_all_other_approvals_stand(self, world: Lender, case: Case) -> None:
        case = world.goes(case, "tl", "brm", "hrm", "hrm2", "bgm")
        for target in ("hrm2", "hrm"):
            case = self.give_back(world, case, "ceo", target)
            assert at(case) == {target}
            case = world.goes(case, target, "bgm")
        assert world.goes(case, "ceo").state == CaseState.APPROVED

    def test_a_return_out_of_all_branches(self, world: Lender, case: Case) -> None:
        case = world.goes(case, "brm", "hrm")
        case = self.give_back(world, case, "hrm2", "handler")
        assert (case.state, case.tokens) == (CaseState.RETURNED, [])
        closed = WorkItem.objects.get(case=case, assignee=world.tl)
        assert closed.state == ItemState.NOT_NEEDED

    def test_a_rejection_in_one_branch_ends_all(self, world: Lender, case: Case) -> None:
        case = world.goes(case, "brm")
        case = decisions.reject(
            item_id=world.item(case, world.hrm).pk, actor=fresh(world.hrm), now=NOW, opinion=REASON
        )
        assert (case.state, at(case), case.tokens) == (CaseState.REJECTED, set(), [])

    def test_a_take_back_deep_inside(self, world: Lender, case: Case) -> None:
        case = world.goes(case, "brm", "hrm", "hrm2", "tl")
        item = WorkItem.objects.get(case=case, decided_by=world.hrm)
        case = items.take_back(item_id=item.pk, actor=fresh(world.hrm), now=NOW)
        assert at(case) == {"hrm"}
        assert world.goes(case, "hrm", "bgm", "ceo").state == CaseState.APPROVED


class TestOnePersonInTwoBranches:
    def branches(self, world: Lender, *others: str, **values: Any) -> Case:
        world.take(
            "start split", "split brm", "split two", "brm join", "two join", "join ceo", "ceo end",
            gateways={"split": AND, "join": AND},
            stages=(world.stage("two", "brm", *others, **values),),
        )  # fmt: skip
        return world.submitted()

    def decide(self, world: Lender, case: Case) -> Case:
        item = WorkItem.objects.get(case=case, assignee=world.brm, stage__node_id="brm")
        return decisions.approve(item_id=item.pk, actor=fresh(world.brm), now=NOW, opinion="同意")

    def test_the_inbox_shows_both_until_he_decides_on_one(self, world: Lender) -> None:
        case = self.branches(world)
        inbox = browser(world.brm)
        assert listed(inbox.get("/inbox/")) == [case.pk, case.pk]
        self.decide(world, case)
        assert listed(inbox.get("/inbox/")) == []

    def test_his_superior_is_asked_in_the_other(self, world: Lender) -> None:
        case = self.decide(world, self.branches(world))
        assert world.item(case, world.bgm).stage.node_id == "two"
        assert world.goes(case, "bgm", "ceo").state == CaseState.APPROVED

    def test_his_seat_of_a_countersign_goes_to_his_superior(self, world: Lender) -> None:
        case = self.decide(world, self.branches(world, "hrm", decide=DecideMode.ALL))
        case = world.goes(case, "hrm")
        assert at(case) == {"two"}
        assert at(world.goes(case, "bgm")) == {"ceo"}

    def test_also_when_the_others_have_answered_there_already(self, world: Lender) -> None:
        case = self.branches(world, "hrm", decide=DecideMode.ALL)
        case = self.decide(world, world.goes(case, "hrm"))
        assert at(case) == {"two"}
        assert at(world.goes(case, "bgm")) == {"ceo"}

    def test_a_branch_that_passes_to_a_terminate_end_closes_what_just_opened(
        self, world: Lender
    ) -> None:
        passing = world.stage("two", "brm", on_same_person=OnSamePerson.AUTO_PASS)
        world.take(
            "start split", "split brm", "split two", "brm ceo", "two end_now", "ceo end",
            gateways={"split": AND}, ends={"end_now": EndKind.TERMINATED}, stages=(passing,),
        )  # fmt: skip
        case = self.decide(world, world.submitted())
        assert (case.state, case.tokens) == (CaseState.REJECTED, [])
        assert not WorkItem.objects.filter(case=case, state=ItemState.OPEN).exists()
        assert not case.stages.filter(outcome="", finished=None).exclude(node_id="").exists()

    def test_a_sister_that_opens_second_does_not_outlive_the_route(self, world: Lender) -> None:
        passing = world.stage("two", "brm", on_same_person=OnSamePerson.AUTO_PASS)
        world.take(
            "start brm", "brm split", "split two", "split ceo", "two end_now", "ceo end",
            gateways={"split": AND}, ends={"end_now": EndKind.TERMINATED}, stages=(passing,),
        )  # fmt: skip
        case = world.goes(world.submitted(), "brm")
        assert case.state == CaseState.REJECTED
        assert not WorkItem.objects.filter(case=case, state=ItemState.OPEN).exists()

    def test_nobody_left_stops_and_is_told(self, world: Lender) -> None:
        case = self.branches(world)
        for who in (world.bgm, world.hrm, world.ceo):
            type(who).objects.filter(pk=who.pk).update(is_active=False)
        case = self.decide(world, case)
        assert case.stages.get(node_id="two").is_blocked


class TestReference:
    def test_every_pattern_is_shown_or_has_its_reason(self) -> None:
        text = (django_settings.BASE_DIR / "docs/reference/patterns.md").read_text("utf-8")
        rows = dict(re.findall(r"^\| (\d+) \|.*\| (.+?) \|$", text, re.M))
        assert [int(number) for number in rows] == list(NUMBERS)
        here = Path(__file__).read_text("utf-8")
        for number, answer in rows.items():
            named = re.findall(r"`(test_p\d\w+)`", answer)
            assert named or answer.startswith("Not needed"), number
            assert all(f"def {name}(" in here for name in named), number
            assert all(name.startswith(f"test_p{int(number):02}") for name in named), number
