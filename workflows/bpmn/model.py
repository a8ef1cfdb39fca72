"""The approval route as the engine walks it: a small, immutable graph read from BPMN 2.0.

Only what an approval needs is here; whatever else a BPMN file holds is refused by the
reader with the element's id and name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

from workflows.bpmn.conditions import Condition, fact_names
from workflows.bpmn.ladder import DEFAULT_LADDER, Rung


class DecideMode(StrEnum):
    """How the people of a stage decide together."""

    ANY = "ANY"
    ALL = "ALL"
    SEQUENCE = "SEQUENCE"
    VOTE = "VOTE"


class StageAction(StrEnum):
    """What an administrator may allow at a stage."""

    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve_with_conditions"
    RETURN = "return"
    REJECT = "reject"
    ABSTAIN = "abstain"
    TRANSFER = "transfer"
    ADD_SIGNERS = "add_signers"
    DELEGATE = "delegate"
    REQUEST_MATERIAL = "request_material"
    COPY = "copy"


class OnEmpty(StrEnum):
    """Nobody was found for a stage; none of these ever approves."""

    STOP = "STOP"
    SUPERIOR = "SUPERIOR"
    PERSON = "PERSON"


class OnHandler(StrEnum):
    """The handler himself would have to decide; he never does."""

    SUPERIOR = "SUPERIOR"
    SKIP_IF_OTHERS = "SKIP_IF_OTHERS"


#: the duty lines whose steps may pass by themselves (domain.md §2.2, rule b)
PASSING_LINES = frozenset({"BUSINESS", "MANAGEMENT"})


class OnSamePerson(StrEnum):
    """Somebody found for a stage has decided in this round already.

    ``NEXT_PERSON`` asks another holder or the next superior (risk and finance);
    ``AUTO_PASS`` passes a business stage as the system's act, with the reason on record.
    """

    NEXT_PERSON = "NEXT_PERSON"
    AUTO_PASS = "AUTO_PASS"  # noqa: S105


class RoleReach(StrEnum):
    """In which organisation a role is looked up."""

    HEAD_OFFICE = "HEAD_OFFICE"
    BRANCH = "BRANCH"
    DEPARTMENT = "DEPARTMENT"
    ANYWHERE = "ANYWHERE"


class AssigneeKind(StrEnum):
    PEOPLE = "PEOPLE"
    ROLE = "ROLE"
    SUPERIOR = "SUPERIOR"
    SUPERIOR_CHAIN = "SUPERIOR_CHAIN"
    PERSON_FIELD = "PERSON_FIELD"
    COMMITTEE = "COMMITTEE"
    APPLICANT = "APPLICANT"
    PREVIOUS = "PREVIOUS"


@dataclass(frozen=True)
class AssigneeRule:
    """One answer to 'who decides': ids and codes only, never titles.

    PEOPLE: ``people`` (employee ids) · ROLE: ``role`` (code) and ``reach`` · SUPERIOR:
    the handler's superior at ``level`` (1 = direct) · SUPERIOR_CHAIN: all superiors up to
    ``level`` · PERSON_FIELD: the document's field ``field`` · COMMITTEE: its members, and its
    chair with a veto · APPLICANT, PREVIOUS: whom the applicant, or the approver of the stage
    before, chooses among the holders of ``role`` in ``reach``, or in the stage's duty line
    where no role is named. ``weight`` counts in a vote;
    ``has_veto`` gives the people of this rule a veto.
    """

    kind: AssigneeKind
    people: tuple[int, ...] = ()
    role: str = ""
    reach: RoleReach = RoleReach.BRANCH
    level: int = 1
    field: str = ""
    weight: int = 1
    has_veto: bool = False


@dataclass(frozen=True)
class VoteSettings:
    """Quorum and pass ratio as exact shares of weight, 0 < ratio <= 1 (2/3 is not 0.6667)."""

    quorum: Fraction = Fraction(2, 3)
    pass_ratio: Fraction = Fraction(2, 3)
    is_secret: bool = True


@dataclass(frozen=True)
class StageSettings:
    """Everything an administrator configures at one approval stage."""

    assignees: tuple[AssigneeRule, ...] = ()
    decide: DecideMode = DecideMode.ANY
    vote: VoteSettings = field(default_factory=VoteSettings)
    duty_line: str = "BUSINESS"
    actions: frozenset[StageAction] = frozenset(
        {StageAction.APPROVE, StageAction.RETURN, StageAction.TRANSFER, StageAction.COPY}
    )
    claim_required: bool = False
    opinion_required: bool = True
    reason_length: int = 5
    reject_reason_length: int = 10
    attachment_required: bool = False
    signature_required: bool = False
    limit_hours: Decimal | None = Decimal(8)
    ladder: tuple[Rung, ...] = DEFAULT_LADDER
    authority_level: int | None = None
    term_fields: tuple[str, ...] = ()
    hidden_fields: tuple[str, ...] = ()
    editable_fields: tuple[str, ...] = ()
    on_empty: OnEmpty = OnEmpty.STOP
    empty_person: int | None = None
    on_handler: OnHandler = OnHandler.SUPERIOR
    on_same_person: OnSamePerson = OnSamePerson.NEXT_PERSON

    @property
    def passes_by_itself(self) -> bool:
        """Whether the stage takes over a decision that its person gave before in the round.

        Never at a step of risk control, finance or the committee, whatever is set there.
        """
        return self.on_same_person is OnSamePerson.AUTO_PASS and self.duty_line in PASSING_LINES


@dataclass(frozen=True)
class Element:
    """A node of the diagram; ``id`` is what cases store, names may change."""

    id: str
    name: str = ""
    name_en: str = ""

    def title(self, language: str) -> str:
        return self.name_en if language.startswith("en") and self.name_en else self.name


@dataclass(frozen=True)
class StartEvent(Element):
    pass


class EndKind(StrEnum):
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    TERMINATED = "TERMINATED"


@dataclass(frozen=True)
class EndEvent(Element):
    kind: EndKind = EndKind.APPROVED


@dataclass(frozen=True)
class Stage(Element):
    """A user task: people decide."""

    settings: StageSettings = field(default_factory=StageSettings)


@dataclass(frozen=True)
class CopyTask(Element):
    """A send task: a copy of the case goes to people (抄送)."""

    assignees: tuple[AssigneeRule, ...] = ()


@dataclass(frozen=True)
class ServiceTask(Element):
    """Runs the handler that an app registered under this name."""

    handler: str = ""


class GatewayKind(StrEnum):
    EXCLUSIVE = "EXCLUSIVE"
    PARALLEL = "PARALLEL"
    INCLUSIVE = "INCLUSIVE"


@dataclass(frozen=True)
class Gateway(Element):
    kind: GatewayKind = GatewayKind.EXCLUSIVE
    default: str | None = None


@dataclass(frozen=True)
class BoundaryTimer(Element):
    """A timer on a stage; ``duration`` is ISO 8601 as in BPMN."""

    attached_to: str = ""
    is_interrupting: bool = False
    duration: str = ""


@dataclass(frozen=True)
class SequenceFlow:
    """An edge; ``condition`` is None on plain and default flows."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Condition | None = None
    name_en: str = ""


