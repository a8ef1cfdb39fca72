"""Right-angled ways for the flows of a drawing, around its shapes.

Works in (u, v): u runs along the layers, v across them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workflows.bpmn.grid import Grid
from workflows.bpmn.model import BoundaryTimer, Definition, Gateway, SequenceFlow

Point = tuple[float, float]
Box = tuple[float, float, float, float]

#: distance between two flows that run side by side, and between a flow and a shape
TRACK = 8.0
CLEARANCE = 4.0
#: the last track before a shape leaves room for an arrow head
FIRST_TRACK = 14.0


@dataclass(frozen=True)
class Frame:
    """The places of a drawing: boxes as (u, v, length, breadth), middles of layers and rows."""

    boxes: Mapping[str, Box]
    layer_at: Mapping[int, float]
    gap_after: Mapping[int, tuple[float, float]]
    row_at: Mapping[int, float]


def route(definition: Definition, grid: Grid, frame: Frame) -> dict[str, tuple[Point, ...]]:
    """The corners of every flow, from the border of its source to that of its target."""
    routing = _Routing(definition, grid, frame)
    # Straight flows first: the others find their way around them.
    order = sorted(
        definition.flows.values(),
        key=lambda flow: (routing.is_straight(flow) is False, flow.id in grid.backward),
    )
    for flow in order:
        routing.add(flow)
    return {flow_id: tuple(routing.ways[flow_id]) for flow_id in definition.flows}


class _Routing:
    def __init__(self, definition: Definition, grid: Grid, frame: Frame) -> None:
        self.definition = definition
        self.grid = grid
        self.frame = frame
        self.ways: dict[str, list[Point]] = {}
        self.tracks: dict[int, int] = {}

    def add(self, flow: SequenceFlow) -> None:
        """Draw the flow the cheapest way; what is drawn already stays."""
        candidates = ((cost, _cleaned(way)) for cost, way in self._candidates(flow))
        if self.is_straight(flow):
            best = next(candidates)[1]
        else:
            priced = [(cost + self._cost(flow, way), way) for cost, way in candidates]
            best = min(priced, key=lambda each: each[0])[1]
        self.ways[flow.id] = best
        self._use_tracks(best)

    def _use_tracks(self, way: list[Point]) -> None:
        """The next flow through the same gap takes the next track."""
        for start, end in itertools.pairwise(way):
            if abs(start[0] - end[0]) > 0.5:
                continue
            if start[0] < 0:
                self.tracks[-1] = self.tracks.get(-1, 0) + 1
            for layer, (begin, stop) in self.frame.gap_after.items():
                if begin < start[0] < stop:
                    self.tracks[layer] = self.tracks.get(layer, 0) + 1

    def is_straight(self, flow: SequenceFlow) -> bool:
        source, target = self._source(flow), self._target(flow)
        row = self.grid.corridors.get(flow.id, self.grid.rows[source])
        return (
            flow.source == source
            and self.grid.rows[source] == self.grid.rows[target] == row
            and self.grid.layers[source] < self.grid.layers[target]
        )

    # -- places --------------------------------------------------------------------------

    def _source(self, flow: SequenceFlow) -> str:
        return self.definition.anchor(flow.source)

    def _target(self, flow: SequenceFlow) -> str:
        return self.definition.anchor(flow.target)

    def _middle(self, element_id: str) -> Point:
        u, v, length, breadth = self.frame.boxes[element_id]
        return (u + length / 2, v + breadth / 2)

    def _border(self, element_id: str, side: str) -> Point:
        u, v, length, breadth = self.frame.boxes[element_id]
        return {
            "front": (u + length, v + breadth / 2),
            "back": (u, v + breadth / 2),
            "low": (u + length / 2, v + breadth),
            "high": (u + length / 2, v),
        }[side]

    def _channel_after(self, layer: int) -> float:
        """A free track in the gap behind a layer, from its far end inwards."""
        begin, end = self.frame.gap_after[layer]
        room = int((end - begin - FIRST_TRACK - CLEARANCE - 1) // TRACK) + 1
        return end - FIRST_TRACK - self.tracks.get(layer, 0) % room * TRACK

    def _channel_before(self, layer: int) -> float:
        if layer - 1 in self.frame.gap_after:
            return self._channel_after(layer - 1)
        return -FIRST_TRACK - self.tracks.get(-1, 0) * TRACK

    # -- candidates ----------------------------------------------------------------------

    def _candidates(self, flow: SequenceFlow) -> Iterator[tuple[float, list[Point]]]:
        source, target = self._source(flow), self._target(flow)
        start_v, end_v = self._middle(source)[1], self._middle(target)[1]
        row = self.grid.corridors.get(flow.id)
        if row is None and self.grid.rows[source] == self.grid.rows[target]:
            rows = [start_v]
        elif row is None:
            rows = [end_v, start_v]
        else:
            rows = [self.frame.row_at[row]]
        for penalty, line in enumerate(rows):
            for cost_out, out in self._exits(flow, line):
                for cost_in, into in self._entries(flow, line):
                    # Splits branch off at the source, joins come together at the target.
                    yield penalty * self._split_bias(flow) + cost_out + cost_in, [*out, *into]

    def _split_bias(self, flow: SequenceFlow) -> float:
        """Whether branching at the source is preferred to meeting at the target."""
        several = len(self.definition.outgoing(flow.source)) > 1
        return 2.0 if several else -2.0

    def _exits(self, flow: SequenceFlow, line: float) -> Iterator[tuple[float, list[Point]]]:
        source = self._source(flow)
        layer = self.grid.layers[source]
        element = self.definition.elements[flow.source]
        if isinstance(element, BoundaryTimer) and flow.source != source:
            foot = self._border(flow.source, "low")
            if line > foot[1]:
                yield 0.0, [foot, (foot[0], line)]
            below = foot[1] + 12
            channel = self._channel_after(layer)
            yield 6.0, [foot, (foot[0], below), (channel, below), (channel, line)]
            return
        front = self._border(source, "front")
        if abs(front[1] - line) < 0.5:
            if flow.id not in self.grid.backward:
                yield 0.0, [front, (front[0], line)]
        else:
            side = "low" if line > front[1] else "high"
            foot = self._border(source, side)
            single = len(self.definition.outgoing(source)) == 1
            extra = 1.5 if single and not isinstance(element, Gateway) else 0.0
            yield extra, [foot, (foot[0], line)]
        channel = self._channel_after(layer)
        yield 2.5, [front, (channel, front[1]), (channel, line)]

    def _entries(self, flow: SequenceFlow, line: float) -> Iterator[tuple[float, list[Point]]]:
        target = self._target(flow)
        back = self._border(target, "back")
        if abs(back[1] - line) < 0.5:
            if flow.id not in self.grid.backward:
                yield 0.0, [(back[0], line), back]
        else:
            side = "low" if line > back[1] else "high"
            foot = self._border(target, side)
            yield 0.5, [(foot[0], line), foot]
        channel = self._channel_before(self.grid.layers[target])
        yield 2.5, [(channel, line), (channel, back[1]), back]

    # -- cost ----------------------------------------------------------------------------

    def _cost(self, flow: SequenceFlow, way: list[Point]) -> float:
        cost = 0.4 * len(way)
        hosts = {flow.source, flow.target, self._source(flow)}
        timers = {t.id for host in hosts for t in self.definition.timers(host)}
        for start, end in itertools.pairwise(way):
            for element_id, box in self.frame.boxes.items():
                grown = -1.0 if element_id in hosts else CLEARANCE
                if element_id in timers and element_id != flow.source:
                    grown = 0.0
                if _crosses(start, end, box, grown):
                    cost += 200
            for other_id, other in self.ways.items():
                cost += self._overlap(flow, start, end, self.definition.flows[other_id], other)
        if len(way) > 1 and self._source(flow) != self._target(flow):
            cost += 200 * _touches_backwards(way)
        return cost

    def _overlap(
        self, flow: SequenceFlow, start: Point, end: Point, other: SequenceFlow, way: list[Point]
    ) -> float:
        """Unrelated flows may cross but never run on the same line."""
        related = flow.source == other.source or flow.target == other.target
        cost = 0.0
        for a, b in itertools.pairwise(way):
            if _same_line(start, end, a, b):
                cost += 0.0 if related else 40.0
            elif _cross(start, end, a, b):
                cost += 0.3
        return cost


def _cleaned(way: list[Point]) -> list[Point]:
    """Without doubled points and without corners that are none."""
    found: list[Point] = []
    for point in way:
        if found and abs(found[-1][0] - point[0]) < 0.01 and abs(found[-1][1] - point[1]) < 0.01:
            continue
        if len(found) > 1 and (
            (abs(found[-2][0] - found[-1][0]) < 0.01 and abs(found[-1][0] - point[0]) < 0.01)
            or (abs(found[-2][1] - found[-1][1]) < 0.01 and abs(found[-1][1] - point[1]) < 0.01)
        ):
            found[-1] = point
            continue
        found.append(point)
    if len(found) == 1:
        found.append(found[0])
    return found


def _touches_backwards(way: list[Point]) -> int:
    """How often a way turns back on itself."""
    turns = 0
    for a, b, c in zip(way, way[1:], way[2:], strict=False):
        if (b[0] - a[0]) * (c[0] - b[0]) < 0 or (b[1] - a[1]) * (c[1] - b[1]) < 0:
            turns += 1
    return turns


def _crosses(start: Point, end: Point, box: Box, grown: float) -> bool:
    u, v, length, breadth = box
    low_u, high_u = sorted((start[0], end[0]))
    low_v, high_v = sorted((start[1], end[1]))
    return (
        low_u < u + length + grown
        and high_u > u - grown
        and low_v < v + breadth + grown
        and high_v > v - grown
    )


def _same_line(a: Point, b: Point, c: Point, d: Point) -> bool:
    """Whether two segments share more than a point."""
    for axis in (0, 1):
        other = 1 - axis
        level = abs(a[axis] - b[axis]) < 0.5 and abs(c[axis] - d[axis]) < 0.5
        if level and abs(a[axis] - c[axis]) < 3:
            low = max(min(a[other], b[other]), min(c[other], d[other]))
            high = min(max(a[other], b[other]), max(c[other], d[other]))
            if high - low > 1:
                return True
    return False


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def inside(value: float, one: float, two: float) -> bool:
        return min(one, two) < value < max(one, two)

    if abs(a[0] - b[0]) < 0.5 and abs(c[1] - d[1]) < 0.5:
        return inside(a[0], c[0], d[0]) and inside(c[1], a[1], b[1])
    if abs(a[1] - b[1]) < 0.5 and abs(c[0] - d[0]) < 0.5:
        return inside(c[0], a[0], b[0]) and inside(a[1], c[1], d[1])
    return False
