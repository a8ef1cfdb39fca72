"""Whether joins match splits: every run of tokens through a route, whatever its conditions."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from workflows.bpmn.model import (
    BoundaryTimer,
    Definition,
    Element,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    SequenceFlow,
    Stage,
)
from workflows.bpmn.upstream import sources_of

STATES_AT_MOST = 20_000
SUBSETS_AT_MOST = 6


class Fault(StrEnum):
    """What goes wrong at an element in some run.

    WAITS: a join that waits for ever · TWICE: two tokens reach it · BESIDE: a flow leads back to
    it while another branch is open, so that approvals of one round would mix with the next's.
    """

    WAITS = "WAITS"
    TWICE = "TWICE"
    BESIDE = "BESIDE"


class Unsound(NamedTuple):
    element_id: str
    fault: Fault


class TooManyRuns(Exception):
    """The route has more runs than may be tried."""


def following(definition: Definition, element_id: str) -> list[str]:
    """The elements that come right behind one, over its flows and its timers' flows."""
    found = [flow.target for flow in definition.outgoing(element_id)]
    return found + [timer.id for timer in definition.timers(element_id)]


def _is_approval(element: Element) -> bool:
    return isinstance(element, EndEvent) and element.kind is EndKind.APPROVED


def unsound_elements(definition: Definition) -> list[Unsound]:
    """What goes wrong in some run. The route must have one start.

    Tokens move in the order of the drawing, those furthest behind first, so that two that
    meet are seen together; those at an end that approves move last, so that a branch that has
    ended still counts as open. Raises ``TooManyRuns``.
    """
    return _Runs(definition).search()


class _Runs:
    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.position = self._positions()
        self.found: dict[Unsound, None] = {}

    def _positions(self) -> dict[str, int]:
        """A place for each element behind everything that leads on to it."""
        elements = self.definition.elements
        waiting = {each: len(sources_of(self.definition, each)) for each in elements}
        onward: dict[str, list[str]] = {each: [] for each in elements}
        for element_id in elements:
            for source in sources_of(self.definition, element_id):
                onward[source].append(element_id)
        ready = [element_id for element_id, count in waiting.items() if not count]
        for element_id in ready:
            for target in onward[element_id]:
                waiting[target] -= 1
                if not waiting[target]:
                    ready.append(target)
        return {
            element_id: index + len(ready) * _is_approval(elements[element_id])
            for index, element_id in enumerate(ready)
        }

    def search(self) -> list[Unsound]:
        start = self.definition.start.id
        todo = [tuple(sorted(flow.id for flow in self.definition.outgoing(start)))]
        seen = set(todo)
        while todo:
            for state in self._moves(todo.pop()):
                if state not in seen:
                    seen.add(state)
                    if len(seen) > STATES_AT_MOST:
                        raise TooManyRuns
                    todo.append(state)
        return list(self.found)

    def _moves(self, state: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if not state:
            return
        flows = self.definition.flows
        element_id = min((flows[f].target for f in state), key=lambda e: self.position[e])
        arrived = [f for f in state if flows[f].target == element_id]
        rest = [f for f in state if flows[f].target != element_id]
        element = self.definition.elements[element_id]
        if isinstance(element, EndEvent):
            yield tuple(rest) if element.kind is EndKind.APPROVED else ()
            return
        kind = element.kind if isinstance(element, Gateway) else GatewayKind.EXCLUSIVE
        joins = kind is not GatewayKind.EXCLUSIVE
        if len(arrived) != len(set(arrived)) or (len(arrived) > 1 and not joins):
            self.found[Unsound(element_id, Fault.TWICE)] = None
            return
        if kind is GatewayKind.PARALLEL and len(arrived) < len(
            self.definition.incoming(element_id)
        ):
            self.found[Unsound(element_id, Fault.WAITS)] = None
            return
        for choice in self._ways(element_id):
            if turn := self._turn_beside(choice, rest):
                self.found[Unsound(turn, Fault.BESIDE)] = None
                return
            yield tuple(sorted([*rest, *(flow.id for flow in choice)]))

    def _turn_beside(self, choice: list[SequenceFlow], rest: list[str]) -> str | None:
        """Where a flow of the choice leads back to while there is another token."""
        back = [flow for flow in choice if flow.id in self.definition.backward]
        return back[0].target if back and len(choice) + len(rest) > 1 else None

    def _ways(self, element_id: str) -> Iterator[list[SequenceFlow]]:
        element = self.definition.elements[element_id]
        flows = self.definition.outgoing(element_id)
        if isinstance(element, Gateway) and element.kind is GatewayKind.EXCLUSIVE:
            yield from ([flow] for flow in flows)
        elif isinstance(element, Gateway) and element.kind is GatewayKind.INCLUSIVE:
            yield from self._subsets(element, flows)
        else:
            yield flows
            if isinstance(element, Stage):
                yield from (self._fired(timer, flows) for timer in self._timers(element_id))

    def _timers(self, element_id: str) -> list[BoundaryTimer]:
        return [t for t in self.definition.timers(element_id) if self.definition.outgoing(t.id)]

    def _fired(self, timer: BoundaryTimer, flows: list[SequenceFlow]) -> list[SequenceFlow]:
        started = self.definition.outgoing(timer.id)
        return started if timer.is_interrupting else [*flows, *started]

    def _subsets(self, gateway: Gateway, flows: list[SequenceFlow]) -> Iterator[list[SequenceFlow]]:
        """Every set of flows that conditions may choose; few at a time where there are many."""
        always = [f for f in flows if f.condition is None and f.id != gateway.default]
        chosen = [f for f in flows if f.condition is not None and f.id != gateway.default]
        default = [f for f in flows if f.id == gateway.default]
        if default and not always:
            yield default
        sizes = range(len(chosen) + 1)
        sizes_tried = [0, 1, 2, len(chosen)] if len(chosen) > SUBSETS_AT_MOST else list(sizes)
        for size in sizes_tried:
            for subset in combinations(chosen, size):
                if subset or always:
                    yield [*always, *subset]
