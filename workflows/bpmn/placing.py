"""Put a running case where it stands into another version of its route.

Pure: tokens, facts and what was decided go in; the tokens of the new version come out, or the
reason why there are none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from workflows.bpmn import walk
from workflows.bpmn.courses import remaining
from workflows.bpmn.model import Definition, Element, SequenceFlow, Stage
from workflows.bpmn.upstream import distances_to


class MisfitKind(StrEnum):
    """Why a case has no place in the other version."""

    GONE = "GONE"
    OFF_ROUTE = "OFF_ROUTE"
    NOT_TOGETHER = "NOT_TOGETHER"
    PASSED_BY = "PASSED_BY"
    NO_WAY = "NO_WAY"


class Misfit(Exception):
    """The case cannot stand there; ``stages`` are ids of its own version (GONE) or the other.

    PASSED_BY: these stages lie in front of where it stands and nobody was asked there; they are
    left out only when the mapping names where the case stands.
    """

    def __init__(self, kind: MisfitKind, stages: Iterable[str]) -> None:
        self.kind = kind
        self.stages = tuple(stages)
        super().__init__(f"{kind}: {', '.join(self.stages)}")


@dataclass(frozen=True)
class Placement:
    """Where a case goes on.

    ``tokens`` of the new version · ``goes_on`` maps each open stage to the stage in which it
    goes on · ``new`` are stages that open beside them, which the case's own version had not ·
    ``passed_by`` are stages of the new version in front of it that nobody was asked at.
    """

    tokens: tuple[walk.Token, ...]
    goes_on: Mapping[str, str]
    new: tuple[str, ...] = ()
    passed_by: tuple[str, ...] = ()


def place(
    old: Definition,
    new: Definition,
    *,
    tokens: Sequence[walk.Token],
    facts: Mapping[str, Any],
    mapping: Mapping[str, str],
    decided: Collection[str],
    decided_before: Collection[str] = (),
) -> Placement:
    """Find the tokens of the new version for a case that stands at ``tokens`` of the old one.

    ``mapping`` names for stages of the old version those of the new one; a stage that it does
    not name keeps its id. An explicit entry also puts a case at a stage that its facts would
    not bring it to. ``decided`` are the stages that were decided in this round;
    ``decided_before`` those of earlier rounds, which count where the round began behind them.
    Raises ``Misfit``.
    """
    open_now = [token.element_id for token in tokens if not token.is_waiting]
    if not mapping and has_same_graph(old, new):
        return Placement(tuple(tokens), {stage: stage for stage in open_now})
    if len(set(open_now)) != len(open_now):
        raise Misfit(MisfitKind.NOT_TOGETHER, open_now)
    goes_on = {stage: mapping.get(stage, stage) for stage in open_now}
    gone = [stage for stage, other in goes_on.items() if not _is_stage(new, other)]
    if gone:
        raise Misfit(MisfitKind.GONE, gone)
    behind = _upstream(old, [token.element_id for token in tokens])
    stand = set(decided) | (set(decided_before) & behind)
    known = {mapping.get(stage, stage) for stage in stand} - set(goes_on.values())
    targets = frozenset(goes_on.values())
    is_forced = all(stage in mapping for stage in open_now)
    try:
        found, left = _settled(new, targets, facts, known, is_forced=is_forced)
        for token in found:
            if not token.is_waiting:
                remaining(new, token.element_id, facts, found)
    except (walk.WalkError, KeyError) as error:
        raise Misfit(MisfitKind.NO_WAY, ()) from error
    passed_by = tuple(stage for stage in left if stage not in known)
    if passed_by and not is_forced:
        raise Misfit(MisfitKind.PASSED_BY, passed_by)
    reached = {token.element_id for token in found if not token.is_waiting}
    return Placement(
        tokens=tuple(sorted(found)),
        goes_on=goes_on,
        new=tuple(stage for stage in (t.element_id for t in found) if stage in reached - targets),
        passed_by=passed_by,
    )


def has_same_graph(old: Definition, new: Definition) -> bool:
    """Whether tokens mean the same in both: only names and settings of stages may differ."""
    if old.flows.keys() != new.flows.keys() or old.elements.keys() != new.elements.keys():
        return False
    return all(
        _ends_and_condition(flow) == _ends_and_condition(new.flows[flow_id])
        for flow_id, flow in old.flows.items()
    ) and all(
        _walked_like(element) == _walked_like(new.elements[element_id])
        for element_id, element in old.elements.items()
    )


def _ends_and_condition(flow: SequenceFlow) -> tuple[Any, ...]:
    return (flow.source, flow.target, flow.condition)


def _walked_like(element: Element) -> tuple[Any, ...]:
    """What of an element the walk looks at."""
    parts = ("kind", "default", "attached_to", "is_interrupting")
    return (type(element), *(getattr(element, part, None) for part in parts))


def _is_stage(definition: Definition, element_id: str) -> bool:
    return isinstance(definition.elements.get(element_id), Stage)


def _settled(
    new: Definition,
    targets: frozenset[str],
    facts: Mapping[str, Any],
    known: Collection[str],
    *,
    is_forced: bool,
) -> tuple[tuple[walk.Token, ...], list[str]]:
    """Walk from the start to where exactly the targets are open, and what is new beside them."""
    tokens, left = _towards(new, targets, facts, known)
    missing = targets - {token.element_id for token in tokens}
    if not missing:
        return tokens, left
    alone = [
        stage
        for stage in sorted(missing)
        if stage in {t.element_id for t in _towards(new, frozenset({stage}), facts, known)[0]}
    ]
    if len(targets) > 1 and len(alone) == len(missing):
        raise Misfit(MisfitKind.NOT_TOGETHER, sorted(targets))
    if not is_forced or len(targets) > 1:
        raise Misfit(MisfitKind.OFF_ROUTE, sorted(missing - set(alone)))
    (target,) = targets
    return walk.enter(new, target, facts, known).tokens, []


def _towards(
    new: Definition,
    targets: frozenset[str],
    facts: Mapping[str, Any],
    known: Collection[str],
) -> tuple[tuple[walk.Token, ...], list[str]]:
    """Go on by the facts until the targets are open; each stage is left once at most.

    What was decided is left; a stage that was not is passed by only while a target that lies
    behind it has not been reached, the nearest one first: so a stage that is new in a branch
    of its own is opened and not passed by.
    """
    left: list[str] = []
    step = walk.start(new, facts)
    while step.outcome is None:
        following = _next(new, step.open_stages, targets, known, left)
        if following is None:
            break
        left.append(following)
        step = walk.advance(new, following, facts, step.tokens)
    return step.tokens, left


def _next(
    new: Definition,
    open_stages: Sequence[str],
    targets: frozenset[str],
    known: Collection[str],
    left: Sequence[str],
) -> str | None:
    free = [stage for stage in open_stages if stage not in targets and stage not in left]
    decided = [stage for stage in free if stage in known]
    if decided:
        return decided[0]
    distances = distances_to(new, targets - set(open_stages))
    in_front = [stage for stage in free if stage in distances]
    return min(in_front, key=lambda stage: distances[stage], default=None)


def _upstream(definition: Definition, element_ids: Iterable[str]) -> set[str]:
    """Everything from which one of the elements can be reached, without the elements."""
    places = [each for each in element_ids if each in definition.elements]
    return set(distances_to(definition, places)) - set(places)
