"""What a route may ask about the stage that a token has just left: the facts that change.

A document's own facts are frozen at submission. These two are told at each step, so a way may
lead on, aside or back by what the stage before came to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflows.bpmn.conditions import fact_names
from workflows.bpmn.model import (
    CopyTask,
    Definition,
    Element,
    Gateway,
    GatewayKind,
    ServiceTask,
)

#: whether the stage before approved plainly or with conditions; a value of ``Decision``
LAST_ANSWER = "last_answer"
#: how often the stage before has been passed since the chain began, this time included
TIMES_PASSED = "times_passed"
ANSWERS = frozenset({LAST_ANSWER, TIMES_PASSED})

#: what a walk that nobody has answered yet takes for granted: a preview, a forecast, a replay
PLAIN: Mapping[str, Any] = {LAST_ANSWER: "APPROVE", TIMES_PASSED: 1}


def asking_gateways(definition: Definition) -> list[Gateway]:
    """The gateways at which a flow depends on the stage before."""
    return [
        element
        for element in definition.elements.values()
        if isinstance(element, Gateway) and asked_at(definition, element.id)
    ]


def asked_at(definition: Definition, element_id: str) -> frozenset[str]:
    """Which of the two facts the flows that leave an element ask for."""
    names = (fact_names(flow.condition) for flow in definition.outgoing(element_id))
    return ANSWERS & set().union(*names)


def answered_before(definition: Definition, gateway: Gateway) -> Iterator[Element]:
    """What a token last left in front of the gateway: a stage, or what gives no answer.

    Copies, service tasks and gateways with one way in only hand the token on; behind a join
    nobody could say which of its branches is meant.
    """
    seen: set[str] = set()
    todo: list[Element] = [gateway]
    while todo:
        element = todo.pop()
        incoming = definition.incoming(element.id)
        if _joins(element) and len(incoming) > 1:
            yield element
            continue
        for flow in incoming:
            source = definition.elements[flow.source]
            if not isinstance(source, Gateway | CopyTask | ServiceTask):
                yield source
            elif source.id not in seen:
                seen.add(source.id)
                todo.append(source)


def _joins(element: Element) -> bool:
    return isinstance(element, Gateway) and element.kind is not GatewayKind.EXCLUSIVE
