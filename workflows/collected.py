"""What an act will write, and the one statement that writes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import models

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
    Timer,
    WorkItem,
)

if TYPE_CHECKING:
    from staff.models import Employee

_ITEM_CHANGES = (
    "state",
    "assignee",
    "owners",
    "arrived_at",
    "claimed_at",
    "due_at",
    "barred",
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
    "pauses",
)

_TIMER_CHANGES = ("kind", "tell", "due_at", "ring_at", "state", "attempts", "ended_at")


class Collected:
    """Stages, items, events and messages of one act, until ``commit`` sends them."""

    items: list[WorkItem]

    def __init__(
        self,
        case: Case,
        *,
        actor: Employee | None,
        now: datetime,
        idempotency_key: str | None = None,
    ) -> None:
        self.case = case
        self._before = _values_of(case)
        self._actor = actor
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
        self._timers: list[Timer] = []
        self._changed_timers: dict[int, Timer] = {}

    @property
    def actor(self) -> Employee:
        """Who acts. What time does is nobody's act, so it can neither decide nor sign."""
        if self._actor is None:
            raise RuntimeError("no person acts here")
        return self._actor

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

    @property
    def changed_outcomes(self) -> dict[int, str]:
        """What the act makes of stages that were there before, by id."""
        return {pk: stage.outcome for pk, stage in self._changed_stages.items()}

    def change_item(self, item: WorkItem) -> None:
        if item.pk is not None:
            self._changed_items[item.pk] = item

    def add_timer(self, timer: Timer) -> None:
        self._timers.append(timer)

    def change_timer(self, timer: Timer) -> None:
        self._changed_timers[timer.pk] = timer

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
            CaseCopy(case=self.case, recipient=p, sent_by=self._actor, sent_at=self.now)
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
        item: WorkItem | None = None,
    ) -> HistoryEvent:
        """Add one event; the first one of the act carries the idempotency key.

        ``by_system``: not the actor's own deed; so is everything that no person did. ``item``
        is what was acted on: it says for whom, where a delegate acts.
        """
        actor = None if by_system else self._actor
        event = HistoryEvent(
            case=self.case,
            kind=kind,
            stage=stage,
            node_id=stage.node_id if stage else "",
            node_title=stage.title if stage else "",
            node_title_en=stage.title_en if stage else "",
            round=self.case.round,
            actor=actor,
            actor_name=actor.name if actor else "",
            on_behalf_of=item.on_behalf_of if item is not None else None,
            on_behalf_name=item.on_behalf_name if item is not None else "",
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
        own = self._actor.pk if self._actor is not None and exclude_actor else None
        ids = {pk for pk in recipients if pk and pk != own}
        if not ids:
            return
        payload = {
            "event": event,
            "recipients": sorted(ids),
            "params": {
                "doc_no": self.case.doc_no,
                "subject": self.case.subject,
                "party": self.case.party,
                "actor": self._actor.name if self._actor else "",
                **params,
            },
        }
        self._messages.append(("notify", payload))

    def publish(self, topic: str, payload: Mapping[str, Any]) -> None:
        """Leave a message for the worker in the same transaction; the case's id is added."""
        self._messages.append((topic, dict(payload)))

    def commit(self) -> Case:
        """Write everything that was collected; the caller's transaction commits it."""
        reserve_keys(self._stages)
        if self._snapshots and self._events:
            # What the history says is hashed: a snapshot that it names by hash cannot change.
            self._events[0].data[hashing.SEAL] = self._snapshots[-1].sha256
        for event in self._events:
            hashing.chain(self.case, event)
        for item in self._items:
            item.stage_id = item.stage.pk
        for timer in self._timers:
            timer.stage_id = timer.stage.pk
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
        for timer in self._changed_timers.values():
            writes.update(timer, _TIMER_CHANGES)
        writes.update(self.case, self._case_changes())
        for rows in (
            self._stages,
            self._items,
            self._timers,
            self._conditions,
            self._snapshots,
        ):
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


# JSON changes in place: what it was is kept as a text.
_CASE_COLUMNS = tuple(
    (field.attname, isinstance(field, models.JSONField)) for field in Case._meta.concrete_fields
)


def _values_of(case: Case) -> dict[str, Any]:
    return {
        name: repr(getattr(case, name)) if is_json else getattr(case, name)
        for name, is_json in _CASE_COLUMNS
    }
