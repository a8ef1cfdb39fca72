"""How tokens move through a route: pure functions over a definition and its facts.

Facts without the two of ``answers`` stand for a stage that approves plainly and for the first time.

A case stores the tokens of its route; the engine hands them in and gets the new ones
back. Nothing here knows people, rows or the clock.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.bpmn.answers import PLAIN
from workflows.bpmn.conditions import holds
from workflows.bpmn.model import (
    BoundaryTimer,
    CopyTask,
    Definition,
    Element,
    EndEvent,
    EndKind,
    Gateway,
    GatewayKind,
    SequenceFlow,
    ServiceTask,
    Stage,
)
from workflows.bpmn.upstream import reaching

#: A route that moves more tokens than this in one step is a loop without a stage.
MOVES_AT_MOST = 10_000

Choose = Callable[[Gateway, Sequence[SequenceFlow]], Sequence[SequenceFlow]]


class WalkError(Exception):
    """The route cannot go on; ``element_id`` is where. Publish checks find these first."""

    def __init__(self, element_id: str, reason: str) -> None:
        super().__init__(f"{element_id}: {reason}")
        self.element_id = element_id


class NoWayOut(WalkError):
    """A gateway without a default has no flow that holds for the facts."""


class EndlessLoop(WalkError):
    """The route runs in a circle."""


class Deadlock(WalkError):
    """A join waits for a token that can no longer come."""


class NoToken(WalkError):
    """The step would leave an element where the route is not."""


@dataclass(frozen=True, order=True)
class Token:
    """One place where the route is: an open stage, or a flow in front of a join.

    ``element_id`` is the open stage or the join that waits; ``flow_id`` is the flow on
    which the token waits, empty in a stage.
    """

    element_id: str
    flow_id: str = ""

    @property
    def is_waiting(self) -> bool:
        return bool(self.flow_id)


@dataclass(frozen=True)
class Arrival:
    """An element that the step reached, and the flows that led there from where it began."""

    element_id: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class Walk:
    """What one step did.

    ``arrivals``: stages to open and end events reached · ``passed``: copy and service tasks
    met on the way, in order · ``taken``: every flow taken, in order · ``tokens``: all tokens
    of the route afterwards, sorted · ``closed``: stages whose tokens the step removed (an
    interrupting timer, or an end that ends the whole route) · ``outcome``: how the route
    ended, None while it runs.
    """

    arrivals: tuple[Arrival, ...] = ()
    passed: tuple[Arrival, ...] = ()
    taken: tuple[str, ...] = ()
    tokens: tuple[Token, ...] = ()
    closed: tuple[str, ...] = ()
    outcome: EndKind | None = None

    @property
    def waiting(self) -> tuple[Token, ...]:
        """Tokens in front of joins that wait for their sisters."""
        return tuple(token for token in self.tokens if token.is_waiting)

    @property
    def open_stages(self) -> tuple[str, ...]:
        return tuple(token.element_id for token in self.tokens if not token.is_waiting)

    def turn(self, definition: Definition) -> str:
        """The element that the step led back to; empty when it led on.

        The publish checks see to it that a route turns back with its only token.
        """
        back = (flow for flow in self.taken if flow in definition.backward)
        return next((definition.flows[flow].target for flow in back), "")


def start(definition: Definition, facts: Mapping[str, Any]) -> Walk:
    """Leave the start event. Raises LookupError without exactly one, and ``WalkError``."""
    return advance(definition, definition.start.id, facts)


def advance(
    definition: Definition,
    element_id: str,
    facts: Mapping[str, Any],
    tokens: Iterable[Token] = (),
) -> Walk:
    """Leave a decided stage (or the start, or a timer that fired) and go on to the next stages.

    ``tokens`` are all tokens of the route before the step, with the stage that is left; a
    route without parallel parts and timers may be walked without them. A timer that
    interrupts takes the token of its stage, another one adds a token. Raises ``WalkError``;
    KeyError for an element or a fact that is not there.
    """
    step = _Step(definition, _by_facts(facts), tokens)
    element = definition.elements[element_id]
    if isinstance(element, BoundaryTimer):
        step.fire(element)
    elif isinstance(element, Stage):
        step.take(Token(element_id), is_optional=not step.tokens and _is_single(definition))
    step.leave(element, ())
    return step.run()


def enter(
    definition: Definition,
    element_id: str,
    facts: Mapping[str, Any],
    decided: Iterable[str] = (),
) -> Walk:
    """Put the route at a stage: a return, a jump, a migration.

    The target gets a token, and so does every branch that runs beside it, so that the joins
    behind it get the tokens they wait for. A sister branch starts at its first stage that is
    not in ``decided``; stages in front of the target count as passed. Nothing is walked, so
    ``taken`` and ``passed`` are empty; ``arrivals`` are the stages to open. Raises KeyError
    when the id names no stage.
    """
    definition.stage(element_id)
    leading_on = reaching(definition, element_id)
    choose = _towards(leading_on, facts)
    passing = (leading_on | frozenset(decided)) - {element_id}
    left: set[str] = set()
    step = _Step(definition, choose, ())
    step.leave(definition.start, ())
    walk = step.run()
    while walk.outcome is None:
        following = next((s for s in walk.open_stages if s in passing - left), None)
        if following is None:
            break
        left.add(following)
        step = _Step(definition, choose, walk.tokens)
        step.take(Token(following))
        step.leave(definition.elements[following], ())
        walk = step.run()
    tokens = walk.tokens if Token(element_id) in walk.tokens else (Token(element_id),)
    opened = tuple(Arrival(token.element_id, ()) for token in tokens if not token.is_waiting)
    return Walk(arrivals=opened, tokens=tokens)


def lies_ahead(definition: Definition, element_id: str, of: str) -> bool:
    """Whether a stage comes only after ``of``; one in a branch beside it does not.

    On a circle the order is that in which its elements come first.
    """
    return of in reaching(definition, element_id) and element_id not in reaching(definition, of)


def _is_single(definition: Definition) -> bool:
    """Whether the route never holds more than one token."""
    return not any(
        isinstance(element, BoundaryTimer)
        or (isinstance(element, Gateway) and element.kind is not GatewayKind.EXCLUSIVE)
        for element in definition.elements.values()
    )


class _Step:
    """One step of the token game, from the flows first taken until nothing can move."""

    def __init__(self, definition: Definition, choose: Choose, tokens: Iterable[Token]) -> None:
        self.definition = definition
        self.choose = choose
        self.tokens = Counter(tokens)
        self.moving: deque[tuple[SequenceFlow, tuple[str, ...]]] = deque()
        self.arrivals: list[Arrival] = []
        self.passed: list[Arrival] = []
        self.taken: list[str] = []
        self.closed: list[str] = []
        self.outcome: EndKind | None = None
        #: how the latest token reached each inclusive join in this step
        self.paths: dict[str, tuple[str, ...]] = {}

    def take(self, token: Token, *, is_optional: bool = False) -> None:
        if not self.tokens[token]:
            if is_optional:
                return
            raise NoToken(token.element_id, "the route is not here")
        self.tokens[token] -= 1

    def fire(self, timer: BoundaryTimer) -> None:
        host = Token(timer.attached_to)
        self.take(host)
        if timer.is_interrupting:
            self.closed.append(host.element_id)
        else:
            self.tokens[host] += 1

    def leave(self, element: Element, path: tuple[str, ...]) -> None:
        for flow in self._ways_out(element):
            self.moving.append((flow, path))

    def run(self) -> Walk:
        moves = 0
        while self.outcome is None:
            if not self.moving and not self._fire_inclusive_join():
                break
            flow, path = self.moving.popleft()
            moves += 1
            if moves > MOVES_AT_MOST:
                raise EndlessLoop(flow.target, "the route runs in a circle")
            self.taken.append(flow.id)
            self._arrive(flow, (*path, flow.id))
        left = tuple(sorted(self.tokens.elements()))
        if self.outcome is None:
            if not left:
                self.outcome = EndKind.APPROVED
            elif all(token.is_waiting for token in left):
                raise Deadlock(left[0].element_id, "the join waits for ever")
        return Walk(
            arrivals=tuple(self.arrivals),
            passed=tuple(self.passed),
            taken=tuple(self.taken),
            tokens=left,
            closed=tuple(self.closed),
            outcome=self.outcome,
        )

    def _ways_out(self, element: Element) -> Sequence[SequenceFlow]:
        flows = self.definition.outgoing(element.id)
        gateway = element if isinstance(element, Gateway) else None
        if gateway is None and any(flow.condition for flow in flows):
            # BPMN: conditions on the flows of a task choose like an inclusive gateway.
            gateway = Gateway(element.id, kind=GatewayKind.INCLUSIVE)
        if gateway is not None and gateway.kind is not GatewayKind.PARALLEL:
            flows = list(self.choose(gateway, flows))
        if not flows and not isinstance(element, BoundaryTimer):
            raise NoWayOut(element.id, "no flow leads on")
        return flows

    def _arrive(self, flow: SequenceFlow, path: tuple[str, ...]) -> None:
        element = self.definition.elements[flow.target]
        match element:
            case Stage():
                self.tokens[Token(element.id)] += 1
                self.arrivals.append(Arrival(element.id, path))
            case EndEvent():
                self.arrivals.append(Arrival(element.id, path))
                if element.kind is not EndKind.APPROVED:
                    self._end(element.kind)
            case CopyTask() | ServiceTask():
                self.passed.append(Arrival(element.id, path))
                self.leave(element, path)
            case Gateway():
                self._arrive_at_gateway(element, flow, path)
            case _:
                raise NoWayOut(element.id, "no flow may lead here")

    def _arrive_at_gateway(
        self, gateway: Gateway, flow: SequenceFlow, path: tuple[str, ...]
    ) -> None:
        incoming = self.definition.incoming(gateway.id)
        if gateway.kind is GatewayKind.EXCLUSIVE or len(incoming) < 2:
            self.leave(gateway, path)
            return
        self.tokens[Token(gateway.id, flow.id)] += 1
        self.paths[gateway.id] = path
        if gateway.kind is GatewayKind.PARALLEL:
            waiting = [Token(gateway.id, each.id) for each in incoming]
            if all(self.tokens[token] for token in waiting):
                for token in waiting:
                    self.take(token)
                self.leave(gateway, path)

    def _fire_inclusive_join(self) -> bool:
        """Let one inclusive join go on that no other token can reach any more.

        BPMN lets a join go on a little earlier where a token has a choice of two of its
        flows; waiting for every token that can still come never fires a join twice.
        """
        joins = {token.element_id for token in self.tokens.elements() if token.is_waiting}
        for join_id in sorted(joins):
            join = self.definition.elements[join_id]
            if not isinstance(join, Gateway) or join.kind is not GatewayKind.INCLUSIVE:
                continue
            upstream = reaching(self.definition, join_id)
            held = [token for token in self.tokens.elements() if token.element_id == join_id]
            others = (t for t in self.tokens.elements() if t.element_id != join_id)
            if any(token.element_id in upstream for token in others):
                continue
            for token in set(held):
                self.take(token)
            self.leave(join, self.paths.get(join_id, ()))
            return True
        return False

    def _end(self, kind: EndKind) -> None:
        """A rejecting or terminating end takes every token of the route with it."""
        stages = [token.element_id for token in self.tokens.elements() if not token.is_waiting]
        self.closed.extend(sorted(stages))
        self.tokens.clear()
        self.moving.clear()
        self.outcome = kind


def _by_facts(document_facts: Mapping[str, Any]) -> Choose:
    facts = {**PLAIN, **document_facts}

    def choose(gateway: Gateway, flows: Sequence[SequenceFlow]) -> Sequence[SequenceFlow]:
        found = [
            flow
            for flow in flows
            if flow.id != gateway.default
            and (flow.condition is None or holds(flow.condition, facts))
        ]
        if not found:
            found = [flow for flow in flows if flow.id == gateway.default]
        return found[:1] if gateway.kind is GatewayKind.EXCLUSIVE else found

    return choose


def _towards(leading_on: frozenset[str], facts: Mapping[str, Any]) -> Choose:
    """Choose by the facts, but never past the target where a way to it exists."""
    by_facts = _by_facts(facts)

    def choose(gateway: Gateway, flows: Sequence[SequenceFlow]) -> Sequence[SequenceFlow]:
        chosen = list(by_facts(gateway, flows))
        leading = [flow for flow in flows if flow.target in leading_on]
        if not leading or any(flow in leading for flow in chosen):
            return chosen
        return leading[:1] if gateway.kind is GatewayKind.EXCLUSIVE else [*chosen, leading[0]]

    return choose
