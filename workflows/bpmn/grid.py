"""Which layer and which row of a drawing every element and every flow gets.

The longest way from start to end is drawn as one straight line; whatever leaves it and
comes back (a branch, a way around a stage) takes the nearest free row beside it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from workflows.bpmn.model import Definition, SequenceFlow


@dataclass
class Grid:
    """Layers count from the start, rows from the top.

    ``corridors`` gives the row in which a flow runs past other layers; flows between
    neighbours have none. ``backward`` are the flows that lead to an earlier layer.
    ``lane_rows`` gives the first and last row of each lane.
    """

    layers: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    corridors: dict[str, int] = field(default_factory=dict)
    backward: frozenset[str] = frozenset()
    lane_rows: dict[str, tuple[int, int]] = field(default_factory=dict)


def place(definition: Definition) -> Grid:
    """The grid of a definition. Timers have no place of their own: they sit on their stage."""
    return _Placing(definition).grid()


class _Placing:
    def __init__(self, definition: Definition) -> None:
        self.definition = definition
        self.nodes = [e for e in definition.elements if definition.anchor(e) == e]
        self.out: dict[str, list[SequenceFlow]] = {node: [] for node in self.nodes}
        for flow in definition.flows.values():
            self.out[definition.anchor(flow.source)].append(flow)
        self.backward = definition.backward
        self.layers = self._find_layers()
        self.rows: dict[str, float] = {}
        self.corridors: dict[str, float] = {}
        self.done: set[str] = set()
        #: rows taken in each layer, and those of them that hold a shape
        self.taken: dict[int, set[float]] = {}
        self.shapes: dict[int, set[float]] = {}
        #: (node, whether below it, whether a flow arrives there)
        self.ports: set[tuple[str, bool, bool]] = set()

    def grid(self) -> Grid:
        self.heights = self._heights()
        for root in self._roots():
            if root in self.rows:
                continue
            first = self._longest_way(root)
            row = self._free_row(first, None, None) if self.rows else 0.0
            self._put(first, row)
            self._place_ears(first)
        for flow in self.definition.flows.values():
            if flow.id not in self.done:
                self._place_ear([], flow)
        return self._numbered()

    # -- layers --------------------------------------------------------------------------

    def _target(self, flow: SequenceFlow) -> str:
        return self.definition.anchor(flow.target)

    def _source(self, flow: SequenceFlow) -> str:
        return self.definition.anchor(flow.source)

    def _ahead(self, node: str) -> Iterator[SequenceFlow]:
        return (flow for flow in self.out[node] if flow.id not in self.backward)

    def _onward(self, node: str) -> Iterator[SequenceFlow]:
        """The flows ahead that leave the node itself, not one of its timers."""
        return (flow for flow in self._ahead(node) if flow.source == node)

    def _find_layers(self) -> dict[str, int]:
        waiting = dict.fromkeys(self.nodes, 0)
        for node in self.nodes:
            for flow in self._ahead(node):
                waiting[self._target(flow)] += 1
        layers = dict.fromkeys(self.nodes, 0)
        ready = [node for node in self.nodes if not waiting[node]]
        for node in ready:
            for flow in self._ahead(node):
                target = self._target(flow)
                layers[target] = max(layers[target], layers[node] + 1)
                waiting[target] -= 1
                if not waiting[target]:
                    ready.append(target)
        self.sorted = ready
        return layers

    def _heights(self) -> dict[str, int]:
        """How many layers the longest way from each node still has."""
        heights: dict[str, int] = {}
        for node in reversed(self.sorted):
            ways = [heights[self._target(flow)] + 1 for flow in self._onward(node)]
            heights[node] = max(ways, default=0)
        return heights

    def _roots(self) -> list[str]:
        targets = {self._target(flow) for node in self.nodes for flow in self._ahead(node)}
        return sorted((n for n in self.nodes if n not in targets), key=lambda n: -self.heights[n])

    # -- rows ----------------------------------------------------------------------------

    def _longest_way(self, node: str) -> list[str]:
        """Unplaced nodes from ``node`` on, always towards the longest rest."""
        way = [node]
        while True:
            flows = [f for f in self._onward(way[-1]) if self._target(f) not in self.rows]
            if not flows:
                return way
            best = max(flows, key=lambda flow: self.heights[self._target(flow)])
            way.append(self._target(best))

    def _put(self, way: list[str], row: float) -> None:
        for node in way:
            self.rows[node] = row
            self.taken.setdefault(self.layers[node], set()).add(row)
            self.shapes.setdefault(self.layers[node], set()).add(row)
        for before, after in itertools.pairwise(way):
            flow = next(
                f
                for f in self._onward(before)
                if self._target(f) == after and f.id not in self.done
            )
            self.done.add(flow.id)
            if self.layers[after] - self.layers[before] > 1:
                self._reserve(flow, row)

    def _reserve(self, flow: SequenceFlow, row: float) -> None:
        self.corridors[flow.id] = row
        for layer in self._between(self._source(flow), self._target(flow), flow):
            self.taken.setdefault(layer, set()).add(row)

    def _between(self, source: str, target: str, flow: SequenceFlow) -> range:
        if flow.id in self.backward:
            return range(self.layers[target], self.layers[source] + 1)
        return range(self.layers[source] + 1, self.layers[target])

    def _place_ears(self, way: list[str]) -> None:
        """Everything that leaves the placed nodes, short ways first so that they stay near."""
        todo: list[tuple[int, int, list[str], SequenceFlow]] = []
        for node in way:
            for flow in self.out[node]:
                # A flow back to what has no place yet waits until everything has one.
                is_early = flow.id in self.backward and self._target(flow) not in self.rows
                if flow.id not in self.done and not is_early:
                    nodes = self._ear(flow)
                    todo.append((self._span(nodes, flow), len(todo), nodes, flow))
        for _span, _index, _nodes, flow in sorted(todo, key=lambda each: each[:2]):
            if flow.id not in self.done:
                self._place_ear(self._ear(flow), flow)

    def _ear(self, flow: SequenceFlow) -> list[str]:
        target = self._target(flow)
        if target in self.rows or flow.id in self.backward:
            return []
        return self._longest_way(target)

    def _span(self, nodes: list[str], flow: SequenceFlow) -> int:
        last = self._meeting(nodes, flow)
        end = self.layers[last] if last else self.layers[nodes[-1]]
        return abs(end - self.layers[self._source(flow)])

    def _meeting(self, nodes: list[str], flow: SequenceFlow) -> str | None:
        """The placed node in which an ear ends."""
        if not nodes:
            target = self._target(flow)
            return target if target in self.rows else None
        targets = [self._target(f) for f in self._onward(nodes[-1])]
        return next((target for target in targets if target in self.rows), None)

    def _place_ear(self, nodes: list[str], flow: SequenceFlow) -> None:
        self.done.add(flow.id)
        source = self._source(flow)
        if not nodes:
            target = self._target(flow)
            steps = self.layers[target] - self.layers[source]
            if steps == 1 and self._is_free_step(flow):
                return
            self._reserve(flow, self._free_row([], flow, target))
            return
        meeting = self._meeting(nodes, flow)
        row = self._free_row(nodes, flow, meeting)
        self._put(nodes, row)
        if self.layers[nodes[0]] - self.layers[source] > 1:
            self._reserve(flow, row)
        if meeting is not None:
            last = next(f for f in self._onward(nodes[-1]) if self._target(f) == meeting)
            self.done.add(last.id)
            if self.layers[meeting] - self.layers[nodes[-1]] > 1:
                self._reserve(last, row)
        self._place_ears(nodes)

    def _is_free_step(self, flow: SequenceFlow) -> bool:
        """Whether a flow between neighbours can be drawn without a row of its own."""
        source, target = self._source(flow), self._target(flow)
        return self.rows[source] != self.rows[target] or not any(
            other.id != flow.id and other.id in self.done and self._target(other) == target
            for other in self.out[source]
        )

    def _free_row(self, nodes: list[str], flow: SequenceFlow | None, meeting: str | None) -> float:
        """The nearest row that is free in every layer of the way, below rather than above."""
        layers = self._layers_of(nodes, flow, meeting)
        if flow is None:
            ends: list[tuple[str, bool]] = []
            base = 0.0
        else:
            ends = [(self._source(flow), False)]
            ends += [(meeting, True)] if meeting is not None else []
            base = self.rows[self._source(flow)]
        from_timer = flow is not None and self._source(flow) != flow.source
        best = (math.inf, base)
        for row in self._row_candidates(base, from_timer):
            distance = abs(row - base)
            if distance > best[0]:
                break
            if any(row in self.taken.get(layer, ()) for layer in layers):
                continue
            cost = max(distance, 1.0) if row != base else 0.0
            cost += sum(self._end_cost(node, arrives, row) for node, arrives in ends)
            cost += 0.25 if row < base else 0.0
            # A timer hangs on the lower border of its stage.
            cost += 20.0 if from_timer and row <= base else 0.0
            if cost < best[0]:
                best = (cost, row)
        for node, arrives in ends:
            if best[1] != self.rows[node]:
                self.ports.add((node, best[1] > self.rows[node], arrives))
        return best[1]

    def _layers_of(
        self, nodes: list[str], flow: SequenceFlow | None, meeting: str | None
    ) -> set[int]:
        """The layers in which a way needs its row for itself."""
        layers = {self.layers[node] for node in nodes}
        if flow is None:
            return set(range(min(layers), max(layers) + 1))
        first = self.layers[self._source(flow)]
        if meeting is None:
            return layers | set(range(first + 1, max(layers) + 1))
        end = self.layers[meeting]
        if flow.id in self.backward:
            return set(range(end, first + 1))
        return layers | set(range(first + 1, end)) or {first, end}

    def _row_candidates(self, base: float, from_timer: bool) -> list[float]:
        """Rows by distance; for what a timer starts also a new one, right below its stage."""
        used = {row for rows in self.taken.values() for row in rows}
        far = int(max((abs(row - base) for row in used), default=0)) + 2
        rows = [base + sign * step for step in range(far + 1) for sign in (1, -1)]
        if from_timer:
            rows.append((base + min((row for row in used if row > base), default=base + 2)) / 2)
        return sorted(dict.fromkeys(rows), key=lambda row: (abs(row - base), row < base))

    def _end_cost(self, node: str, arrives: bool, row: float) -> float:
        """What a flow runs into on its way between a node and a row in the node's layer."""
        at = self.rows[node]
        if row == at:
            return 0.0
        low, high = sorted((at, row))
        layer = self.layers[node]
        shapes = self.shapes.get(layer, set())
        taken = self.taken.get(layer, set()) - shapes
        cost = 4.0 * sum(low < each < high for each in shapes)
        cost += 0.5 * sum(low < each < high for each in taken)
        # Arriving and leaving on the same side of a shape reads like one flow.
        cost += 1.5 if (node, row > at, not arrives) in self.ports else 0.0
        return cost

    # -- lanes ---------------------------------------------------------------------------

    def _numbered(self) -> Grid:
        """Number the rows from the top, each lane's rows together in the lanes' order."""
        lanes = self.definition.lanes
        lane_of = {member: index for index, lane in enumerate(lanes) for member in lane.members}
        nodes = {node: (lane_of.get(node, -1), row) for node, row in self.rows.items()}
        corridors = {
            flow_id: (lane_of.get(self._source(self.definition.flows[flow_id]), -1), row)
            for flow_id, row in self.corridors.items()
        }
        keys = {*nodes.values(), *corridors.values()}
        used = {lane for lane, _row in keys}
        keys |= {(index, 0.0) for index in range(len(lanes)) if index not in used}
        order = {key: number for number, key in enumerate(sorted(keys))}
        rows = {node: order[key] for node, key in nodes.items()}
        numbered = {flow_id: order[key] for flow_id, key in corridors.items()}
        found: dict[str, tuple[int, int]] = {}
        for index, lane in enumerate(lanes):
            own = [number for (owner, _row), number in order.items() if owner == index]
            found[lane.id] = (min(own), max(own))
        return Grid(self.layers, rows, numbered, self.backward, found)
