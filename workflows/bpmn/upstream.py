"""What lies in front of an element, over its flows and, for a timer's flow, its stage. Pure.

Flows that lead back count for nothing here: in front lies what comes first on the way from the
start, also on a circle.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection

from workflows.bpmn.model import BoundaryTimer, Definition


def sources_of(definition: Definition, element_id: str) -> list[str]:
    """The elements right in front of one; in front of a timer lies the stage that it sits on."""
    back = definition.backward
    found = [flow.source for flow in definition.incoming(element_id) if flow.id not in back]
    element = definition.elements[element_id]
    return [*found, element.attached_to] if isinstance(element, BoundaryTimer) else found


def distances_to(definition: Definition, targets: Collection[str]) -> dict[str, int]:
    """How many flows lead to the nearest target, at least, from each element that reaches one.

    The targets are among them, with 0.
    """
    found = dict.fromkeys(targets, 0)
    queue = deque(targets)
    while queue:
        current = queue.popleft()
        for source in sources_of(definition, current):
            if source not in found:
                found[source] = found[current] + 1
                queue.append(source)
    return found


def reaching(definition: Definition, element_id: str) -> frozenset[str]:
    """The elements from which the target can be reached, with the target itself."""
    return frozenset(distances_to(definition, [element_id]))
