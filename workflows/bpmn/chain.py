"""The list editor's view of a route: one stage after the other, some only when …"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.bpmn.conditions import Condition
from workflows.bpmn.findings import Finding
from workflows.bpmn.model import (
    AssigneeRule,
    CopyTask,
    Definition,
    Element,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    SequenceFlow,
    ServiceTask,
    Stage,
    StageSettings,
    StartEvent,
)


@dataclass(frozen=True)
class ChainStage:
    """An approval stage of the list, met only when ``condition`` holds."""

    id: str
    name: str = ""
    name_en: str = ""
    settings: StageSettings = field(default_factory=StageSettings)
    condition: Condition | None = None


@dataclass(frozen=True)
class ChainCopy:
    """A copy (抄送) of the list, sent only when ``condition`` holds."""

    id: str
    name: str = ""
    name_en: str = ""
    assignees: tuple[AssigneeRule, ...] = ()
    condition: Condition | None = None


@dataclass(frozen=True)
class ChainService:
    """What the system does between two nodes, only when ``condition`` holds."""

    id: str
    name: str = ""
    name_en: str = ""
    handler: str = ""
    condition: Condition | None = None


ChainNode = ChainStage | ChainCopy | ChainService


START = StartEvent("start", "提交", "Submitted")
APPROVED = EndEvent("approved", "通过", "Approved")


@dataclass(frozen=True)
class Chain:
    """A linear route: start, nodes in order, approved."""

    process_id: str
    name: str
    name_en: str = ""
    nodes: tuple[ChainNode, ...] = ()
    start: StartEvent = START
    end: EndEvent = APPROVED

    def node(self, node_id: str) -> ChainNode:
        """Raises KeyError when the list has no such node."""
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise KeyError(node_id)


@dataclass(frozen=True)
class NotAChain:
    """The route cannot be edited as a list without losing something."""

    reasons: tuple[Finding, ...]


def from_chain(chain: Chain) -> Definition:
    """The route that the list describes.

    An exclusive gateway stands in front of each conditional node: the conditional flow leads
    to the node, the default flow around it. Ids derive from the nodes' ids, so that the same
    list always gives the same route. Raises ValueError when two ids are the same.
    """
    taken = {chain.process_id, chain.start.id, chain.end.id, *(n.id for n in chain.nodes)}
    if len(taken) != len(chain.nodes) + 3:
        raise ValueError("two nodes have the same id")
    elements: dict[str, Element] = {chain.start.id: chain.start}
    gateways: dict[str, str] = {}
    for node in chain.nodes:
        if node.condition is not None:
            gateways[node.id] = _new_id(f"{node.id}_gateway", taken)
    flows: dict[str, SequenceFlow] = {}

    def connect(source: str, target: str, condition: Condition | None = None) -> str:
        flow_id = _new_id(f"{source}_to_{target}", taken)
        flows[flow_id] = SequenceFlow(flow_id, source, target, condition=condition)
        return flow_id

    open_ends: list[str] = [chain.start.id]
    defaults: dict[str, str] = {}
    for node in chain.nodes:
        element = _element(node)
        gateway = gateways.get(node.id)
        for source in open_ends:
            flow_id = connect(source, gateway or node.id)
            defaults.setdefault(source, flow_id)
        open_ends = [node.id]
        if gateway is not None:
            elements[gateway] = Gateway(gateway)
            connect(gateway, node.id, node.condition)
            open_ends.append(gateway)
        elements[node.id] = element
    for source in open_ends:
        flow_id = connect(source, chain.end.id)
        defaults.setdefault(source, flow_id)
    elements[chain.end.id] = chain.end
    for gateway in gateways.values():
        elements[gateway] = Gateway(gateway, default=defaults[gateway])
    return Definition(
        process_id=chain.process_id,
        name=chain.name,
        name_en=chain.name_en,
        elements=elements,
        flows=flows,
    )


def with_node(definition: Definition, node: ChainNode) -> Definition | None:
    """The route with one node of its list changed, its drawing and all ids kept.

    None when the change needs a gateway that is not there, or leaves one over.
    """
    into = next((f for f in definition.incoming(node.id) if f.condition is not None), None)
    if (into is None) is not (node.condition is None):
        return None
    flows = dict(definition.flows)
    if into is not None:
        flows[into.id] = replace(into, condition=node.condition)
    return replace(
        definition, elements={**definition.elements, node.id: _element(node)}, flows=flows
    )


def to_chain(definition: Definition) -> Chain | NotAChain:
    """The list that describes the route, or every reason why there is none.

    Ids of gateways and flows are not kept: cases store only those of stages.
    """
    return _Unrolling(definition).result()


class _Unrolling:
    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.reasons: list[Finding] = []

    def add(self, code: str, element_id: str, sentence: str | Promise) -> None:
        element = self.definition.elements.get(element_id)
        name = element.name if element is not None else ""
        self.reasons.append(Finding(code, element_id, name, sentence))

    def result(self) -> Chain | NotAChain:
        self._check_extras()
        chain = None if self.reasons else self._follow()
        if chain is None or self.reasons:
            return NotAChain(tuple(self.reasons))
        return chain

    def _check_extras(self) -> None:
        """Things that a list cannot show, and that editing it would lose."""
        definition = self.definition
        for element in definition.elements.values():
            match element:
                case StartEvent() | EndEvent(kind=EndKind.APPROVED):
                    continue
                case Stage() | CopyTask() | ServiceTask():
                    continue
                case Gateway(kind=GatewayKind.EXCLUSIVE):
                    if element.name or element.name_en:
                        self.add(
                            "named-gateway",
                            element.id,
                            _("The gateway “%(element)s” has a name, which a list cannot show."),
                        )
                case _:
                    self.add(
                        "not-in-a-list",
                        element.id,
                        _("“%(element)s” cannot be shown in a list of nodes; use the diagram."),
                    )
        if any(flow.name or flow.name_en for flow in definition.flows.values()):
            self.add(
                "named-flow", "", _("Flows of this route have names, which a list cannot show.")
            )
        if definition.lanes or definition.annotations:
            self.add(
                "lanes", "", _("The route has lanes or annotations, which a list cannot show.")
            )

    def _follow(self) -> Chain | None:
        definition = self.definition
        starts = [e for e in definition.elements.values() if isinstance(e, StartEvent)]
        ends = [e for e in definition.elements.values() if isinstance(e, EndEvent)]
        if len(starts) != 1 or len(ends) != 1:
            self.add("start-and-end", "", _("A list has exactly one start and one end."))
            return None
        nodes: list[ChainNode] = []
        seen: set[str] = {starts[0].id}
        current = self._only_target(starts[0].id)
        while current is not None and current != ends[0].id:
            if current in seen:
                self._refuse_shape(current)
                return None
            seen.add(current)
            element = definition.elements[current]
            condition = None
            if isinstance(element, Gateway):
                branch = self._branch(element)
                if branch is None:
                    return None
                element, condition, current = branch
                seen.add(element.id)
            else:
                current = self._only_target(element.id)
            nodes.append(_node(element, condition))
        if current is None:
            return None
        if definition.outgoing(current):
            self._refuse_shape(current)
            return None
        if len(seen) + 1 != len(definition.elements):
            left = next(e for e in definition.elements if e not in seen and e != current)
            self._refuse_shape(left)
            return None
        return Chain(
            process_id=definition.process_id,
            name=definition.name,
            name_en=definition.name_en,
            nodes=tuple(nodes),
            start=starts[0],
            end=ends[0],
        )

    def _branch(self, gateway: Gateway) -> tuple[Element, Condition, str] | None:
        """The conditional node behind a gateway, its condition, and where both ways meet."""
        flows = self.definition.outgoing(gateway.id)
        chosen = [flow for flow in flows if flow.condition is not None]
        around = [flow for flow in flows if flow.id == gateway.default and not flow.condition]
        if len(flows) != 2 or len(chosen) != 1 or len(around) != 1:
            self._refuse_shape(gateway.id)
            return None
        node = self.definition.elements[chosen[0].target]
        condition = chosen[0].condition
        if not isinstance(node, Stage | CopyTask | ServiceTask) or condition is None:
            self._refuse_shape(gateway.id)
            return None
        meeting = self._only_target(node.id)
        if meeting is None or meeting != around[0].target:
            self._refuse_shape(gateway.id)
            return None
        if len(self.definition.incoming(node.id)) != 1:
            self._refuse_shape(node.id)
            return None
        return node, condition, meeting

    def _only_target(self, element_id: str) -> str | None:
        flows = self.definition.outgoing(element_id)
        if len(flows) != 1 or flows[0].condition is not None:
            self._refuse_shape(element_id)
            return None
        return flows[0].target

    def _refuse_shape(self, element_id: str) -> None:
        self.add(
            "not-linear",
            element_id,
            _("At “%(element)s” the route is not a list of nodes; use the diagram."),
        )


def _node(element: Element, condition: Condition | None) -> ChainNode:
    if isinstance(element, Stage):
        return ChainStage(element.id, element.name, element.name_en, element.settings, condition)
    if isinstance(element, CopyTask):
        return ChainCopy(element.id, element.name, element.name_en, element.assignees, condition)
    if isinstance(element, ServiceTask):
        return ChainService(element.id, element.name, element.name_en, element.handler, condition)
    raise TypeError(element)


def _element(node: ChainNode) -> Element:
    if isinstance(node, ChainStage):
        return Stage(node.id, node.name, node.name_en, node.settings)
    if isinstance(node, ChainService):
        return ServiceTask(node.id, node.name, node.name_en, node.handler)
    return CopyTask(node.id, node.name, node.name_en, node.assignees)


def _new_id(wished: str, taken: set[str]) -> str:
    while wished in taken:
        wished += "_"
    taken.add(wished)
    return wished
