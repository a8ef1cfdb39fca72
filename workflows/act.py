"""One act on one case: lock, collect what changes, write it once.

Every service of the engine opens an ``Act``. It holds the locked case, the route's
definition, the items of the round, and everything that the act will write; ``commit``
sends it as one statement. Nothing is written anywhere else, so an act is either there as a
whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from viewflow.workflow.status import STATUS

from lending_crm.common.errors import not_found
from lending_crm.common.outbox import messages_of
from lending_crm.common.writes import Writes, reserve_keys
from workflows import errors, facts, hashing
from workflows.bpmn.model import Definition
from workflows.bpmn.walk import Token
from workflows.choices import Decision, EventKind, ItemKind, ItemState, StageOutcome
from workflows.definitions import definition_of
from workflows.kinds import DocumentKind, kind_for
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


def lock_case(**lookup: Any) -> Case:
    """Lock the one case that the lookup finds; raises ``not_found()``.

    Every act takes this lock first and no other lock of the engine, so no two acts can
    wait for each other. The wait is bounded by the connection's ``lock_timeout``.
    """
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("handler")
        .filter(**lookup)
        .first()
    )
    if case is None:
        raise not_found()
    return case


def was_done_before(case: Case, actor: Employee, idempotency_key: str | None) -> bool:
    """Whether the person acted on the case under this key; raises SYS-409 when the key was
    his key for another case."""
    if not idempotency_key:
        return False
    done_on = (
        HistoryEvent.objects.filter(actor=actor, idempotency_key=idempotency_key)
        .values_list("case_id", flat=True)
        .first()
    )
    if done_on is not None and done_on != case.pk:
        raise errors.key_used_elsewhere()
    return done_on is not None


class Act:
    """Collects one act's writes on a locked case; see the module's text."""

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
        case.act = self
        self.actor = actor
        self.now = now
        self.kind: DocumentKind = kind_for(case.document_kind)
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
        #: where the flow's nodes go next: back, to an earlier stage, straight to a stage
        self.is_returning = False
        self.return_target: str | None = None
        self.resume_at: str | None = None
        #: who returned the case to its handler; it comes back to him, not to his whole pool
        self.resume_with: int | None = None
        self._load_items()

    # -- what is there -----------------------------------------------------------------

    def _load_items(self) -> None:
        """Read this round's items after the lock is held, so that nothing read is stale."""
        found = []
        if self.case.pk is not None:
            found = list(
                WorkItem.objects.filter(
                    Q(round=self.case.round) | Q(state=ItemState.OPEN), case=self.case
                )
                .select_related("stage")
                .order_by("id")
            )
        self._stages_by_id: dict[int, Stage] = {}
        for item in found:
            item.case = self.case
            item.stage = self._stages_by_id.setdefault(item.stage_id, item.stage)
            item.stage.process = self.case
        self.items = found

    @property
    def definition(self) -> Definition:
        return definition_of(self.case.flow_version_id)

    @cached_property
    def document(self) -> Any:
        """The document, under its own row lock."""
        return self.kind.lock(self.case.document_id)

    @cached_property
    def facts(self) -> dict[str, Any]:
        return facts.decode(self.case.facts, self.kind.facts)

    @property
    def tokens(self) -> tuple[Token, ...]:
        return tuple(Token(*pair) for pair in self.case.tokens)

    @tokens.setter
    def tokens(self, tokens: Iterable[Token]) -> None:
        self.case.tokens = [[token.element_id, token.flow_id] for token in tokens]

    @property
    def decided_people(self) -> set[int]:
        """Who has decided in this round; he is not asked again in it (WF-02)."""
        return {
            item.decided_by_id
            for item in self.items
            if item.round == self.case.round
            and item.kind == ItemKind.DECISION
            and item.state == ItemState.DECIDED
            and item.decided_by_id is not None
        }

    def item(self, item_id: int) -> WorkItem:
        """The item, also one of an earlier round; raises ``not_found()``."""
        for item in self.items:
            if item.pk == item_id:
                return item
        earlier = WorkItem.objects.filter(case=self.case, pk=item_id).first()
        if earlier is None:
            raise not_found()
        earlier.case = self.case
        return earlier

    def items_of(self, stage: Stage) -> list[WorkItem]:
        return [item for item in self.items if item.stage is stage]

    def open_stages(self) -> list[Stage]:
        """All stages that wait now, in the order in which they opened; blocked ones too."""
        found = Stage.objects.filter(process=self.case, outcome="", status=STATUS.ASSIGNED)
        stages = []
        for stage in found.order_by("id"):
            known = self._stages_by_id.setdefault(stage.pk, stage)
            known.process = self.case
            stages.append(known)
        return stages

    def is_replay(self) -> bool:
        """Whether this very act was done before under the same key by the same person."""
        return was_done_before(self.case, self.actor, self._idempotency_key)

    def check_seen(self, seen_version: int | None) -> None:
        """Refuse (WF-12) when what the person saw is not what is there now."""
        if seen_version is not None and seen_version != self.case.version:
            raise errors.stale()

    # -- what changes ------------------------------------------------------------------

    def moved(self) -> None:
        """What an approver decides on is another thing now; older pages are stale."""
        self.case.version += 1

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

    def take_snapshot(self) -> dict[str, Any]:
        """Keep the document as its readers see it now; nothing when it looks as before."""
        content = self.kind.snapshot(self.document)
        digest = hashing.content_hash(content)
        last = self.case.snapshots.order_by("-number").values_list("sha256", flat=True).first()
        if digest != last:
            self.case.snapshot_number += 1
            self._snapshots.append(
                Snapshot(
                    case=self.case,
                    number=self.case.snapshot_number,
                    document_version=self.case.document_version,
                    content=content,
                    sha256=digest,
                    created_at=self.now,
                )
            )
        return content

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

    def close_stage(self, stage: Stage, outcome: StageOutcome, reason: str = "") -> None:
        """End a stage; items that were not answered stay on record as no longer needed."""
        stage.outcome = outcome
        stage.outcome_reason = reason[:200]
        stage.is_blocked = False
        stage.finished = self.now
        if stage.status != STATUS.DONE:
            stage.status = STATUS.CANCELED if outcome == StageOutcome.CLOSED else STATUS.DONE
        self.change_stage(stage)
        for item in self.items_of(stage):
            if item.state == ItemState.OPEN:
                item.state = ItemState.NOT_NEEDED
                self.change_item(item)

    def decide_item(
        self,
        item: WorkItem,
        decision: Decision,
        *,
        opinion: str,
        conditions: Sequence[str] = (),
        terms: Mapping[str, Any] | None = None,
    ) -> None:
        item.state = ItemState.DECIDED
        item.assignee = self.actor
        item.decision = decision
        item.opinion = opinion
        item.conditions = list(conditions)
        item.terms = dict(terms or {})
        item.decided_by = self.actor
        item.decided_at = self.now
        self.change_item(item)

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

    # -- writing -----------------------------------------------------------------------

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
