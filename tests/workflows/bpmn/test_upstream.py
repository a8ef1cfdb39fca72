"""What lies in front of an element: by flows, through joins, and over the stage of a timer."""

from __future__ import annotations

from workflows.bpmn.model import (
    BoundaryTimer,
    Definition,
    EndEvent,
    Gateway,
    GatewayKind,
    SequenceFlow,
    Stage,
    StartEvent,
)
from workflows.bpmn.upstream import distances_to, reaching


def route() -> Definition:
    """start → one → split → (left, right) → join → end; a timer on left leads to aside → end."""
    elements = (
        StartEvent("start"), Stage("one"), Gateway("split", kind=GatewayKind.PARALLEL),
        Stage("left"), Stage("right"), Gateway("join", kind=GatewayKind.PARALLEL), EndEvent("end"),
        BoundaryTimer("timer", attached_to="left", duration="PT1H"), Stage("aside"),
    )  # fmt: skip
    ways = (
        "start one", "one split", "split left", "split right", "left join", "right join",
        "join end", "timer aside", "aside end",
    )  # fmt: skip
    flows = [SequenceFlow(f"f{n}", *way.split()) for n, way in enumerate(ways)]
    return Definition("r", "r", {e.id: e for e in elements}, {f.id: f for f in flows})


def test_everything_that_leads_to_it_with_itself() -> None:
    assert reaching(route(), "right") == {"start", "one", "split", "right"}


def test_a_timers_way_begins_at_its_stage() -> None:
    assert reaching(route(), "aside") == {"start", "one", "split", "left", "timer", "aside"}


def test_the_nearest_target_counts() -> None:
    found = distances_to(route(), ["end", "left"])
    assert (found["end"], found["left"], found["split"], found["join"]) == (0, 0, 1, 1)
    assert found["start"] == 3
    assert found["right"] == 2


def test_what_only_leads_back_does_not_lie_in_front() -> None:
    circle = route()
    back = SequenceFlow("back", "join", "one")
    found = distances_to(
        Definition("r", "r", circle.elements, {**circle.flows, "back": back}), ["one"]
    )
    assert found == {"one": 0, "start": 1}
