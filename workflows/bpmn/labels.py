"""Places for the texts of a drawing where they cover neither shapes nor each other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflows.bpmn.model import Bounds
from workflows.bpmn.text import width_of, wrap_evenly

Point = tuple[float, float]

SIZE = 11.0
LINE = 14.0
WIDTH_AT_MOST = 120.0
LINES_AT_MOST = 3


@dataclass(frozen=True)
class Label:
    """Wrapped text and the box that it fills."""

    lines: tuple[str, ...]
    box: Bounds


class LabelPlacer:
    """Places labels one after the other; each one is an obstacle for the next."""

    def __init__(
        self, shapes: Sequence[Bounds], ways: Sequence[Sequence[Point]], line_width: float = 3
    ) -> None:
        self.obstacles = list(shapes)
        self.segments = [
            Bounds(
                min(a[0], b[0]) - line_width / 2,
                min(a[1], b[1]) - line_width / 2,
                abs(a[0] - b[0]) + line_width,
                abs(a[1] - b[1]) + line_width,
            )
            for way in ways
            for a, b in itertools.pairwise(way)
        ]

    def on_flow(self, text: str, way: Sequence[Point]) -> Label | None:
        """The label of a flow, near where it leaves its source."""
        return self._best(text, lambda width: self._along(way, width))

    def at_shape(self, text: str, shape: Bounds) -> Label | None:
        """The name of an event or a gateway: below it, above it or beside it."""
        return self._best(text, lambda width: self._around(shape, width), width=96)

    def _best(self, text: str, places: object, width: float = WIDTH_AT_MOST) -> Label | None:
        best: tuple[float, Label] | None = None
        for room in (width, width * 0.75):
            lines = tuple(wrap_evenly(text, SIZE, room, LINES_AT_MOST))
            if not lines:
                return None
            size = (max(width_of(line, SIZE) for line in lines) + 4, len(lines) * LINE + 2)
            for cost, box in places(size):  # type: ignore[operator]
                total = cost + self._cost(box) + (0 if room == width else 1.5)
                if best is None or total < best[0]:
                    best = (total, Label(lines, box))
        if best is None:
            return None
        self.obstacles.append(best[1].box)
        return best[1]

    def _cost(self, box: Bounds) -> float:
        shapes = sum(_shared(box, other) for other in self.obstacles)
        lines = sum(1 for segment in self.segments if _shared(box, segment) > 0)
        return shapes * 0.5 + (30 if shapes else 0) + lines * 12

    def _along(
        self, way: Sequence[Point], size: tuple[float, float]
    ) -> Iterator[tuple[float, Bounds]]:
        width, height = size
        for index, (a, b) in enumerate(itertools.pairwise(way)):
            length = abs(a[0] - b[0]) + abs(a[1] - b[1])
            if length < 10:
                continue
            far = index * 2.0
            if abs(a[1] - b[1]) < 0.5:
                sign = 1 if b[0] > a[0] else -1
                spare = max(length - width, 0)
                for part, cost in ((min(spare, 8.0), 0.0), (spare / 2, 0.5), (spare, 3.0)):
                    x = a[0] + part if sign > 0 else a[0] - part - width
                    tight = 6.0 if length < width + 8 else 0.0
                    yield far + cost + tight, Bounds(x, a[1] - height - 3, width, height)
                    yield far + cost + tight + 1, Bounds(x, a[1] + 3, width, height)
            else:
                low, high = min(a[1], b[1]), max(a[1], b[1])
                spare = max(length - height, 0)
                for part, cost in ((4.0, 0.0), (spare / 2, 0.5), (spare, 3.0)):
                    y = low + part if b[1] > a[1] else high - part - height
                    tight = 6.0 if length < height + 4 else 0.0
                    yield far + cost + tight + 1, Bounds(a[0] + 8, y, width, height)
                    yield far + cost + tight + 1.5, Bounds(a[0] - 8 - width, y, width, height)

    def _around(self, shape: Bounds, size: tuple[float, float]) -> Iterator[tuple[float, Bounds]]:
        width, height = size
        middle = shape.x + shape.width / 2 - width / 2
        side = shape.y + shape.height / 2 - height / 2
        yield 0.0, Bounds(middle, shape.y + shape.height + 2, width, height)
        yield 0.5, Bounds(middle, shape.y - height - 2, width, height)
        yield 2.0, Bounds(shape.x + shape.width + 3, shape.y - height + 4, width, height)
        yield 2.5, Bounds(shape.x - width + 6, shape.y - height + 2, width, height)
        yield 3.0, Bounds(shape.x + shape.width + 4, side, width, height)
        yield 3.5, Bounds(shape.x - width - 4, side, width, height)
        yield 4.0, Bounds(shape.x + shape.width, shape.y + shape.height, width, height)


def _shared(a: Bounds, b: Bounds) -> float:
    """The area that two boxes share."""
    width = min(a.x + a.width, b.x + b.width) - max(a.x, b.x)
    height = min(a.y + a.height, b.y + b.height) - max(a.y, b.y)
    return width * height if width > 0 and height > 0 else 0.0
