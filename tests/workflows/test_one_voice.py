"""Whoever is away has one voice in a round, given by himself or by his delegate (WF-02, N3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lending_crm.common.errors import DomainError
from tests.workflows.random_routes import side_by_side
from tests.workflows.test_conflicts import Register
from tests.workflows.test_conflicts import register as register  # a fixture
from tests.workflows.test_standing_in import give, refused
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import (
    DecideMode,
    Definition,
    EndEvent,
    Gateway,
    GatewayKind,
    RoleReach,
    SequenceFlow,
    StartEvent,
)
from workflows.bpmn.model import Stage as StageElement
from workflows.choices import CaseState, EventKind, ItemKind, ItemState
from workflows.models import Case, Stage, WorkItem
from workflows.pools import pool_holders, unattended
from workflows.services import decisions, items, signers
from workflows.services.recusals import review_recusals
from workflows.verification import verify_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked_twice(world: World) -> World:
    """分公司风控 in one branch, 总经理 and then 分公司风控 in the other."""
    at_head_office = by_role("CEO", RoleReach.HEAD_OFFICE)
    elements: dict[str, Any] = {
        "s": StartEvent("s"),
        "e": EndEvent("e"),
        "split": Gateway("split", kind=GatewayKind.PARALLEL),
        "join": Gateway("join", kind=GatewayKind.PARALLEL),
        "alone": stage("alone", by_role("BRM"), duty_line="RISK"),
        "first": stage("first", by_role("BGM"), duty_line="MANAGEMENT"),
        "second": stage("second", by_role("BRM"), duty_line="RISK"),
        "last": stage("last", at_head_office, duty_line="MANAGEMENT"),
    }
    ways = "s>split split>alone split>first first>second alone>join second>join join>last last>e"
    flows = {f"f{n}": SequenceFlow(f"f{n}", *way.split(">")) for n, way in enumerate(ways.split())}
    for name in ("alone", "first", "second", "last"):
        node = elements[name]
        elements[name] = StageElement(node.id, node.name, node.name_en, node.settings)
    world.publish(Definition("toy_route", "并行", elements, flows))
    return world


def publish(world: World, *stages: Any) -> None:
    world.publish(from_chain(Chain("toy_route", "两步", nodes=stages)))


def at(case: Case, node: str) -> list[WorkItem]:
    live = (ItemState.OPEN, ItemState.VACANT)
    return list(WorkItem.objects.filter(case=case, stage__node_id=node, state__in=live))


def approve(item: WorkItem, who: Any) -> Case:
    return decisions.approve(
        item_id=item.pk, actor=fresh(who), now=NOW + timedelta(minutes=9), opinion="同意"
    )


class TestOneVoice:
    def test_his_own_decision_ends_his_delegates_item(self, asked_twice: World) -> None:
        world = asked_twice
        case = world.submitted()
        give(world.brm, world.ceo)
        case = world.approve(case, world.bgm)
        [stood_in] = at(case, "second")
        assert (stood_in.assignee, stood_in.on_behalf_of) == (world.ceo, world.brm)
        approve(at(case, "alone")[0], world.brm)
        stood_in.refresh_from_db()
        assert stood_in.state == ItemState.REMOVED
        assert refused(approve, item=stood_in, who=world.ceo) in ("WF-02", "WF-12")
        aside = case.events.get(kind=EventKind.STEPPED_ASIDE)
        assert (aside.node_id, aside.data["person"]) == ("second", world.brm.name)
        assert verify_case(Case.objects.get(pk=case.pk)) is None

    def test_his_delegates_decision_ends_his_own_items(self, asked_twice: World) -> None:
        world = asked_twice
        case = world.submitted()
        give(world.brm, world.ceo)
        case = world.approve(case, world.bgm)
        approve(at(case, "second")[0], world.ceo)
        own = WorkItem.objects.filter(case=case, stage__node_id="alone").earliest("pk")
        assert refused(approve, item=own, who=world.brm) == "WF-02"
        # Somebody else is asked there, or the administrators know that nobody is.
        stopped = Stage.objects.filter(process=case, node_id="alone", outcome="")
        assert all(item.assignee_id != world.brm.pk for item in at(case, "alone"))
        assert not unattended(stopped.filter(is_blocked=False)).exists()
        assert verify_case(Case.objects.get(pk=case.pk)) is None


class TestPoolBesideACountersign:
    def test_is_not_left_to_people_who_have_decided_meanwhile(self, world: World) -> None:
        other = world._local("TL")
        both = stage("both", by_role("TL"), decide=DecideMode.ALL, duty_line="MANAGEMENT")
        pool = stage("pool", by_role("TL"), duty_line="MANAGEMENT")
        last = stage("last", by_role("CEO", RoleReach.ANYWHERE), duty_line="MANAGEMENT")
        chain = from_chain(Chain("toy_route", "玩具流程", nodes=(both, pool, last)))
        world.publish(side_by_side(chain, "both", "pool"))
        case = world.submitted()
        [held] = at(case, "pool")
        items.claim(item_id=held.pk, actor=fresh(other), now=NOW)
        # ``other`` holds the pool's item while his colleague decides beside it, then decides too.
        for who in (world.tl, other):
            approve(next(i for i in at(case, "both") if i.assignee == who), who)
        decided = {world.tl.pk, other.pk}
        for item in at(case, "pool"):
            takers = {item.assignee_id} if item.assignee_id else set(pool_holders(item))
            assert takers and not takers & decided
        stopped = Stage.objects.filter(process=case, node_id="pool", is_blocked=True)
        assert at(case, "pool") or stopped.exists()


class TestRelated:
    def test_who_is_related_advises_no_more(self, world: World, register: Register) -> None:
        case = world.submitted()
        asked = world.item(case, world.tl)
        signers.delegate(
            item_id=asked.pk, actor=fresh(world.tl), now=NOW, recipient=fresh(world.bgm),
            reason="请代为核实材料",
        )  # fmt: skip
        advice = WorkItem.objects.get(case=case, kind=ItemKind.ADVICE)
        register.add(world.bgm)
        review_recusals(case_id=case.pk, now=NOW)
        advice.refresh_from_db()
        assert advice.state == ItemState.REMOVED
        call = {"item_id": advice.pk, "now": NOW, "opinion": "情况属实"}
        assert refused(signers.answer, actor=fresh(world.bgm), **call) == "WF-17"
        assert world.item(case, world.tl).state == ItemState.OPEN

    def test_nobody_decides_for_who_is_related(self, world: World, register: Register) -> None:
        give(world.tl, world.bgm)
        case = world.submitted()
        register.add(world.tl)
        review_recusals(case_id=case.pk, now=NOW)
        for item in WorkItem.objects.filter(case=case, state=ItemState.OPEN):
            assert item.on_behalf_of_id != world.tl.pk
        assert case.state == CaseState.IN_APPROVAL


def test_a_stage_above_its_limit_does_not_pass_by_itself(world: World) -> None:
    same = by_role("TL")
    publish(
        world,
        stage("one", same, authority_level=1),
        stage("two", same, authority_level=1, on_same_person="AUTO_PASS"),
    )
    case = world.submitted(level_now=3)
    world.approve(case, world.tl)
    case.refresh_from_db()
    assert case.state == CaseState.IN_APPROVAL
    assert not case.events.filter(kind=EventKind.AUTO_PASSED).exists()


def test_a_stage_within_its_limit_does(world: World) -> None:
    same = by_role("TL")
    publish(
        world,
        stage("one", same, authority_level=1),
        stage("two", same, authority_level=3, on_same_person="AUTO_PASS"),
    )
    case = world.approve(world.submitted(level_now=3), world.tl)
    assert case.state == CaseState.APPROVED


def test_a_risk_stage_never_passes_by_itself(world: World) -> None:
    same = by_role("TL")
    publish(
        world,
        stage("one", same),
        stage("two", same, duty_line="RISK", on_same_person="AUTO_PASS"),
    )
    case = world.approve(world.submitted(), world.tl)
    assert case.state == CaseState.IN_APPROVAL
    with pytest.raises(DomainError):
        approve(WorkItem.objects.filter(case=case).order_by("pk")[0], world.tl)
