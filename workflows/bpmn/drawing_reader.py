"""The drawing in a BPMN file (BPMN DI): where shapes stand and how edges bend."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from lxml import etree

from workflows.bpmn.model import Bounds, Layout
from workflows.bpmn.namespaces import BPMNDI, DC, DI

#: A drawing beyond this many pixels is damaged.
COORDINATE_AT_MOST = 1_000_000


def read_layout(
    root: etree._Element,
    *,
    shapes: Collection[str],
    edges: Collection[str],
    names: Mapping[str, str],
) -> Layout:
    """The places of the named shapes and edges and of their labels; empty for a damaged number.

    ``names`` gives the id that an association's edge is kept under.
    """
    places: dict[str, Bounds] = {}
    ways: dict[str, tuple[tuple[float, float], ...]] = {}
    labels: dict[str, Bounds] = {}
    try:
        for node in root.iter(f"{{{BPMNDI}}}BPMNShape"):
            box = node.find(f"{{{DC}}}Bounds")
            if box is not None:
                places.setdefault(_reference(node), _bounds(box))
            _read_label(node, labels)
        for node in root.iter(f"{{{BPMNDI}}}BPMNEdge"):
            points = tuple(
                (_coordinate(point.get("x")), _coordinate(point.get("y")))
                for point in node.iterfind(f"{{{DI}}}waypoint")
            )
            element_id = _reference(node)
            ways.setdefault(names.get(element_id, element_id), points)
            _read_label(node, labels)
    except (TypeError, ValueError):
        return Layout()
    return Layout(
        shapes={key: value for key, value in places.items() if key in shapes},
        edges={key: value for key, value in ways.items() if key in edges},
        labels={key: value for key, value in labels.items() if key in shapes or key in edges},
    )


def _read_label(node: etree._Element, labels: dict[str, Bounds]) -> None:
    box = node.find(f"{{{BPMNDI}}}BPMNLabel/{{{DC}}}Bounds")
    if box is not None:
        labels.setdefault(_reference(node), _bounds(box))


def _bounds(box: etree._Element) -> Bounds:
    return Bounds(*(_coordinate(box.get(name)) for name in ("x", "y", "width", "height")))


def _reference(node: etree._Element) -> str:
    """The id of what is drawn; BPMN DI allows a namespace prefix before it."""
    return str(node.get("bpmnElement", "")).rpartition(":")[2]


def _coordinate(text: str | None) -> float:
    number = float(text or "")
    if not math.isfinite(number) or abs(number) > COORDINATE_AT_MOST:
        raise ValueError(text)
    return number
