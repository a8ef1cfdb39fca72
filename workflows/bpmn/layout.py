"""A readable automatic layout: layers along the reading direction, right-angled flows.

The same definition always gets the same picture. No two shapes overlap, and a flow that
leaves a gateway gets room for its label.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from typing import Literal

from workflows.bpmn.grid import Grid, place
from workflows.bpmn.labels import LabelPlacer
from workflows.bpmn.model import (
    BoundaryTimer,
    Bounds,
    CopyTask,
    Definition,
    Element,
    EndEvent,
    Gateway,
    Layout,
    ServiceTask,
    Stage,
    StartEvent,
)
from workflows.bpmn.routing import Frame, route

Orientation = Literal["horizontal", "vertical"]

MARGIN = 30.0
LANE_STRIP = 30.0
NOTE_WIDTH = 140.0
NOTE_LINE = 16.0
NOTE_GAP = 24.0

TASK = (120.0, 72.0)
#: where the route runs down a phone: wide and flat alone, narrow beside others
TASKS_ON_PHONE = ((168.0, 60.0), (144.0, 60.0), (108.0, 70.0))
GATEWAY = (50.0, 50.0)
EVENT = (36.0, 36.0)

#: (plain gap, gap behind a flow with a label) between two layers
_GAPS = {"horizontal": (48.0, 112.0), "vertical": (38.0, 62.0)}
#: (beside a row of shapes, beside a row that holds flows only)
_ROW_SPACE = {"horizontal": (30.0, 22.0), "vertical": (16.0, 34.0)}
#: room for an event's or a gateway's name
_NAME_SPACE = {"horizontal": 26.0, "vertical": 0.0}


def is_complete(definition: Definition) -> bool:
    """Whether the definition's own layout covers every shape and edge."""
    layout = definition.layout
    notes = [note for note in definition.annotations if note.attached_to is not None]
    shapes = [
        *definition.elements,
        *(lane.id for lane in definition.lanes),
        *(note.id for note in definition.annotations),
    ]
    edges = [*definition.flows, *(note.id for note in notes)]
    return all(key in layout.shapes for key in shapes) and all(
        len(layout.edges.get(key, ())) >= 2 for key in edges
    )


def size_of(element: Element, task: tuple[float, float] = TASK) -> tuple[float, float]:
    """Width and height of an element's shape in pixels."""
    match element:
        case Stage() | CopyTask() | ServiceTask():
            return task
        case Gateway():
            return GATEWAY
    return EVENT


def arrange(
    definition: Definition,
    *,
    orientation: Orientation = "horizontal",
    labelled: Collection[str] | None = None,
) -> Layout:
    """Shapes and way points for every element, flow, lane and annotation.

    ``labelled`` names the flows that will carry text; by default those with a condition or a
    name. A vertical layout leaves the lanes out and lists the annotations
    below.
    """
    if labelled is None:
        labelled = {f.id for f in definition.flows.values() if f.condition or f.name}
    return _Arranging(definition, orientation, frozenset(labelled)).layout()


