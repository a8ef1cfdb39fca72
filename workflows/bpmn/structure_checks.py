"""Publish checks on the graph of a route: starts, ends, connections, circles, joins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from django.utils.translation import gettext_lazy as _

from workflows.bpmn.findings import Finding
from workflows.bpmn.model import (
    BoundaryTimer,
    Definition,
    EndEvent,
    EndKind,
    Gateway,
    Stage,
    StartEvent,
)
from workflows.bpmn.naming import about_element, about_route
from workflows.bpmn.soundness import Fault, TooManyRuns, following, unsound_elements


class StructureChecks:
    """Checks that look neither at conditions nor at settings."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition

    def findings(self) -> Iterator[Finding]:
        yield from self._starts()
        yield from self._ends()
        yield from self._connections()

    def dangling(self) -> Iterator[Finding]:
        """References to what is not there; no other check makes sense with them."""
        for flow in self.definition.flows.values():
            for end in (flow.source, flow.target):
                if end not in self.definition.elements:
                    yield Finding(
                        "dangling-flow",
                        flow.id,
                        flow.name,
                        _("The flow “%(element)s” leads from or to “%(end)s”, which is not there."),
                        {"end": end},
                    )
        for element in self.definition.elements.values():
            if not isinstance(element, Gateway) or element.default is None:
                continue
            if element.default not in {flow.id for flow in self.definition.outgoing(element.id)}:
                yield about_element(
                    "default-flow",
                    element,
                    _("The default flow of the gateway “%(element)s” does not begin at it."),
                )

    def _starts(self) -> Iterator[Finding]:
        starts = [e for e in self.definition.elements.values() if isinstance(e, StartEvent)]
        if not starts:
            yield about_route("no-start", _("The route has no start event."))
        for start in starts[1:]:
            yield about_element(
                "several-starts",
                start,
                _("The route has more than one start event; remove “%(element)s”."),
            )
        for start in starts:
            if self.definition.incoming(start.id):
                yield about_element(
                    "flow-to-start", start, _("No flow may lead to the start “%(element)s”.")
                )

    def _ends(self) -> Iterator[Finding]:
        ends = [e for e in self.definition.elements.values() if isinstance(e, EndEvent)]
        if not any(end.kind is EndKind.APPROVED for end in ends):
            yield about_route("no-approval", _("The route has no end that approves."))
        for end in ends:
            if self.definition.outgoing(end.id):
                yield about_element(
                    "flow-from-end", end, _("No flow may leave the end “%(element)s”.")
                )
        if not any(isinstance(e, Stage) for e in self.definition.elements.values()):
            yield about_route("no-stage", _("The route has no approval stage."))

    def _connections(self) -> Iterator[Finding]:
        definition = self.definition
        starts = [e.id for e in definition.elements.values() if isinstance(e, StartEvent)]
        forward = closure(starts, lambda node: following(definition, node))
        ends = [e.id for e in definition.elements.values() if isinstance(e, EndEvent)]
        backward = closure(ends, lambda node: _in_front(definition, node))
        for element in definition.elements.values():
            flows = definition.outgoing(element.id)
            if starts and element.id not in forward:
                yield about_element(
                    "unreachable", element, _("No flow leads from the start to “%(element)s”.")
                )
            if isinstance(element, BoundaryTimer):
                continue
            if element.id not in backward and not isinstance(element, EndEvent):
                yield about_element(
                    "no-way-out", element, _("No way leads from “%(element)s” to an end.")
                )
            if len(flows) > 1 and not isinstance(element, Gateway | EndEvent):
                yield about_element(
                    "implicit-split",
                    element,
                    _("Several flows leave “%(element)s”. Put a gateway behind it."),
                )

    def soundness(self) -> Iterator[Finding]:
        """Whether joins match splits; only for a route without other findings here."""
        try:
            found = unsound_elements(self.definition)
        except TooManyRuns:
            yield about_route(
                "too-many-runs",
                _(
                    "The route has too many parallel and inclusive branches to be checked. Use "
                    "fewer."
                ),
            )
            return
        for each in found:
            code, sentence = _FAULTS[each.fault]
            yield about_element(code, self.definition.elements[each.element_id], sentence)


_FAULTS = {
    Fault.WAITS: (
        "join-waits",
        _(
            "The parallel join “%(element)s” may wait for ever: not every branch that leads to it "
            "is started. Join the branches with a gateway of the kind that split them."
        ),
    ),
    Fault.TWICE: (
        "reached-twice",
        _(
            "“%(element)s” may be reached twice in one run. Join parallel branches with a gateway "
            "of the kind that split them."
        ),
    ),
    Fault.BESIDE: (
        "loop-beside",
        _(
            "A flow leads back to “%(element)s” while another branch is open. Join the branches "
            "before the way back."
        ),
    ),
}


def _in_front(definition: Definition, element_id: str) -> list[str]:
    """The elements right in front of one, over every flow; a timer's stage stands in front."""
    element = definition.elements[element_id]
    host = [element.attached_to] if isinstance(element, BoundaryTimer) else []
    return [flow.source for flow in definition.incoming(element_id)] + host


def closure(roots: Sequence[str], next_of: Callable[[str], Sequence[str]]) -> set[str]:
    """The roots and everything that can be reached from them."""
    found = set(roots)
    todo = list(roots)
    while todo:
        for node in next_of(todo.pop()):
            if node not in found:
                found.add(node)
                todo.append(node)
    return found
