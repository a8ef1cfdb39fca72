"""One act on one case: lock, collect what changes, write it once.

Every service of the engine opens an ``Act``. It holds the locked case, the route's
definition, the items of the round, and everything that the act will write; ``commit``
sends it as one statement. Nothing is written anywhere else, so an act is either there as a
whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from viewflow.workflow.status import STATUS

from lending_crm.common.compiled import Compiled
from lending_crm.common.errors import not_found
from workflows import errors, facts, hashing
from workflows.bpmn.model import Definition
from workflows.bpmn.walk import Token
from workflows.choices import LIVE, Decision, EventKind, ItemKind, ItemState, StageOutcome
from workflows.collected import Collected
from workflows.definitions import definition_of
from workflows.kinds import DocumentKind, kind_for
from workflows.models import (
    Case,
    HistoryEvent,
    Snapshot,
    Stage,
    WorkItem,
)

if TYPE_CHECKING:
    from staff.models import Employee


def lock_case(**lookup: Any) -> Case:
    """Lock the one case that the lookup finds; raises ``not_found()``.

    Every act takes this lock first and no other lock of the engine, so no two acts can
    wait for each other. The wait is bounded by the connection's ``lock_timeout``.
    """
    # After a wait PostgreSQL looks once more at the case, but not at the rows joined to it: a
    # case that changed its version or handler meanwhile is missed the first time.
    names = tuple(sorted(lookup))
    values = [lookup[name] for name in names]
    found = _locked(names)(*values) or _locked(names)(*values)
    if not found:
        raise not_found()
    return found[0]


@cache
def _locked(names: tuple[str, ...]) -> Compiled[Case]:
    """The locked case by these lookups; one compiled statement for each set of them."""
    return Compiled(
        lambda *values: (
            Case.objects.select_for_update(of=("self",))
            .select_related("handler", "flow_version")
            .defer("flow_version__bpmn")
            .filter(**dict(zip(names, values, strict=True)))
            .order_by("pk")[:1]
        )
    )


_ITEMS = Compiled(
    lambda case_id, round_: (
        WorkItem.objects.filter(Q(round=round_) | Q(state=ItemState.OPEN), case=case_id)
        .select_related("stage")
        .order_by("id")
    )
)


def was_done_before(
    case: Case,
    actor: Employee,
    idempotency_key: str | None,
    *kinds: EventKind,
    at: WorkItem | None = None,
) -> bool:
    """Whether the person acted on the case under this key; raises SYS-409 when the key was his
    key for another case or, where they are named, another kind of act or another stage."""
    if not idempotency_key:
        return False
    done = (
        HistoryEvent.objects.filter(actor=actor, idempotency_key=idempotency_key)
        .only("case_id", "kind", "stage_id")
        .first()
    )
    if done is None:
        return False
    is_other_act = (kinds and done.kind not in kinds) or (at and done.stage_id != at.stage_id)
    if done.case_id != case.pk or is_other_act:
        raise errors.key_used_elsewhere()
    return True


class Act(Collected):
    """One act on a locked case; see the module's text.

    Raises WF-40 for a suspended case unless the act is one that is done ``while_suspended``.
    """

    def __init__(
        self,
        case: Case,
        *,
        actor: Employee | None,
        now: datetime,
        idempotency_key: str | None = None,
        while_suspended: bool = False,
    ) -> None:
        super().__init__(case, actor=actor, now=now, idempotency_key=idempotency_key)
        case.act = self
        self.kind: DocumentKind = kind_for(case.document_kind)
        # where the flow's nodes go next: back, to an earlier stage, straight to a stage
        self.is_returning = False
        self.return_target: str | None = None
        self.resume_at: str | None = None
        #: who returned the case to its handler; it comes back to him, not to his whole pool
        self.resume_with: int | None = None
        self._load_items()
        if case.suspended_at is not None and not while_suspended and not self.is_replay():
            raise errors.suspended()

    # -- what is there -----------------------------------------------------------------

    def _load_items(self) -> None:
        """Read this round's items after the lock is held, so that nothing read is stale."""
        self._stages_by_id: dict[int, Stage] = {}
        self.items = []
        if self.case.pk is not None:
            self._join_items()

    def _join_items(self) -> None:
        known = {item.pk for item in self.items}
        for item in _ITEMS(self.case.pk, self.case.round):
            if item.pk not in known:
                item.case = self.case
                item.stage = self._stages_by_id.setdefault(item.stage_id, item.stage)
                item.stage.process = self.case
                self.items.append(item)

    def join_round_before(self) -> None:
        """The round that just began is none: its items are there beside those of the last one."""
        self.case.round -= 1
        self._join_items()

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
        """Who has decided in this round, himself or by a delegate: he is not asked again."""
        return {
            pk
            for item in self.items
            if item.round == self.case.round
            and item.kind == ItemKind.DECISION
            and item.state == ItemState.DECIDED
            for pk in (item.decided_by_id, item.on_behalf_of_id)
            if pk is not None
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
        # What this very act has opened waits too, though no row says so yet.
        stages += [s for s in self._stages if s.is_open and s.status == STATUS.ASSIGNED]
        return stages

    def stages_of(self, round_: int) -> list[Stage]:
        """The stored stages of a round, in the order in which they opened."""
        found = Stage.objects.filter(process=self.case, round=round_).order_by("id")
        stages = [self._stages_by_id.setdefault(stage.pk, stage) for stage in found]
        for stage in stages:
            stage.process = self.case
        return stages

    def is_replay(self, *kinds: EventKind, at: WorkItem | None = None) -> bool:
        """Whether this very act, of these kinds and on this item, was done before under the same
        key by the same person; SYS-409 when it was his key for another one."""
        key = self._idempotency_key
        return was_done_before(self.case, self.actor, key, *kinds, at=at)

    def check_seen(self, seen_version: int | None) -> None:
        """Refuse (WF-12) when what the person saw is not what is there now."""
        if seen_version is not None and seen_version != self.case.version:
            raise errors.stale()

    # -- what changes ------------------------------------------------------------------

    def moved(self) -> None:
        """What an approver decides on is another thing now; older pages are stale."""
        self.case.version += 1

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

    def close_stage(self, stage: Stage, outcome: StageOutcome, reason: str = "") -> None:
        """End a stage; items that were not answered stay on record as no longer needed."""
        stage.outcome = outcome
        stage.outcome_reason = reason[:200]
        stage.is_blocked = False
        stage.finished = self.now
        if stage.status != STATUS.DONE:
            is_cancelled = outcome in (StageOutcome.CLOSED, StageOutcome.UNDONE)
            stage.status = STATUS.CANCELED if is_cancelled else STATUS.DONE
        self.change_stage(stage)
        for item in self.items_of(stage):
            if item.state in LIVE:
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
