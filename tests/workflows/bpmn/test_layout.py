"""The automatic layout: shapes apart, flows at right angles, always the same."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings

from tests.workflows.bpmn.samples import VENDOR_APPROVAL
from tests.workflows.bpmn.strategies import FACT_TYPES, chains, definitions
from workflows.bpmn.chain import Chain, ChainStage, from_chain
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.labels import LabelPlacer
from workflows.bpmn.layout import arrange, is_complete
from workflows.bpmn.model import BoundaryTimer, EndEvent, Gateway, SequenceFlow, Stage, StartEvent
from workflows.bpmn.xml import read, write


def overlap(a, b):
    return (
        a.x < b.x + b.width
        and b.x < a.x + a.width
        and a.y < b.y + b.height
        and b.y < a.y + a.height
    )


def on_border(point, box):
    x, y = point
    inside_x = box.x - 1 <= x <= box.x + box.width + 1
    inside_y = box.y - 1 <= y <= box.y + box.height + 1
    at_x = min(abs(x - box.x), abs(x - box.x - box.width)) <= 1
    at_y = min(abs(y - box.y), abs(y - box.y - box.height)) <= 1
    return inside_x and inside_y and (at_x or at_y)


def assert_readable(definition, layout):
    flow_nodes = [
        (key, layout.shapes[key])
        for key, element in definition.elements.items()
        if not isinstance(element, BoundaryTimer)
    ]
    notes = [(note.id, layout.shapes[note.id]) for note in definition.annotations]
    boxes = flow_nodes + notes
    for index, (key, box) in enumerate(boxes):
        for other, against in boxes[index + 1 :]:
            assert not overlap(box, against), (key, other)
    for flow in definition.flows.values():
        way = layout.edges[flow.id]
        assert on_border(way[0], layout.shapes[flow.source]), flow.id
        assert on_border(way[-1], layout.shapes[flow.target]), flow.id
        for (x1, y1), (x2, y2) in itertools.pairwise(way):
            assert x1 == x2 or y1 == y2, flow.id
            for key, box in flow_nodes:
                if key in (flow.source, flow.target):
                    continue
                host = definition.elements[flow.source]
                if isinstance(host, BoundaryTimer) and host.attached_to == key:
                    continue
                inside = (
                    min(x1, x2) < box.x + box.width
                    and max(x1, x2) > box.x
                    and min(y1, y2) < box.y + box.height
                    and max(y1, y2) > box.y
                )
                assert not inside, (flow.id, key)


class TestArrange:
    @settings(max_examples=150, deadline=None)
    @given(definitions())
    def test_shapes_are_apart_and_flows_go_around_them(self, definition):
        assert_readable(definition, arrange(definition))

    @settings(max_examples=80, deadline=None)
    @given(definitions())
    def test_also_down_a_phone(self, definition):
        assert_readable(definition, arrange(definition, orientation="vertical"))

    @settings(max_examples=40, deadline=None)
    @given(chains())
    def test_a_list_is_one_straight_line(self, chain):
        definition = from_chain(chain)
        layout = arrange(definition)
        middles = {box.y + box.height / 2 for box in layout.shapes.values()}

        assert len(middles) == 1

    @settings(max_examples=30, deadline=None)
    @given(definitions())
    def test_it_is_always_the_same_and_complete(self, definition):
        layout = arrange(definition)

        assert arrange(definition) == layout
        assert is_complete(replace(definition, layout=layout))

    @settings(max_examples=30, deadline=None)
    @given(definitions())
    def test_lanes_hold_their_members(self, definition):
        layout = arrange(definition)
        for lane in definition.lanes:
            band = layout.shapes[lane.id]
            for member in lane.members:
                if isinstance(definition.elements[member], BoundaryTimer):
                    continue
                box = layout.shapes[member]
                assert band.y <= box.y
                assert box.y + box.height <= band.y + band.height

    def test_circles_loose_ends_and_islands_are_drawn_too(self):
        elements = [
            StartEvent("s"),
            Stage("a", "A"),
            Stage("b", "B"),
            Gateway("g"),
            EndEvent("e"),
            Stage("island", "Island"),
            Stage("orphan", "Orphan"),
        ]
        pairs = ["s a", "a b", "b g", "g e", "g a", "island orphan", "orphan island", "b b"]
        flows = [SequenceFlow(f"f{i}", *pair.split()) for i, pair in enumerate(pairs)]
        definition = replace(
            read(VENDOR_APPROVAL, fact_types=FACT_TYPES),
            elements={element.id: element for element in elements},
            flows={flow.id: flow for flow in flows},
        )
        layout = arrange(definition)

        assert is_complete(replace(definition, layout=layout))
        boxes = list(layout.shapes.values())
        assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])

    def test_flows_with_text_get_room_for_it(self):
        definition = read(VENDOR_APPROVAL, fact_types=FACT_TYPES)
        wide = arrange(definition, labelled={"f3"})
        narrow = arrange(definition, labelled=())

        def gap(layout):
            return layout.shapes["b"].x - layout.shapes["g"].x - layout.shapes["g"].width

        assert gap(wide) - gap(narrow) >= 50

    def test_nothing_but_a_start(self):
        empty = replace(
            read(VENDOR_APPROVAL, fact_types=FACT_TYPES), elements={"s": StartEvent("s")}, flows={}
        )

        assert list(arrange(empty).shapes) == ["s"]
        assert not arrange(replace(empty, elements={})).shapes


class TestLabels:
    @settings(max_examples=60, deadline=None)
    @given(definitions(plain=True))
    def test_labels_cover_neither_shapes_nor_each_other(self, definition):
        layout = arrange(definition)
        shapes = [layout.shapes[key] for key in definition.elements]
        placer = LabelPlacer(shapes, list(layout.edges.values()))
        labelled = [f for f in definition.flows.values() if f.condition is not None]
        labels = [placer.on_flow("敞口 > 300万", layout.edges[flow.id]) for flow in labelled]
        boxes = [label.box for label in labels if label is not None]

        for index, box in enumerate(boxes):
            assert not any(overlap(box, shape) for shape in shapes)
            assert not any(overlap(box, other) for other in boxes[index + 1 :])

    def test_the_name_of_an_end_makes_way_for_a_flow_from_below(self):
        """The last stage is left out for small cases: that way comes into the end from below."""
        nodes = (
            ChainStage("a", "Branch"),
            ChainStage("b", "Head office", condition=Comparison("term_months", Operator.GT, 3)),
        )
        definition = from_chain(Chain("p", "P", nodes=nodes))
        end = next(e for e in definition.elements.values() if isinstance(e, EndEvent) and e.name)
        layout = arrange(definition)
        shape = layout.shapes[end.id]
        comes_from_below = any(
            layout.edges[flow.id][-2][1] > shape.y + shape.height
            for flow in definition.flows.values()
            if flow.target == end.id
        )

        assert comes_from_below
        assert layout.labels[end.id].y + layout.labels[end.id].height <= shape.y
        assert read(write(definition), fact_types=FACT_TYPES).layout.labels == layout.labels


@pytest.mark.parametrize("size", [60])
def test_a_large_route_is_arranged_in_reasonable_time(size):
    import time

    condition = Comparison("term_months", Operator.GT, 3)
    nodes = tuple(ChainStage(f"n{i}", f"Stage {i}", condition=condition) for i in range(size))
    begun = time.perf_counter()
    arrange(from_chain(Chain("p", "P", nodes=nodes)))

    assert time.perf_counter() - begun < 5
