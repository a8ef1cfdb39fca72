"""What an act will write, and the one statement that writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lending_crm.common.outbox import messages_of
from lending_crm.common.writes import Writes, reserve_keys
from workflows import hashing
from workflows.choices import EventKind
from workflows.models import (
    ApprovalCondition,
    Case,
    CaseCopy,
    HistoryEvent,
    Snapshot,
    Stage,
    WorkItem,
)

if TYPE_CHECKING:
    from staff.models import Employee

_ITEM_CHANGES = (
    "state",
    "assignee",
    "owners",
    "barred",
    "arrived_at",
    "claimed_at",
    "due_at",
    "decision",
    "opinion",
    "conditions",
    "terms",
    "decided_by",
    "decided_at",
)

_STAGE_CHANGES = (
    "status",
    "outcome",
    "outcome_reason",
    "is_blocked",
    "finished",
    "due_at",
    "paused_at",
)


class Collected:
    """Stages, items, events and messages of one act, until ``commit`` sends them."""

    items: list[WorkItem]

    def __init__(
        self,
        case: Case,
        *,
        actor: Employee,
        now: datetime,
        idempotency_key: str | None = None,
    ) -> None:
        self.case = case
        self._before = deepcopy(_values_of(case))
        self.actor = actor
        self.now = now
        self._idempotency_key = idempotency_key
        self._stages: list[Stage] = []
        self._changed_stages: dict[int, Stage] = {}
        self._items: list[WorkItem] = []
        self._changed_items: dict[int, WorkItem] = {}
        self._events: list[HistoryEvent] = []
        self._messages: list[tuple[str, dict[str, Any]]] = []
        self._conditions: list[ApprovalCondition] = []
        self._copies: list[CaseCopy] = []
        self._snapshots: list[Snapshot] = []

    def add_stage(self, stage: Stage) -> Stage:
        stage.process = self.case
        self._stages.append(stage)
        return stage

    def place_of(self, stage: Stage) -> int:
        """A number that orders the act's stages: stored ones by id, new ones after them."""
        for place, new in enumerate(self._stages):
            if new is stage:
                return place
        return -stage.pk

    def add_item(self, item: WorkItem) -> WorkItem:
        self._items.append(item)
        self.items.append(item)
        return item

    def change_stage(self, stage: Stage) -> None:
        if stage.pk is not None:
            self._changed_stages[stage.pk] = stage

    def change_item(self, item: WorkItem) -> None:
        if item.pk is not None:
            self._changed_items[item.pk] = item

    def add_condition(self, condition: ApprovalCondition) -> None:
        self._conditions.append(condition)

    def event_of(self, stage: Stage | None) -> HistoryEvent | None:
        """The act's last event about the stage, else its first event."""
        about = [event for event in self._events if event.stage is stage]
        return about[-1] if about else next(iter(self._events), None)

    @property
    def new_conditions(self) -> list[str]:
        return [condition.text for condition in self._conditions]

    def add_copies(self, people: Iterable[Employee]) -> None:
        self._copies.extend(
            CaseCopy(case=self.case, recipient=p, sent_by=self.actor, sent_at=self.now)
            for p in people
        )

    def record(
        self,
        kind: EventKind,
        *,
        stage: Stage | None = None,
        opinion: str = "",
        conditions: Sequence[str] = (),
        path: Sequence[str] = (),
        data: Mapping[str, Any] | None = None,
        arrived_at: datetime | None = None,
        by_system: bool = False,
    ) -> HistoryEvent:
        """Add one event; the first one of the act carries the idempotency key."""
        event = HistoryEvent(
            case=self.case,
            kind=kind,
            stage=stage,
            node_id=stage.node_id if stage else "",
            node_title=stage.title if stage else "",
            node_title_en=stage.title_en if stage else "",
            round=self.case.round,
            actor=None if by_system else self.actor,
            actor_name="" if by_system else self.actor.name,
            opinion=opinion,
            conditions=list(conditions),
            data=dict(data or {}),
            path=list(path),
            flow_version_id=self.case.flow_version_id,
            arrived_at=arrived_at,
            at=self.now,
            idempotency_key=None if self._events else self._idempotency_key,
        )
        self._events.append(event)
        return event

    def notify(
        self,
        event: str,
        recipients: Iterable[int],
        *,
        exclude_actor: bool = True,
        **params: Any,
    ) -> None:
        """Tell people, through the outbox, in the same transaction."""
        ids = {pk for pk in recipients if pk and not (exclude_actor and pk == self.actor.pk)}
        if not ids:
            return
        payload = {
            "event": event,
            "recipients": sorted(ids),
            "params": {
                "doc_no": self.case.doc_no,
                "subject": self.case.subject,
                "party": self.case.party,
                "actor": self.actor.name,
                **params,
            },
        }
        self._messages.append(("notify", payload))

    def commit(self) -> Case:
        """Write everything that was collected; the caller's transaction commits it."""
        reserve_keys(self._stages)
        self._chain_events()
        for item in self._items:
            item.stage_id = item.stage.pk
        for condition in self._conditions:
            condition.stage_id = condition.stage.pk
        for _topic, payload in self._messages:
            payload["case_id"] = self.case.pk
            payload["url"] = f"/cases/{self.case.pk}/"
        writes = Writes()
        for stage in self._changed_stages.values():
            writes.update(stage, _STAGE_CHANGES)
        for changed in self._changed_items.values():
            writes.update(changed, _ITEM_CHANGES)
        writes.update(self.case, self._case_changes())
        for rows in (self._stages, self._items, self._conditions, self._snapshots):
            writes.insert(rows)
        writes.insert(self._copies, ignore_conflicts=True)
        writes.insert(self._events)
        writes.insert(messages_of(self._messages, now=self.now))
        writes.send()
        return self.case

    def _case_changes(self) -> list[str]:
        return [
            name for name, value in _values_of(self.case).items() if value != self._before[name]
        ]

    def _chain_events(self) -> None:
        for event in self._events:
            self.case.event_count += 1
            event.sequence = self.case.event_count
            event.stage_id = event.stage.pk if event.stage else None
            event.document_version = self.case.document_version
            event.snapshot_number = self.case.snapshot_number
            event.previous_hash = self.case.last_hash
            event.hash = hashing.event_hash(event, self.case.last_hash)
            self.case.last_hash = event.hash


def _values_of(case: Case) -> dict[str, Any]:
    return {field.attname: getattr(case, field.attname) for field in Case._meta.concrete_fields}
