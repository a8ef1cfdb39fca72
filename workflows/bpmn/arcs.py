"""Red arcs for the jumps back: outside of the shapes, above them or, on a phone, to their left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workflows.bpmn.canvas import Canvas, Point, number
from workflows.bpmn.labels import SIZE
from workflows.bpmn.layout import Orientation
from workflows.bpmn.model import Bounds
from workflows.bpmn.text import width_of, wrap_evenly

LEVEL = 22.0


@dataclass(frozen=True)
class Arc:
    """A jump from one shape to another, with its text."""

    source: str
    target: str
    text: str


def draw_arcs(
    canvas: Canvas,
    arcs: Sequence[Arc],
    shapes: Mapping[str, Bounds],
    orientation: Orientation,
    *,
    colour: str,
    background: str,
) -> None:
    """Short arcs lie inside of long ones; their texts are drawn last, so that none is crossed."""
    labels: list[tuple[Arc, Point]] = []
    levels: list[tuple[float, float, float]] = []
    is_flat = orientation == "horizontal"
    for index, arc in enumerate(sorted(arcs, key=lambda each: _span(each, shapes))):
        source, target = shapes[arc.source], shapes[arc.target]
        shift = 10 + index % 3 * 7
        if is_flat:
            begin = (source.x + source.width / 2 - shift, source.y)
            tip = (target.x + target.width / 2 + min(shift, target.width / 3), target.y)
        else:
            begin = (source.y + source.height / 2 - shift, source.x)
            tip = (target.y + target.height / 2 + min(shift, target.height / 3), target.x)
        apex = _apex(begin, tip, shapes.values(), is_flat)
        low, high = sorted((begin[0], tip[0]))
        while any(low < b and a < high and abs(apex - level) < LEVEL for a, b, level in levels):
            apex -= LEVEL
        levels.append((low, high, apex))
        # A cubic curve reaches three quarters of the way to its control points.
        control = (apex - 0.125 * (begin[1] + tip[1])) / 0.75
        points = [begin, (begin[0], control), (tip[0], control), (tip[0], tip[1] - 6)]
        middle = ((begin[0] + tip[0]) / 2, apex)
        before = (tip[0], tip[1] - 10)
        if not is_flat:
            points = [(v, u) for u, v in points]
            middle, before, tip = middle[::-1], before[::-1], tip[::-1]
        canvas.begin("return", arc.source, arc.text)
        spelled = [f"{number(x)} {number(y)}" for x, y in points]
        canvas.path(f"M{spelled[0]}C{' '.join(spelled[1:])}", stroke=colour, stroke_width=2)
        canvas.arrow_head(before, tip, fill=colour, size=9)
        canvas.reach(*middle)
        labels.append((arc, middle))
    taken: list[tuple[float, float]] = []
    for arc, apex_at in labels:
        x, y = apex_at
        lines = [arc.text] if is_flat else wrap_evenly(arc.text, SIZE, 66, 2)
        width, height = max(width_of(line, SIZE) for line in lines) + 8, 15.0 * len(lines)
        if not is_flat:
            # Beside the shapes there is no room: the text stands outside of its arc.
            x -= width / 2 + 4
            while any(abs(y - other) < (height + size) / 2 for other, size in taken):
                y += 6
            taken.append((y, height))
        canvas.begin("return", arc.source, arc.text)
        canvas.rect(
            x - width / 2, y - height / 2, width, height, fill=background, radius=4, opacity=0.9
        )
        for index, line in enumerate(lines):
            middle_y = y - height / 2 + 7.5 + 15 * index
            canvas.text(x, middle_y, line, size=SIZE, fill=colour, weight="600")


def _apex(begin: Point, tip: Point, shapes: Iterable[Bounds], is_flat: bool) -> float:
    """How far out the arc must go to clear every shape on its way."""
    low, high = sorted((begin[0], tip[0]))
    inner = max(begin[1], tip[1])
    edge = min(begin[1], tip[1])
    for box in shapes:
        at, length, out = (box.x, box.width, box.y) if is_flat else (box.y, box.height, box.x)
        if low < at + length and at < high and out <= inner:
            edge = min(edge, out)
    return edge - LEVEL


def _span(arc: Arc, shapes: Mapping[str, Bounds]) -> float:
    a, b = shapes[arc.source], shapes[arc.target]
    return abs(a.x - b.x) + abs(a.y - b.y)
