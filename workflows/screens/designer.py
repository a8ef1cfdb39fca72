"""The designer: what the page and the API tell about a route that is being drawn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from workflows.bpmn.findings import Finding
from workflows.bpmn.model import (
    BoundaryTimer,
    CopyTask,
    Definition,
    Element,
    EndEvent,
    Gateway,
    GatewayKind,
    SequenceFlow,
    ServiceTask,
    Stage,
    StartEvent,
)
from workflows.bpmn.naming import shown_title
from workflows.bpmn.words import condition_in_words, condition_words
from workflows.element_forms import ElementEditor
from workflows.kinds import kind_for
from workflows.services.definitions import findings_of


def assessment(definition: Definition, document_kind: str) -> dict[str, Any]:
    """What the publish check finds, and the conditions in short words by the id of their flow."""
    kind = kind_for(document_kind)
    language = get_language() or "zh-hans"
    return {
        "findings": findings_of(definition, document_kind),
        "conditions": condition_words(definition, kind.condition_facts, language=language),
    }


@dataclass(frozen=True)
class Choice:
    """An element in a list of elements."""

    id: str
    title: str


@dataclass(frozen=True)
class Way:
    """A way out of a gateway: where it leads, when (in words), and whether it can be moved."""

    id: str
    target: str
    words: str
    is_default: bool
    may_be_earlier: bool = False
    may_be_later: bool = False


@dataclass(frozen=True)
class Panel:
    """One element in the panel beside the drawing: its forms and what can be done by a click."""

    definition: Definition
    element_id: str
    editor: ElementEditor | None
    findings: list[Finding]

    @property
    def element(self) -> Element | None:
        return self.definition.elements.get(self.element_id)

    @property
    def is_route(self) -> bool:
        return self.element_id == self.definition.process_id

    @property
    def is_flow(self) -> bool:
        return self.element_id in self.definition.flows

    @property
    def is_lane(self) -> bool:
        return self.definition.lane(self.element_id) is not None

    @property
    def may_lead_on(self) -> bool:
        return self.element is not None and not isinstance(self.element, EndEvent)

    @property
    def may_wait(self) -> bool:
        """Whether a timer can sit on it."""
        return isinstance(self.element, Stage)

    @property
    def title(self) -> str:
        language = get_language() or "zh-hans"
        if self.is_route:
            return self.definition.title(language)
        if self.is_flow:
            flow = self.definition.flows[self.element_id]
            named = flow.name_en if language.startswith("en") and flow.name_en else flow.name
            return named or f"→ {shown_title(self.definition, flow.target)}"
        lane = self.definition.lane(self.element_id)
        if lane is not None:
            return lane.name or lane.id
        return shown_title(self.definition, self.element_id)

    @property
    def targets(self) -> list[Choice]:
        """What a flow from here may lead to and does not lead to yet."""
        taken = {flow.target for flow in self.definition.outgoing(self.element_id)}
        return [
            Choice(element.id, shown_title(self.definition, element.id))
            for element in self.definition.elements.values()
            if not isinstance(element, StartEvent | BoundaryTimer)
            and element.id not in {self.element_id, *taken}
        ]

    @property
    def contents(self) -> Iterator[tuple[str, Choice]]:
        """Every element and flow of the route with the icon of its kind, for the keyboard."""
        definition = self.definition
        for element in definition.elements.values():
            yield _ICONS[type(element)], Choice(element.id, shown_title(definition, element.id))
        for lane in definition.lanes:
            yield "layout-columns", Choice(lane.id, lane.name or lane.id)
        for flow in definition.flows.values():
            if flow.condition is not None:
                yield "arrow-right", Choice(flow.id, shown_title(definition, flow.target))

    @property
    def condition(self) -> str:
        """The flow's condition in full words."""
        flow = self.definition.flows.get(self.element_id)
        return self._in_words(flow) if flow is not None else ""

    def _in_words(self, flow: SequenceFlow) -> str:
        if flow.condition is None or self.editor is None:
            return ""
        return condition_in_words(flow.condition, self.editor.kind.condition_facts)

    @property
    def ways(self) -> list[Way]:
        """The ways out of a gateway of which the first that holds is taken, in their order."""
        gateway = self.element
        if not isinstance(gateway, Gateway) or gateway.kind is not GatewayKind.EXCLUSIVE:
            return []
        flows = self.definition.outgoing(gateway.id)
        if len(flows) < 2:
            return []
        tried = [flow for flow in flows if flow.id != gateway.default]
        return [
            *(
                self._way(flow, may_be_earlier=place > 1, may_be_later=place < len(tried))
                for place, flow in enumerate(tried, start=1)
            ),
            *(self._way(flow, is_default=True) for flow in flows if flow not in tried),
        ]

    def _way(self, flow: SequenceFlow, *, is_default: bool = False, **moves: bool) -> Way:
        target = shown_title(self.definition, flow.target)
        return Way(flow.id, target, self._in_words(flow), is_default, **moves)


_ICONS = {
    StartEvent: "circle",
    EndEvent: "circle-dot",
    Stage: "user-check",
    CopyTask: "copy",
    ServiceTask: "settings",
    Gateway: "git-branch",
    BoundaryTimer: "clock",
}


def load_panel(
    definition: Definition, element_id: str, document_kind: str, editor: ElementEditor | None
) -> Panel:
    element_id = element_id or definition.process_id
    findings = findings_of(definition, document_kind)
    own = [f for f in findings if (f.element_id or definition.process_id) == element_id]
    return Panel(definition, element_id, editor, own)
