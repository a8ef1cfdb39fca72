"""Routes at random: three to six stages, some only when …, perhaps a copy or two branches."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from staff.models import Employee
from tests.workflows.world import ALL_ACTIONS, World, by_role
from workflows.bpmn.chain import Chain, ChainCopy, ChainNode, ChainStage, from_chain
from workflows.bpmn.conditions import Comparison, Condition, Operator
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    Definition,
    Gateway,
    GatewayKind,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    RoleReach,
    SequenceFlow,
    StageSettings,
)

_ROLES = (
    ("TL", RoleReach.DEPARTMENT), ("BRM", RoleReach.BRANCH), ("BGM", RoleReach.BRANCH),
    ("HRM", RoleReach.HEAD_OFFICE), ("CEO", RoleReach.HEAD_OFFICE), ("TL", RoleReach.ANYWHERE),
)  # fmt: skip
_COMMITTEE = (
    by_role("RC", RoleReach.HEAD_OFFICE),
    by_role("RCC", RoleReach.HEAD_OFFICE, has_veto=True),
)
_MODES = (
    DecideMode.ANY, DecideMode.ANY, DecideMode.ALL, DecideMode.SEQUENCE, DecideMode.VOTE,
)  # fmt: skip


def random_route(world: World, dice: Random) -> Definition:
    nodes: list[ChainNode] = [_stage(world, dice, f"s{n}") for n in range(dice.randint(3, 6))]
    if dice.random() < 0.4:
        copy = ChainCopy("copy", "抄送", "Copy", (by_role("BGM"),), _condition(dice))
        nodes.insert(dice.randint(0, len(nodes)), copy)
    has_branches = dice.random() < 0.3
    if has_branches:
        at = dice.randint(0, len(nodes))
        nodes[at:at] = [_audit(who, f"b{n}") for n, who in enumerate(world.auditors)]
    definition = from_chain(Chain("toy_route", "玩具流程", nodes=tuple(nodes)))
    return side_by_side(definition, "b0", "b1") if has_branches else definition


def side_by_side(definition: Definition, first: str, second: str) -> Definition:
    """The same route with two neighbouring stages between a parallel split and its join."""
    flows = {
        flow.id: replace(
            flow,
            source="join" if flow.source == second else flow.source,
            target="split" if flow.target == first else flow.target,
        )
        for flow in definition.flows.values()
        if (flow.source, flow.target) != (first, second)
    }
    for source, target in (("split", first), ("split", second), (first, "join"), (second, "join")):
        flow_id = f"{source}_to_{target}"
        flows[flow_id] = SequenceFlow(flow_id, source, target)
    gateways = {name: Gateway(name, kind=GatewayKind.PARALLEL) for name in ("split", "join")}
    return replace(definition, elements={**definition.elements, **gateways}, flows=flows)


def _audit(who: Employee, node_id: str) -> ChainStage:
    rule = AssigneeRule(AssigneeKind.PEOPLE, people=(who.pk,))
    settings = StageSettings(assignees=(rule,), duty_line="RISK", actions=ALL_ACTIONS)
    return ChainStage(node_id, f"节点{node_id}", f"Step {node_id}", settings)


def _stage(world: World, dice: Random, node_id: str) -> ChainStage:
    decide = dice.choice(_MODES)
    is_committee = decide == DecideMode.VOTE and dice.random() < 0.6
    rules = tuple(_rule(world, dice) for _ in range(dice.choice([1, 1, 2, 3])))
    settings = StageSettings(
        assignees=_COMMITTEE if is_committee else rules,
        decide=decide,
        duty_line=dice.choice(["BUSINESS", "RISK", "MANAGEMENT"]),
        actions=ALL_ACTIONS,
        claim_required=dice.random() < 0.5,
        on_empty=dice.choice([OnEmpty.SUPERIOR, OnEmpty.PERSON, OnEmpty.STOP]),
        empty_person=world.ceo.pk,
        on_handler=dice.choice(list(OnHandler)),
        on_same_person=dice.choice(list(OnSamePerson)),
    )
    return ChainStage(node_id, f"节点{node_id}", f"Step {node_id}", settings, _condition(dice))


def _rule(world: World, dice: Random) -> AssigneeRule:
    match dice.choice(["role", "role", "role", "people", "superior", "chain"]):
        case "people":
            people = [world.tl, world.brm, world.bgm, world.hrm, world.hrm2, world.ceo]
            named = dice.sample(people, dice.randint(1, 3))
            return AssigneeRule(AssigneeKind.PEOPLE, people=tuple(p.pk for p in named))
        case "superior":
            return AssigneeRule(AssigneeKind.SUPERIOR, level=dice.randint(1, 3))
        case "chain":
            return AssigneeRule(AssigneeKind.SUPERIOR_CHAIN, level=dice.randint(1, 3))
    return by_role(*dice.choice(_ROLES))


def _condition(dice: Random) -> Condition | None:
    match dice.choice(["always", "always", "level", "amount"]):
        case "level":
            return Comparison("level", Operator.GE, dice.randint(1, 4))
        case "amount":
            return Comparison("amount", Operator.GT, Decimal(dice.choice([50_000, 150_000])))
    return None
