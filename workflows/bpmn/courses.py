"""The whole way of one document through a route, and how two ways differ.

For previews, replay (a draft over cases that have ended) and the forecast. Pure: facts go in,
stages come out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from workflows.bpmn import walk
from workflows.bpmn.answers import TIMES_PASSED
from workflows.bpmn.model import Definition, EndKind, Stage

#: a route that passes more stages than this, or twice as many as it has elements, never ends
STEPS_AT_MOST = 1_000

Waves = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Course:
    """The stages of a route in the order in which they open when every stage approves.

    ``waves`` holds the stages that open side by side together; ``outcome`` is how the route
    ends, None for a route on which the facts find no way through (``stuck_at`` says where, or
    ``missing_fact`` which fact a condition asks for and the document was never asked for).
    """

    waves: Waves = ()
    outcome: EndKind | None = None
    stuck_at: str = ""
    missing_fact: str = ""

    @property
    def stages(self) -> tuple[str, ...]:
        return tuple(stage for wave in self.waves for stage in wave)


@dataclass(frozen=True)
class CourseDifference:
    """How a course differs from the one before it; falsy when it does not."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    is_reordered: bool = False
    ends_otherwise: bool = False
    stuck_at: str = ""

    def __bool__(self) -> bool:
        return bool(
            self.added or self.removed or self.is_reordered or self.ends_otherwise or self.stuck_at
        )


def course_of(definition: Definition, facts: Mapping[str, Any]) -> Course:
    """The way of a document with these facts; never raises what the walk raises.

    A stage that the route comes back to (a loop) is told once, where it opens first; a route
    that never leaves its loop is stuck.
    """
    try:
        return _walked(definition, walk.start(definition, facts), facts)
    except walk.WalkError as error:
        return Course(stuck_at=error.element_id)
    except KeyError as error:
        return Course(stuck_at=definition.process_id, missing_fact=str(error.args[0]))


def course_ahead(
    definition: Definition, facts: Mapping[str, Any], tokens: Iterable[walk.Token]
) -> Waves:
    """The stages that are open at these tokens, then those behind them. Raises ``WalkError``."""
    held = tuple(tokens)
    step = walk.Walk(tokens=held)
    return _walked(definition, step, facts).waves


def _walked(definition: Definition, step: walk.Walk, facts: Mapping[str, Any]) -> Course:
    waves: list[tuple[str, ...]] = []
    passed: Counter[str] = Counter()
    open_now = _stages(definition, step)
    for _turn in range(steps_at_most(definition)):
        if step.outcome is not None or not open_now:
            return Course(tuple(waves), step.outcome)
        wave = tuple(dict.fromkeys(each for each in open_now if not passed[each]))
        if wave:
            waves.append(wave)
        following: list[str] = []
        for element_id in open_now:
            if walk.Token(element_id) not in step.tokens:
                continue  # an end event elsewhere took this branch along
            passed[element_id] += 1
            answered = {**facts, TIMES_PASSED: passed[element_id]}
            step = walk.advance(definition, element_id, answered, step.tokens)
            following += [a.element_id for a in step.arrivals if _is_stage(definition, a)]
            if step.outcome is not None:
                return Course(tuple(waves), step.outcome)
        open_now = following
    raise walk.EndlessLoop(open_now[0], "the route returns to a stage it has passed")


def _stages(definition: Definition, step: walk.Walk) -> list[str]:
    if step.arrivals:
        return [arrival.element_id for arrival in step.arrivals if _is_stage(definition, arrival)]
    return list(step.open_stages)


def _is_stage(definition: Definition, arrival: walk.Arrival) -> bool:
    return isinstance(definition.elements[arrival.element_id], Stage)


def remaining(
    definition: Definition,
    element_id: str,
    facts: Mapping[str, Any],
    tokens: Iterable[walk.Token] = (),
) -> list[Stage]:
    """The stages still ahead once ``element_id`` is left, in the order in which they open.

    From the start event: the whole chain of a document. Every stage counts as approved;
    stages that are open now are not ahead. Raises what ``advance`` raises.
    """
    ahead: dict[str, Stage] = {}
    passed: Counter[str] = Counter()
    step = walk.advance(definition, element_id, facts, tokens)
    queue = list(step.open_stages)
    for arrival in step.arrivals:
        _add_stage(definition, arrival, ahead)
    steps = 0
    while step.outcome is None and queue:
        steps += 1
        if steps > steps_at_most(definition):
            raise walk.EndlessLoop(queue[0], "the route returns to a stage it has passed")
        stage_id = queue.pop(0)
        passed[stage_id] += 1
        step = walk.advance(
            definition, stage_id, {**facts, TIMES_PASSED: passed[stage_id]}, step.tokens
        )
        opened = [each for each in step.arrivals if _add_stage(definition, each, ahead)]
        queue += [each.element_id for each in opened]
    return list(ahead.values())


def is_final(
    definition: Definition,
    element_id: str,
    facts: Mapping[str, Any],
    tokens: Iterable[walk.Token] = (),
) -> bool:
    """Whether approval at this stage ends the route: nobody else is asked, now or later."""
    return walk.advance(definition, element_id, facts, tokens).outcome is not None


def steps_at_most(definition: Definition) -> int:
    """How many stages a walk to the end may pass; circles pass a stage more than once."""
    return max(STEPS_AT_MOST, 2 * len(definition.elements))


def _add_stage(definition: Definition, arrival: walk.Arrival, ahead: dict[str, Stage]) -> bool:
    element = definition.elements[arrival.element_id]
    if not isinstance(element, Stage):
        return False
    ahead.setdefault(element.id, element)
    return True


def difference(before: Course, after: Course) -> CourseDifference:
    """What ``after`` does otherwise than ``before``."""
    if after.stuck_at:
        return CourseDifference() if before.stuck_at else CourseDifference(stuck_at=after.stuck_at)
    had, has = set(before.stages), set(after.stages)
    common = had & has
    return CourseDifference(
        added=tuple(stage for stage in after.stages if stage not in had),
        removed=tuple(stage for stage in before.stages if stage not in has),
        is_reordered=_order(before, common) != _order(after, common),
        ends_otherwise=before.outcome != after.outcome,
    )


def _order(course: Course, common: set[str]) -> list[frozenset[str]]:
    waves = (frozenset(wave) & common for wave in course.waves)
    return [wave for wave in waves if wave]
