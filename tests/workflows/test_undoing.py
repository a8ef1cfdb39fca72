"""The tokens of a route had one approval not been given."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.workflows.bpmn.test_walk import graph, parallel
from workflows.bpmn.model import BoundaryTimer, Definition, EndEvent, Stage, StartEvent
from workflows.bpmn.walk import Token, advance, start
from workflows.choices import EventKind
from workflows.undoing import tokens_without


def told(
    definition: Definition, *steps: str
) -> tuple[list[Any], dict[str, Any], tuple[Token, ...]]:
    """The history of leaving these elements in turn: its events, its stages, its tokens."""
    walk = start(definition, {})
    first = {"entered": [[token.element_id, token.flow_id] for token in walk.tokens]}
    events = [SimpleNamespace(sequence=1, kind="SUBMITTED", data=first, path=["s"], stage_id=None)]
    stages: dict[str, Any] = {}
    for number, step in enumerate(steps, start=2):
        element = definition.elements[step]
        node_id = element.attached_to if isinstance(element, BoundaryTimer) else step
        walk = advance(definition, step, {}, walk.tokens)
        stage = stages.setdefault(node_id, SimpleNamespace(pk=len(stages) + 1))
        kind = EventKind.TIMER_FIRED if step != node_id else EventKind.APPROVED
        events.append(
            SimpleNamespace(
                sequence=number, kind=kind, node_id=node_id, stage_id=stage.pk,
                path=list(walk.taken), data={"timer": step},
            )
        )  # fmt: skip
    return events, stages, walk.tokens


def without(definition: Definition, taken_back: str, *steps: str) -> Any:
    events, stages, _tokens = told(definition, *steps)
    return tokens_without(
        stages[taken_back], definition=definition, facts={}, events=events,
        outcomes={stage.pk: "APPROVED" for stage in stages.values()},
    )  # fmt: skip


class TestTokensWithout:
    def test_the_only_step(self) -> None:
        assert without(parallel(), "b", "b") == (Token("a1"), Token("b"))

    def test_a_sister_keeps_what_it_did(self) -> None:
        expected = (Token("a2"), Token("b"))
        assert without(parallel(), "b", "b", "a1") == expected
        assert without(parallel(), "b", "a1", "b") == expected

    def test_a_join_that_fired_waits_again(self) -> None:
        expected = (Token("b"), Token("join", "a2-join"))
        assert without(parallel(), "b", "a1", "b", "a2") == expected

    @pytest.mark.parametrize("later", ["a2", "c"])
    def test_nothing_when_a_later_step_stands_on_it(self, later: str) -> None:
        steps = {"a2": ["a1", "a2"], "c": ["a1", "a2", "b", "c"]}[later]
        assert without(parallel(), "a1", *steps) is None

    def test_a_timer_that_ran_out_before_stays_so(self) -> None:
        definition = graph(
            [
                StartEvent("s"), Stage("a"), BoundaryTimer("t", "", "", "a", False, "PT4H"),
                Stage("up"), Stage("b"), EndEvent("e"), EndEvent("f"),
            ],
            ["s a", "a b", "b e", "t up", "up f"],
        )  # fmt: skip
        assert without(definition, "a", "t", "a") == (Token("a"), Token("up"))
