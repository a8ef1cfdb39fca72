"""Where the nodes and arrows of the 关系图 stand: the same on the page, the paper and the phone.

Pure geometry in SVG's user units, y downwards. The centre stands at (0, 0).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Point = tuple[float, float]

#: half the size of a node's mark
REACH = 22
_FIRST_RING = 190.0
_RING_GAP = 180.0
#: along a ring, so that two names of six characters do not touch
_SPACING = 118.0
_BEND = 34.0
_ARROW = 5.0
_MARGIN = 70.0
#: room under a node for its name, its type and its customer
_LABELS = 40.0


@dataclass(frozen=True)
class Arrow:
    """A line from node to node: its path, the head's corners, where its label stands."""

    path: str
    head: str
    label_x: float
    label_y: float


@dataclass(frozen=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    def __str__(self) -> str:
        return f"{self.x:.0f} {self.y:.0f} {self.width:.0f} {self.height:.0f}"


def place(
    centre: str | None,
    inner: Sequence[str],
    outer: Sequence[str],
    pairs: Iterable[tuple[str, str]],
) -> dict[str, Point]:
    """The centre, around it the people of the customer, outside whoever belongs elsewhere.

    Who stands outside stands behind the one it is tied to, or in a gap of the inner ring when
    that is the centre, as far as there is room.
    """
    places: dict[str, Point] = {} if centre is None else {centre: (0.0, 0.0)}
    angles = {key: 2 * math.pi * index / len(inner) for index, key in enumerate(inner)}
    first = max(_FIRST_RING, len(inner) * _SPACING / (2 * math.pi)) if inner else 0.0
    places.update({key: _at(angle, first) for key, angle in angles.items()})
    # Between two of the inner ring, so that a line to the centre runs through nobody.
    wanted = dict.fromkeys(outer, math.pi / max(len(inner), 1))
    for one, other in pairs:
        for mine, theirs in ((one, other), (other, one)):
            if mine in wanted and theirs in angles:
                wanted[mine] = angles[theirs]
    second = first + _RING_GAP
    second = max(second, len(outer) * _SPACING / (2 * math.pi))
    places.update(
        {key: _at(angle, second) for key, angle in _spread(wanted, _SPACING / second).items()}
    )
    return places


def _spread(wanted: Mapping[str, float], gap: float) -> dict[str, float]:
    """The wanted angles, moved on where two would stand closer than ``gap``."""
    placed: dict[str, float] = {}
    last = -math.inf
    ordered = sorted(wanted, key=lambda key: (wanted[key], key))
    for key in ordered:
        last = placed[key] = max(wanted[key], last + gap)
    beyond = last + gap - 2 * math.pi - min(placed.values(), default=0.0)
    if beyond > 0:
        # The last have run into the first: all share the circle evenly.
        return {key: 2 * math.pi * index / len(ordered) for index, key in enumerate(ordered)}
    return placed


def _at(angle: float, radius: float) -> Point:
    # Wider than high, as screens and landscape paper are; from the top clockwise.
    return (1.25 * radius * math.sin(angle), -radius * math.cos(angle))


def arrows(pairs: Sequence[tuple[str, str]], places: Mapping[str, Point]) -> list[Arrow]:
    """One arrow for each (from, to); those between the same two bend away from each other."""
    number: dict[frozenset[str], int] = {}
    total: dict[frozenset[str], int] = {}
    for pair in pairs:
        key = frozenset(pair)
        total[key] = total.get(key, 0) + 1
    drawn = []
    for start, end in pairs:
        key = frozenset((start, end))
        index = number[key] = number.get(key, -1) + 1
        bend = (index - (total[key] - 1) / 2) * _BEND
        # Seen from the other end, left is right: both directions must bend the same way.
        drawn.append(_arrow(places[start], places[end], bend if start < end else -bend))
    return drawn


def _arrow(start: Point, end: Point, bend: float) -> Arrow:
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    length = math.dist(start, end) or 1.0
    normal = ((end[1] - start[1]) / length, (start[0] - end[0]) / length)
    control = (middle[0] + 2 * bend * normal[0], middle[1] + 2 * bend * normal[1])
    tail = _towards(start, control, REACH)
    tip = _towards(end, control, REACH)
    base = _towards(tip, control, 2 * _ARROW)
    along = ((tip[0] - base[0]) / 2, (tip[1] - base[1]) / 2)
    left = (base[0] - along[1], base[1] + along[0])
    right = (base[0] + along[1], base[1] - along[0])
    return Arrow(
        path=f"M{_text(tail)} Q{_text(control)} {_text(base)}",
        head=" ".join(_text(point) for point in (tip, left, right)),
        label_x=round((tail[0] + 2 * control[0] + base[0]) / 4, 1),
        label_y=round((tail[1] + 2 * control[1] + base[1]) / 4, 1),
    )


def _towards(start: Point, end: Point, way: float) -> Point:
    length = math.dist(start, end) or 1.0
    return (
        start[0] + (end[0] - start[0]) * way / length,
        start[1] + (end[1] - start[1]) * way / length,
    )


def _text(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def frame_of(places: Mapping[str, Point]) -> Box:
    """The drawing's view box: all nodes with the words under them."""
    xs = [point[0] for point in places.values()] or [0.0]
    ys = [point[1] for point in places.values()] or [0.0]
    return Box(
        min(xs) - _MARGIN,
        min(ys) - _MARGIN / 2,
        max(xs) - min(xs) + 2 * _MARGIN,
        max(ys) - min(ys) + _MARGIN + _LABELS,
    )
