"""A case told from its history alone: a second, much simpler engine to compare with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from workflows import facts
from workflows.bpmn import walk
from workflows.bpmn.model import BoundaryTimer, DecideMode, Definition, EndEvent, EndKind, Stage
from workflows.bpmn.upstream import reaching
from workflows.choices import TO_HANDLER, CaseState, Decision, EventKind
from workflows.definitions import definition_of
from workflows.kinds import Fact
from workflows.models import HistoryEvent

_DECISIONS = {
    EventKind.APPROVED: Decision.APPROVE,
    EventKind.APPROVED_WITH_CONDITIONS: Decision.APPROVE_WITH_CONDITIONS,
    EventKind.REJECTED: Decision.REJECT,
    EventKind.RETURNED: Decision.RETURN,
    EventKind.ABSTAINED: Decision.ABSTAIN,
    EventKind.INVESTIGATION_ASKED: Decision.INVESTIGATE,
}


@dataclass
class Replay:
    """Where the events lead: state, round, open nodes, who decided what, what stands."""

    facts: Sequence[Fact]
    state: str = ""
    round: int = 1
    is_suspended: bool = False
    places: Counter[str] = field(default_factory=Counter)
    blocked: set[str] = field(default_factory=set)
    vacant: Counter[str] = field(default_factory=Counter)
    decided: dict[tuple[int, int], str] = field(default_factory=dict)
    _said: list[tuple[str, int, str]] = field(default_factory=list)
    _values: dict[str, Any] = field(default_factory=dict)
    _standing: set[str] = field(default_factory=set)
    _returned_from: str = ""
    _before_return: set[str] = field(default_factory=set)
    _definition: Definition | None = None

    @classmethod
    def of(cls, events: Iterable[HistoryEvent], kind_facts: Sequence[Fact]) -> Replay:
        replay = cls(kind_facts)
        for event in events:
            replay.take(event)
        return replay

    @property
    def nodes(self) -> Counter[str]:
        """Open stages of the route."""
        return Counter(
            {
                place: number
                for place, number in self.places.items()
                if number and isinstance(self.definition.elements[place], Stage)
            }
        )

    @property
    def conditions(self) -> list[str]:
        return [text for _node, _actor, text in self._said]

    @property
    def definition(self) -> Definition:
        assert self._definition is not None
        return self._definition

    def take(self, event: HistoryEvent) -> None:
        self._definition = definition_of(event.flow_version_id)
        if "facts" in event.data:
            self._values = facts.decode(event.data["facts"], self.facts)
        if event.kind in _DECISIONS and event.actor_id is not None:
            self.decided[event.round, event.actor_id] = _DECISIONS[EventKind(event.kind)].value
        for text in event.conditions:
            self._said.append((event.node_id, event.actor_id or 0, text))
        handle = getattr(self, f"_{event.kind.lower()}", None)
        if handle is not None:
            handle(event)
        for flow_id in event.path:
            self._move(flow_id)
        if turn := event.data.get("turned_to"):
            self.round += 1
            self._standing -= {s for s in self._standing if turn in reaching(self.definition, s)}
        self._forget(set(self.nodes))

    def _forget(self, standing: set[str]) -> None:
        """A stage that closed lacks nobody any more."""
        self.blocked &= standing
        self.vacant = Counter({n: times for n, times in self.vacant.items() if n in standing})

    def _move(self, flow_id: str) -> None:
        flow = self.definition.flows[flow_id]
        if not isinstance(self.definition.elements[flow.source], BoundaryTimer):
            self.places.pop(flow.source, None)
        self._standing.add(flow.source)
        self._standing.discard(flow.target)
        target = self.definition.elements[flow.target]
        if not isinstance(target, EndEvent):
            self.places[flow.target] += 1
        elif target.kind is not EndKind.APPROVED:
            self.places.clear()

    def _enter(self, node_id: str) -> None:
        approved = self._standing - {node_id}
        step = walk.enter(self.definition, node_id, self._values, approved)
        self.places = Counter(token.element_id for token in step.tokens)
        self._standing -= set(self.places)
        self._forget(set())

    def _submitted(self, event: HistoryEvent) -> None:
        self.state = CaseState.IN_APPROVAL

    def _resubmitted(self, event: HistoryEvent) -> None:
        self.state = CaseState.IN_APPROVAL
        if event.data["direct"]:
            self._enter(self._returned_from)
        else:
            self._standing.clear()

    def _rejected(self, event: HistoryEvent) -> None:
        if self.definition.stage(event.node_id).settings.decide != DecideMode.VOTE:
            self.places.clear()

    def _vote_closed(self, event: HistoryEvent) -> None:
        if not event.data["passed"]:
            self.places.clear()

    def _returned(self, event: HistoryEvent) -> None:
        self._before_return = set(self._standing)
        self.places.clear()
        self.round += 1
        if event.data["target"] == TO_HANDLER:
            self.state = CaseState.RETURNED
            self._returned_from = event.node_id
        else:
            self._enter(event.data["target"])

    def _withdrawn(self, event: HistoryEvent) -> None:
        self.state = CaseState.WITHDRAWN
        self.places.clear()
        self.round += 1

    def _taken_back(self, event: HistoryEvent) -> None:
        self.round = event.round
        del self.decided[event.round, event.actor_id or 0]
        self._said = [said for said in self._said if said[:2] != (event.node_id, event.actor_id)]
        self._standing.discard(event.node_id)
        if "target" in event.data:
            self.state = CaseState.IN_APPROVAL
            self._standing = set(self._before_return)
            self.places.clear()
            self._forget(set())
        if not self.places[event.node_id]:
            self.places = Counter(element for element, _flow in event.data["tokens"])

    def _blocked(self, event: HistoryEvent) -> None:
        self.blocked.add(event.node_id)
        self.vacant[event.node_id] = len(event.data["vacant"])

    def _unblocked(self, event: HistoryEvent) -> None:
        self.vacant[event.node_id] = event.data["vacant"]
        if not event.data["vacant"]:
            self.blocked.discard(event.node_id)

    _reassigned = _unblocked

    def _timer_fired(self, event: HistoryEvent) -> None:
        if event.data["interrupts"]:
            self.places.pop(event.node_id, None)

    def _migrated(self, event: HistoryEvent) -> None:
        """The places of the new version; open steps that go on keep what was said there."""
        if self.state == CaseState.IN_APPROVAL:
            self.places = Counter(element for element, _flow in event.data["entered"])
            self._forget(set(event.data["kept"]))
        else:
            self._returned_from = event.data["returned_from"] or self._returned_from

    def _concluded(self, event: HistoryEvent) -> None:
        self.state = event.data["outcome"]
        self.places.clear()

    def _suspended(self, event: HistoryEvent) -> None:
        self.is_suspended = True

    def _resumed(self, event: HistoryEvent) -> None:
        self.is_suspended = False

    def _jumped(self, event: HistoryEvent) -> None:
        self.round += 1
        self._enter(event.data["target"])

    def _terminated(self, event: HistoryEvent) -> None:
        self.state = CaseState.VOID
        self.is_suspended = False
        self.places.clear()

    def _voided(self, event: HistoryEvent) -> None:
        self.state = CaseState.VOID