@dataclass(frozen=True)
class Lane:
    id: str
    name: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Annotation:
    id: str
    text: str
    attached_to: str | None = None


@dataclass(frozen=True)
class Bounds:
    """A shape's place on the diagram, in pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Layout:
    """Shapes by element id and way points by flow id, as BPMN DI holds them.

    ``labels`` are the places of names that somebody has put somewhere by hand.
    """

    shapes: Mapping[str, Bounds] = field(default_factory=dict)
    edges: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    labels: Mapping[str, Bounds] = field(default_factory=dict)


@dataclass(frozen=True)
class Definition:
    """One approval route; equal definitions walk alike whatever their layout."""

    process_id: str
    name: str
    elements: Mapping[str, Element]
    flows: Mapping[str, SequenceFlow]
    lanes: tuple[Lane, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    layout: Layout = field(default_factory=Layout, compare=False)
    name_en: str = ""

    @cached_property
    def _outgoing(self) -> dict[str, list[SequenceFlow]]:
        found: dict[str, list[SequenceFlow]] = {}
        for flow in self.flows.values():
            found.setdefault(flow.source, []).append(flow)
        return found

    @cached_property
    def _incoming(self) -> dict[str, list[SequenceFlow]]:
        found: dict[str, list[SequenceFlow]] = {}
        for flow in self.flows.values():
            found.setdefault(flow.target, []).append(flow)
        return found

    @cached_property
    def facts_asked(self) -> frozenset[str]:
        """Every fact that a condition of the route reads."""
        return frozenset().union(*(fact_names(flow.condition) for flow in self.flows.values()))

    @cached_property
    def backward(self) -> frozenset[str]:
        """The flows that lead back: those that close a circle, walked from the start in order."""
        out: dict[str, list[SequenceFlow]] = {each: [] for each in self.elements}
        for flow in self.flows.values():
            out.setdefault(self.anchor(flow.source), []).append(flow)
        targets = {self.anchor(flow.target) for flow in self.flows.values()}
        found: set[str] = set()
        is_open: dict[str, bool] = {}
        for root in sorted(out, key=lambda node: node in targets):
            if root in is_open:
                continue
            is_open[root] = True
            stack = [(root, iter(out[root]))]
            while stack:
                node, flows = stack[-1]
                onward = next(flows, None)
                if onward is None:
                    is_open[node] = False
                    stack.pop()
                    continue
                target = self.anchor(onward.target)
                if is_open.get(target):
                    found.add(onward.id)
                elif target not in is_open:
                    is_open[target] = True
                    stack.append((target, iter(out.get(target, ()))))
        return frozenset(found)

    def anchor(self, element_id: str) -> str:
        """The stage that a timer sits on; any other element itself."""
        element = self.elements.get(element_id)
        if isinstance(element, BoundaryTimer) and element.attached_to in self.elements:
            return element.attached_to
        return element_id

    @cached_property
    def _timers(self) -> dict[str, list[BoundaryTimer]]:
        found: dict[str, list[BoundaryTimer]] = {}
        for element in self.elements.values():
            if isinstance(element, BoundaryTimer):
                found.setdefault(element.attached_to, []).append(element)
        return found

    def outgoing(self, element_id: str) -> list[SequenceFlow]:
        """The flows that leave an element, in the order in which a gateway tries them."""
        return self._outgoing.get(element_id, [])

    def incoming(self, element_id: str) -> list[SequenceFlow]:
        return self._incoming.get(element_id, [])

    def timers(self, element_id: str) -> list[BoundaryTimer]:
        """The boundary timers that sit on a stage."""
        return self._timers.get(element_id, [])

    def lane(self, lane_id: str) -> Lane | None:
        return next((lane for lane in self.lanes if lane.id == lane_id), None)

    def title(self, language: str) -> str:
        return self.name_en if language.startswith("en") and self.name_en else self.name

    @property
    def start(self) -> StartEvent:
        """The only start event; raises LookupError when there is none or more than one."""
        starts = [e for e in self.elements.values() if isinstance(e, StartEvent)]
        if len(starts) != 1:
            raise LookupError(f"{len(starts)} start events")
        return starts[0]

    def stages(self) -> Iterator[Stage]:
        return (e for e in self.elements.values() if isinstance(e, Stage))

    @cached_property
    def chooses_next(self) -> bool:
        """Whether an approver chooses the people of a later stage anywhere in the route."""
        rules = (rule for stage in self.stages() for rule in stage.settings.assignees)
        return any(rule.kind is AssigneeKind.PREVIOUS for rule in rules)

    def stage(self, element_id: str) -> Stage:
        """The stage of that id; raises KeyError when the id names no stage."""
        element = self.elements[element_id]
        if not isinstance(element, Stage):
            raise KeyError(element_id)
        return element
