"""Random conditions, settings, lists and well-structured routes for property tests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from workflows.bpmn.chain import Chain, ChainCopy, ChainNode, ChainService, ChainStage
from workflows.bpmn.conditions import AllOf, AnyOf, Comparison, Condition, Operator
from workflows.bpmn.ladder import Recipient, Rung, RungAct
from workflows.bpmn.model import (
    Annotation,
    AssigneeKind,
    AssigneeRule,
    BoundaryTimer,
    CopyTask,
    DecideMode,
    Definition,
    Element,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    Lane,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    RoleReach,
    SequenceFlow,
    ServiceTask,
    Stage,
    StageAction,
    StageSettings,
    StartEvent,
    VoteSettings,
)
from workflows.kinds import Fact

GUARANTEES = [("CREDIT", "Credit"), ("MORTGAGE", "Mortgage"), ("PLEDGE", "Pledge")]
RISKS = [("NORMAL", "Normal"), ("WATCH", "Watch")]

FACTS = (
    Fact("exposure", "money", "Exposure"),
    Fact("rate", "number", "Rate"),
    Fact("term_months", "integer", "Term"),
    Fact("purpose", "text", "Purpose"),
    Fact("is_renewal", "boolean", "Renewal"),
    Fact("risk_class", "choice", "Risk class", lambda: RISKS),
    Fact("guarantees", "choices", "Guarantees", lambda: GUARANTEES),
    Fact("signed_date", "date", "Signed on"),
)
FACT_TYPES = {fact.name: fact.type for fact in FACTS}

_ORDERED = (Operator.EQ, Operator.NE, Operator.LT, Operator.LE, Operator.GT, Operator.GE)
_EQUAL = (Operator.EQ, Operator.NE)
_LISTS = (Operator.IN, Operator.NOT_IN)
_AMOUNTS = st.sampled_from(["0", "0.01", "500000", "3000000.00", "10000000"]).map(Decimal)

#: anything that XML and a person's keyboard can hold
texts = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=12
)
names = texts.map(lambda text: " ".join(text.split()))


def _values(kind: str) -> st.SearchStrategy[Any]:
    return {
        "money": _AMOUNTS | st.decimals(-100, 10**9, places=2),
        "number": st.decimals(-100, 100, places=4),
        "integer": st.integers(-5, 40),
        "text": texts | st.text(st.characters(exclude_categories=("Cs",)), max_size=5),
        "boolean": st.booleans(),
        "choice": st.sampled_from([value for value, _label in RISKS]),
        "choices": st.sampled_from([value for value, _label in GUARANTEES]),
        "date": st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    }[kind]


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    fact = draw(st.sampled_from(FACTS))
    match fact.type:
        case "choices":
            operator = draw(st.sampled_from((Operator.CONTAINS, Operator.NOT_CONTAINS)))
        case "boolean":
            operator = Operator.EQ
        case "choice" | "text":
            operator = draw(st.sampled_from(_EQUAL + _LISTS))
        case _:
            operator = draw(st.sampled_from(_ORDERED))
    if operator in _LISTS:
        value = draw(st.lists(_values(fact.type), min_size=1, max_size=3).map(tuple))
    else:
        value = draw(_values(fact.type))
    return Comparison(fact.name, operator, value)


def conditions() -> st.SearchStrategy[Condition]:
    """Conditions on ``FACTS``, nested a little; groups have no or at least two items."""
    return st.recursive(
        comparisons(),
        lambda inner: st.builds(
            lambda kind, items: kind(tuple(items)),
            st.sampled_from((AllOf, AnyOf)),
            st.lists(inner, min_size=2, max_size=3),
        ),
        max_leaves=5,
    )


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    """A value, or none, for every fact of ``FACTS``."""
    found: dict[str, Any] = {}
    for fact in FACTS:
        values = _values(fact.type)
        if fact.type == "choices":
            values = st.lists(values, unique=True)
        found[fact.name] = draw(st.none() | values)
    return found


_ids = st.integers(1, 10**6)
_ratios = st.sampled_from([Fraction(1, 2), Fraction(2, 3), Fraction(1)])

assignee_rules = st.builds(
    AssigneeRule,
    kind=st.sampled_from(AssigneeKind),
    people=st.lists(_ids, max_size=3).map(tuple),
    role=st.sampled_from(["", "TL", "BRM", "HRM"]),
    reach=st.sampled_from(RoleReach),
    level=st.integers(1, 4),
    field=st.sampled_from(["", "surveyor"]),
    weight=st.integers(1, 5),
    has_veto=st.booleans(),
)

stage_settings = st.builds(
    StageSettings,
    assignees=st.lists(assignee_rules, min_size=1, max_size=2).map(tuple),
    decide=st.sampled_from(DecideMode),
    vote=st.builds(VoteSettings, quorum=_ratios, pass_ratio=_ratios, is_secret=st.booleans()),
    duty_line=st.sampled_from(["BUSINESS", "RISK", "FINANCE"]),
    actions=st.frozensets(st.sampled_from(StageAction)).map(
        lambda found: found | {StageAction.APPROVE}
    ),
    claim_required=st.booleans(),
    opinion_required=st.booleans(),
    reason_length=st.integers(0, 50),
    attachment_required=st.booleans(),
    limit_hours=st.none() | st.decimals(1, 240, places=1),
    ladder=st.lists(
        st.builds(
            Rung,
            percent=st.integers(1, 1000),
            tell=st.frozensets(st.sampled_from(Recipient), min_size=1),
            act=st.sampled_from(RungAct),
        ),
        max_size=3,
        unique_by=lambda rung: rung.percent,
    ).map(tuple),
    authority_level=st.none() | st.integers(1, 5),
    term_fields=st.lists(st.sampled_from(["approved_amount", "rate"]), unique=True).map(tuple),
    hidden_fields=st.lists(st.sampled_from(["remark"]), unique=True).map(tuple),
    on_empty=st.sampled_from(OnEmpty),
    empty_person=st.none() | _ids,
    on_handler=st.sampled_from(OnHandler),
    on_same_person=st.sampled_from(OnSamePerson),
)


class _Builder:
    """Draws a route block by block; each block has one way in and one way out."""

    def __init__(self, draw: st.DrawFn, kinds: tuple[GatewayKind, ...], plain: bool) -> None:
        self.draw = draw
        self.kinds = kinds
        self.plain = plain
        self.elements: dict[str, Element] = {}
        self.flows: dict[str, SequenceFlow] = {}

    def add(self, cls: type[Element], **values: Any) -> str:
        element_id = f"{cls.__name__.lower()}_{len(self.elements) + 1}"
        if not self.plain:
            values |= {"name": self.draw(names), "name_en": self.draw(names)}
        self.elements[element_id] = cls(element_id, **values)
        return element_id

    def connect(self, source: str, target: str, condition: Condition | None = None) -> str:
        flow_id = f"flow_{len(self.flows) + 1}"
        name = "" if self.plain else self.draw(names)
        self.flows[flow_id] = SequenceFlow(flow_id, source, target, name, condition)
        return flow_id

    def block(self, depth: int) -> tuple[str, str]:
        choices = ["stage", "stage", "stage", "copy", "service"]
        if depth:
            choices += ["split", "split", "sequence"]
        match self.draw(st.sampled_from(choices)):
            case "stage":
                settings = StageSettings() if self.plain else self.draw(stage_settings)
                node = self.add(Stage, settings=settings)
            case "copy":
                rules = () if self.plain else self.draw(st.lists(assignee_rules, max_size=1))
                node = self.add(CopyTask, assignees=tuple(rules))
            case "service":
                node = self.add(ServiceTask, handler=self.draw(st.sampled_from(["", "book"])))
            case "sequence":
                first, middle = self.block(depth - 1)
                then, last = self.block(depth - 1)
                self.connect(middle, then)
                return first, last
            case _:
                return self.split(depth - 1)
        return node, node

    def split(self, depth: int) -> tuple[str, str]:
        kind = self.draw(st.sampled_from(self.kinds))
        fork, join = self.add(Gateway, kind=kind), self.add(Gateway, kind=kind)
        count = self.draw(st.integers(2, 3))
        default = None
        for index in range(count):
            is_default = index == count - 1 and kind is not GatewayKind.PARALLEL
            condition = None
            if kind is not GatewayKind.PARALLEL and not is_default:
                condition = self.draw(conditions())
            if self.draw(st.integers(0, 3)) == 0 and kind is not GatewayKind.PARALLEL:
                flow_id = self.connect(fork, join, condition)
            else:
                first, last = self.block(depth)
                flow_id = self.connect(fork, first, condition)
                self.connect(last, join)
            if is_default:
                default = flow_id
        gateway = self.elements[fork]
        self.elements[fork] = Gateway(fork, gateway.name, gateway.name_en, kind, default)
        return fork, join


@st.composite
def definitions(
    draw: st.DrawFn,
    kinds: tuple[GatewayKind, ...] = tuple(GatewayKind),
    depth: int = 3,
    plain: bool = False,
    extras: bool = True,
) -> Definition:
    """A sound route of nested blocks: it always ends, approved, and never deadlocks.

    ``plain`` leaves names and settings at their defaults; ``extras`` adds lanes, annotations
    and timers, which say nothing about the way a token goes unless a timer is fired.
    """
    builder = _Builder(draw, kinds, plain)
    start = builder.add(StartEvent)
    first, last = builder.block(depth)
    builder.connect(start, first)
    end = builder.add(EndEvent)
    builder.connect(last, end)
    lanes: tuple[Lane, ...] = ()
    notes: tuple[Annotation, ...] = ()
    if extras and not plain:
        stages = [e.id for e in builder.elements.values() if isinstance(e, Stage)]
        if stages and draw(st.booleans()):
            _add_timer(draw, builder, stages)
        members = list(builder.elements)
        cut = draw(st.integers(0, len(members)))
        if draw(st.booleans()):
            lanes = (
                Lane("lane_1", draw(names), tuple(members[:cut])),
                Lane("lane_2", draw(names), tuple(members[cut:])),
            )
        if draw(st.booleans()):
            notes = (Annotation("note_1", draw(texts), draw(st.none() | st.sampled_from(members))),)
    return Definition(
        process_id="route",
        name="" if plain else draw(names),
        name_en="" if plain else draw(names),
        elements=builder.elements,
        flows=builder.flows,
        lanes=lanes,
        annotations=notes,
    )


def _add_timer(draw: st.DrawFn, builder: _Builder, stages: list[str]) -> None:
    timer = builder.add(
        BoundaryTimer,
        attached_to=draw(st.sampled_from(stages)),
        is_interrupting=draw(st.booleans()),
        duration=draw(st.sampled_from(["PT4H", "P1D", "PT90M"])),
    )
    escalation = builder.add(Stage, settings=draw(stage_settings))
    builder.connect(timer, escalation)
    builder.connect(escalation, builder.add(EndEvent, kind=draw(st.sampled_from(EndKind))))


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """A list of up to six nodes, some conditional."""
    nodes: list[ChainNode] = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        condition = draw(st.none() | conditions())
        name, name_en = draw(names), draw(names)
        kind = draw(st.integers(0, 5))
        if kind > 1:
            settings = draw(stage_settings)
            nodes.append(ChainStage(f"stage_{number}", name, name_en, settings, condition))
        elif kind:
            handler = draw(st.sampled_from(["", "book", "tell.customer"]))
            nodes.append(ChainService(f"service_{number}", name, name_en, handler, condition))
        else:
            rules = tuple(draw(st.lists(assignee_rules, max_size=2)))
            nodes.append(ChainCopy(f"copy_{number}", name, name_en, rules, condition))
    return Chain("route", draw(names), draw(names), tuple(nodes))