class _Arranging:
    """Works in (u, v): u runs along the layers, v across them; swapped when vertical."""

    def __init__(
        self, definition: Definition, orientation: Orientation, labelled: frozenset[str]
    ) -> None:
        self.definition = definition
        self.orientation = orientation
        self.labelled = labelled
        self.grid: Grid = place(definition)
        self.sizes = {
            element.id: self._turned(size_of(element, self._task_size()))
            for element in definition.elements.values()
        }

    def _task_size(self) -> tuple[float, float]:
        if self.orientation == "horizontal":
            return TASK
        columns = len(set(self.grid.rows.values()))
        return TASKS_ON_PHONE[min(columns, len(TASKS_ON_PHONE)) - 1 if columns else 0]

    def _turned(self, pair: tuple[float, float]) -> tuple[float, float]:
        return pair if self.orientation == "horizontal" else (pair[1], pair[0])

    def layout(self) -> Layout:
        frame = self._frame()
        shapes = {key: self._bounds(box) for key, box in frame.boxes.items()}
        points = route(self.definition, self.grid, frame)
        edges = {
            flow_id: tuple(self._turned(point) for point in way) for flow_id, way in points.items()
        }
        if self.orientation == "horizontal":
            self._add_lanes(shapes, frame)
            self._add_notes(shapes, edges)
        else:
            self._list_notes(shapes)
        return self._with_names(_shifted(shapes, edges))

    def _with_names(self, layout: Layout) -> Layout:
        """The names of events where a flow runs through their usual place, below the shape."""
        placer = LabelPlacer(
            [layout.shapes[each] for each in self.definition.elements],
            [layout.edges[each] for each in self.definition.flows],
        )
        labels = {}
        for element in self.definition.elements.values():
            if isinstance(element, StartEvent | EndEvent) and element.name:
                shape = layout.shapes[element.id]
                label = placer.at_shape(element.name, shape)
                if label is not None and label.box.y < shape.y + shape.height:
                    labels[element.id] = label.box
        return replace(layout, labels=labels)

    def _bounds(self, box: tuple[float, float, float, float]) -> Bounds:
        u, v, length, breadth = box
        if self.orientation == "horizontal":
            return Bounds(u, v, length, breadth)
        return Bounds(v, u, breadth, length)

    # -- places --------------------------------------------------------------------------

    def _frame(self) -> Frame:
        layer_at, gap_after = self._layer_places()
        row_at = self._row_places()
        boxes: dict[str, tuple[float, float, float, float]] = {}
        for node, layer in self.grid.layers.items():
            length, breadth = self.sizes[node]
            u, v = layer_at[layer], row_at[self.grid.rows[node]]
            boxes[node] = (u - length / 2, v - breadth / 2, length, breadth)
        for element in self.definition.elements.values():
            if isinstance(element, BoundaryTimer) and element.id not in boxes:
                boxes[element.id] = self._timer_box(element, boxes[element.attached_to])
        return Frame(boxes, layer_at, gap_after, row_at)

    def _timer_box(
        self, timer: BoundaryTimer, host: tuple[float, float, float, float]
    ) -> tuple[float, float, float, float]:
        """On the far border of the stage, one beside the other."""
        siblings = self.definition.timers(timer.attached_to)
        index = next(i for i, sibling in enumerate(siblings) if sibling.id == timer.id)
        u, v, length, breadth = host
        step = length / (len(siblings) + 1)
        side_u, side_v = self.sizes[timer.id]
        return (u + step * (index + 1) - side_u / 2, v + breadth - side_v / 2, side_u, side_v)

    def _layer_places(self) -> tuple[dict[int, float], dict[int, tuple[float, float]]]:
        """The middle of each layer, and where the gap behind it begins and ends."""
        plain, wide = _GAPS[self.orientation]
        lengths: dict[int, float] = {}
        gaps: dict[int, float] = {}
        for node, layer in self.grid.layers.items():
            lengths[layer] = max(lengths.get(layer, 0), self.sizes[node][0])
            gaps.setdefault(layer, plain)
        for flow in self.definition.flows.values():
            layer = self.grid.layers[self.definition.anchor(flow.source)]
            if flow.id in self.labelled and flow.id not in self.grid.backward:
                gaps[layer] = wide
        at: dict[int, float] = {}
        after: dict[int, tuple[float, float]] = {}
        u = 0.0
        for layer in sorted(lengths):
            at[layer] = u + lengths[layer] / 2
            after[layer] = (u + lengths[layer], u + lengths[layer] + gaps[layer])
            u = after[layer][1]
        return at, after

    def _row_places(self) -> dict[int, float]:
        """The middle line of each row."""
        beside_shapes, beside_flows = _ROW_SPACE[self.orientation]
        half: dict[int, float] = {}
        tail: dict[int, float] = {}
        for node, row in self.grid.rows.items():
            half[row] = max(half.get(row, 0), self.sizes[node][1] / 2 + beside_shapes)
            element = self.definition.elements[node]
            if self.definition.timers(node):
                tail[row] = max(tail.get(row, 0), EVENT[0] / 2 + 8)
            if not isinstance(element, Stage | CopyTask | ServiceTask):
                below = self.sizes[node][1] / 2 + _NAME_SPACE[self.orientation] + 8
                tail[row] = max(tail.get(row, 0), below - half[row])
        rows = {*half, *self.grid.corridors.values()}
        for first, last in self.grid.lane_rows.values():
            rows |= {first, last}
        at: dict[int, float] = {}
        v = 0.0
        for row in sorted(rows):
            size = half.get(row, beside_flows)
            at[row] = v + size
            v = at[row] + size + tail.get(row, 0)
        return at

    # -- lanes and annotations -----------------------------------------------------------

    def _add_lanes(self, shapes: dict[str, Bounds], frame: Frame) -> None:
        if not self.definition.lanes:
            return
        left = min((b.x for b in shapes.values()), default=0) - LANE_STRIP - MARGIN
        right = max((b.x + b.width for b in shapes.values()), default=0) + MARGIN
        edges = self._lane_edges(frame)
        for lane in self.definition.lanes:
            top, bottom = edges[lane.id]
            shapes[lane.id] = Bounds(left, top, right - left, bottom - top)

    def _lane_edges(self, frame: Frame) -> dict[str, tuple[float, float]]:
        """Top and bottom of each lane, meeting halfway between their rows."""
        rows = sorted(frame.row_at)
        found: dict[str, tuple[float, float]] = {}
        top: float | None = None
        for lane in self.definition.lanes:
            first, last = self.grid.lane_rows[lane.id]
            if top is None:
                top = frame.row_at[first] - 66
            following = next((row for row in rows if row > last), None)
            low = frame.row_at[last]
            bottom = low + 66 if following is None else (low + frame.row_at[following]) / 2
            bottom = max(bottom, top + 60)
            found[lane.id] = (top, bottom)
            top = bottom
        return found

    def _add_notes(
        self,
        shapes: dict[str, Bounds],
        edges: dict[str, tuple[tuple[float, float], ...]],
    ) -> None:
        """Annotations stand in a band of their own, above the picture."""
        ceiling = min((b.y for b in shapes.values()), default=0)
        ceiling = min([ceiling, *(y for way in edges.values() for _x, y in way)])
        right = -math.inf
        placed = []
        for note in self.definition.annotations:
            host = shapes.get(note.attached_to or "")
            placed.append((host.x if host else 0.0, note, host))
        for x, note, host in sorted(placed, key=lambda each: each[0]):
            lines = max(1, math.ceil(_text_length(note.text) / (NOTE_WIDTH - 16)))
            height = min(lines, 6) * NOTE_LINE + 12
            left = max(x, right + NOTE_GAP)
            shapes[note.id] = Bounds(left, ceiling - NOTE_GAP - height, NOTE_WIDTH, height)
            right = left + NOTE_WIDTH
            if host is not None:
                edges[note.id] = (
                    (host.x + host.width / 2, host.y),
                    (left + NOTE_WIDTH / 2, ceiling - NOTE_GAP),
                )

    def _list_notes(self, shapes: dict[str, Bounds]) -> None:
        """Annotations one below the other, under the picture."""
        y = max((b.y + b.height for b in shapes.values()), default=0) + 2 * NOTE_GAP
        x = min((b.x for b in shapes.values()), default=0)
        for note in self.definition.annotations:
            lines = max(1, math.ceil(_text_length(note.text) / (2 * NOTE_WIDTH - 24)))
            height = min(lines + 1, 6) * NOTE_LINE + 8
            shapes[note.id] = Bounds(x, y, 2 * NOTE_WIDTH, height)
            y += height + 8


def _text_length(text: str) -> float:
    return sum(12.0 if ord(character) > 0x2E80 else 7.0 for character in text)


def _shifted(
    shapes: dict[str, Bounds], edges: dict[str, tuple[tuple[float, float], ...]]
) -> Layout:
    """Everything moved so that the picture begins at the margin, on whole pixels."""
    xs = [b.x for b in shapes.values()] + [x for way in edges.values() for x, _y in way]
    ys = [b.y for b in shapes.values()] + [y for way in edges.values() for _x, y in way]
    dx, dy = MARGIN - min(xs, default=0), MARGIN - min(ys, default=0)
    return Layout(
        shapes={
            key: Bounds(round(b.x + dx), round(b.y + dy), b.width, b.height)
            for key, b in shapes.items()
        },
        edges={
            key: tuple((float(round(x + dx)), float(round(y + dy))) for x, y in way)
            for key, way in edges.items()
        },
    )
