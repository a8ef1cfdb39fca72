"""Routes at random: chains with conditions and copies, and gateways within gateways."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from staff.models import Employee
from tests.workflows.world import ALL_ACTIONS, World, by_role
from workflows.bpmn.answers import LAST_ANSWER, TIMES_PASSED
from workflows.bpmn.chain import Chain, ChainCopy, ChainNode, ChainStage, from_chain
from workflows.bpmn.conditions import AllOf, Comparison, Condition, Operator
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    Bounds,
    CopyTask,
    DecideMode,
    Definition,
    Element,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    Layout,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    RoleReach,
    SequenceFlow,
    Stage,
    StageSettings,
    StartEvent,
)

_ROLES = (
    ("TL", RoleReach.DEPARTMENT), ("BRM", RoleReach.BRANCH), ("BGM", RoleReach.BRANCH),
    ("HRM", RoleReach.HEAD_OFFICE), ("CEO", RoleReach.HEAD_OFFICE), ("TL", RoleReach.ANYWHERE),
)  # fmt: skip
_HELD_BY_NOBODY = ("FIN", RoleReach.ANYWHERE)
_COMMITTEE = (
    by_role("RC", RoleReach.HEAD_OFFICE),
    by_role("RCC", RoleReach.HEAD_OFFICE, has_veto=True),
)
_MODES = (
    DecideMode.ANY, DecideMode.ANY, DecideMode.ALL, DecideMode.SEQUENCE, DecideMode.VOTE,
)  # fmt: skip


def random_route(world: World, dice: Random) -> Definition:
    """Half of the time a chain, else gateways within gateways."""
    return _undrawn(
        _chain_route(world, dice) if dice.random() < 0.5 else _nested_route(world, dice)
    )


def _undrawn(definition: Definition) -> Definition:
    """With a drawing that costs no time: nobody looks at it."""
    shapes = dict.fromkeys(definition.elements, Bounds(0, 0, 100, 80))
    edges = dict.fromkeys(definition.flows, ((0.0, 0.0), (9.0, 9.0)))
    return replace(definition, layout=Layout(shapes, edges))


def _chain_route(world: World, dice: Random) -> Definition:
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


def _nested_route(world: World, dice: Random) -> Definition:
    """Exclusive, parallel and inclusive gateways within each other, ends in several branches.

    The people of two branches may be the same; most of the roles have few holders.
    """
    route = _Builder(world, dice)
    place = route.add(StartEvent("start"))
    for _ in range(dice.randint(2, 3)):
        place = route.circle(place) if dice.random() < 0.25 else route.part(place, depth=2)
    if not any(isinstance(each, Stage) for each in route.elements.values()):
        place = route.stage(place)
    route.flow(place, route.add(EndEvent("end")))
    return Definition("toy_route", "玩具流程", route.elements, route.flows)


class _Builder:
    """Adds parts behind a place; each returns the place behind itself."""

    def __init__(self, world: World, dice: Random) -> None:
        self.world = world
        self.dice = dice
        self.elements: dict[str, Element] = {}
        self.flows: dict[str, SequenceFlow] = {}
        #: a route leads back with its only token, so no branch of a circle ends by itself
        self.is_in_circle = False

    def add(self, element: Element) -> str:
        self.elements[element.id] = element
        return element.id

    def flow(self, source: str, target: str, condition: Condition | None = None) -> str:
        flow_id = f"f{len(self.flows)}"
        self.flows[flow_id] = SequenceFlow(flow_id, source, target, condition=condition)
        return flow_id

    def stage(self, place: str) -> str:
        number = sum(isinstance(each, Stage) for each in self.elements.values())
        chosen = _stage(self.world, self.dice, f"s{number}")
        stage_id = self.add(Stage(chosen.id, chosen.name, chosen.name_en, chosen.settings))
        self.flow(place, stage_id)
        return stage_id

    def circle(self, place: str) -> str:
        """A part that an approval with conditions leads back to, three times at most."""
        number = len(self.elements)
        merge = self.add(Gateway(f"merge{number}"))
        self.flow(place, merge)
        self.is_in_circle = True
        place = self.stage(self.part(merge, depth=1))
        self.is_in_circle = False
        choose, onward = f"choose{number}", self.add(Gateway(f"on{number}"))
        self.add(Gateway(choose))
        self.flow(place, choose)
        again = AllOf(
            (
                Comparison(LAST_ANSWER, Operator.EQ, "APPROVE_WITH_CONDITIONS"),
                Comparison(TIMES_PASSED, Operator.LE, 3),
            )
        )
        self.flow(choose, merge, again)
        self.add(Gateway(choose, default=self.flow(choose, onward)))
        return onward

    def part(self, place: str, depth: int) -> str:
        kinds = [*GatewayKind, GatewayKind.PARALLEL] if depth else []
        kind = self.dice.choice(["stage", "stage", *kinds])
        if kind == "stage":
            return self.stage(place)
        return self.gateways(place, GatewayKind(kind), depth - 1)

    def gateways(self, place: str, kind: GatewayKind, depth: int) -> str:
        number = len(self.elements)
        split, join = f"split{number}", f"join{number}"
        self.flow(place, self.add(Gateway(split, kind=kind)))
        self.add(Gateway(join, kind=kind))
        ways = self.dice.randint(2, 3)
        for way in range(ways):
            is_last = way == ways - 1
            condition = None if kind is GatewayKind.PARALLEL or is_last else self.often()
            first = self.flow(split, self.branch(join, depth, is_last=is_last), condition)
            if is_last and kind is not GatewayKind.PARALLEL:
                self.add(Gateway(split, kind=kind, default=first))
        return join

    def branch(self, join: str, depth: int, *, is_last: bool) -> str:
        """A branch up to the join, seldom to an end of its own; the id of its first element."""
        entry = self.add(CopyTask(f"copy{len(self.elements)}", assignees=(by_role("BGM"),)))
        place = self.part(entry, depth)
        if self.dice.random() < 0.4:
            place = self.part(place, depth)
        if not is_last and not self.is_in_circle and self.dice.random() < 0.1:
            kind = self.dice.choice([EndKind.APPROVED, EndKind.APPROVED, EndKind.TERMINATED])
            join = self.add(EndEvent(f"end{len(self.elements)}", kind=kind))
        self.flow(place, join)
        return entry

    def often(self) -> Condition:
        return Comparison("level", Operator.GE, self.dice.randint(1, 3))


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
    if decide is not DecideMode.ANY and dice.random() < 0.4:
        # Nobody holds the role: the seat is empty until somebody gets it.
        at = dice.randint(0, len(rules))
        rules = (*rules[:at], by_role(*_HELD_BY_NOBODY), *rules[at:])
    settings = StageSettings(
        assignees=_COMMITTEE if is_committee else rules,
        decide=decide,
        duty_line=dice.choice(["BUSINESS", "RISK", "MANAGEMENT"]),
        actions=ALL_ACTIONS,
        editable_fields=("subject",),
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
