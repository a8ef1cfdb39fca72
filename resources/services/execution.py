"""执行移交: an approved batch is carried out in one transaction, with a result for each thing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import translation

import structlog

from applications.assessment import local_day
from customers.models import Customer
from documents.choices import WfStatus
from documents.engine_door import engine_writes
from documents.kinds import routed_kind
from documents.services.guard import ensure_version
from documents.services.outcomes import write_outcome
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from lending_crm.common.outbox import publish_all
from resources.choices import HandoverStatus, Outcome
from resources.kinds import KIND_CODE
from resources.listing import mark_problems
from resources.models import HandoverItem, WorkHandover
from resources.rules import refusals
from resources.rules.permissions import is_head
from resources.rules.submission import receivers_of
from staff.events import notice
from staff.handing import Holding, Move, Moved, Warrant, work_source, work_sources
from staff.rules import require_keeper
from staff.services.handing import refused
from workflows import facts

if TYPE_CHECKING:
    from staff.models import Employee

log = structlog.get_logger(__name__)

_KEPT = ("biz_status", "executor")
_RESULT = ("outcome", "code", "note", "moved_on", "is_open")


@transaction.atomic
def execute_handover(
    *,
    handover_id: int,
    actor: Employee | None,
    now: datetime,
    seen_version: int | None = None,
    ip: str | None = None,
) -> WorkHandover:
    """Move what the batch lists; an administrator's act, or by itself (``actor`` None).

    Each thing is looked at again: what was moved, sold or decided meanwhile stays, with the
    reason. Raises ORG-02, WF-12, HND-13 (not approved, done already) and HND-14 (too early).
    """
    handover: WorkHandover = routed_kind(KIND_CODE).lock(handover_id)
    if actor is not None:
        require_keeper(actor)
    ensure_version(handover, seen_version)
    _refuse(handover, is_by_itself=actor is None, now=now)
    items = list(
        handover.items.filter(is_included=True)
        .select_related("receiver__branch", "receiver__department")
        .order_by("position", "id")
    )
    # The customers first, as the ledger does; whoever works on one of them waits here.
    concerned = {item.customer_id for item in items if item.customer_id}
    list(
        Customer.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=concerned)
        .order_by("pk")
        .values_list("pk")
    )
    mark_problems(items, now=now)
    _move(handover, items, actor=actor, now=now)
    with engine_writes():
        HandoverItem.objects.bulk_update(items, _RESULT, batch_size=500)
    write_outcome(
        document=handover,
        kept=_KEPT,
        actor=actor,
        now=now,
        ip=ip,
        biz_status=HandoverStatus.DONE,
        executed_at=now,
        executor=actor,
    )
    publish_all(_done_message(handover, items, actor), now=now)
    return handover


def execute_due(*, now: datetime) -> int:
    """Carry out the approved handovers whose day has come and that do it by themselves.

    One transaction each; what is refused or busy is tried again by the next run.
    """
    due = WorkHandover.objects.filter(
        wf_status=WfStatus.APPROVED,
        biz_status=HandoverStatus.PENDING,
        is_automatic=True,
        effective_on__lte=local_day(now),
    )
    done = 0
    for pk in due.order_by("effective_on", "pk").values_list("pk", flat=True):
        try:
            execute_handover(handover_id=pk, actor=None, now=now)
        except DomainError as refusal:
            log.warning("handover_not_executed", handover=pk, code=refusal.code)
        else:
            done += 1
    return done


def execute_message(message: OutboxMessage, now: datetime) -> None:
    """Handler of the outbox: the batch was approved on or after its day."""
    pk = message.payload["handover_id"]
    pending = WorkHandover.objects.filter(pk=pk, biz_status=HandoverStatus.PENDING)
    if pending.exists():
        execute_handover(handover_id=pk, actor=None, now=now)


def _refuse(handover: WorkHandover, *, is_by_itself: bool, now: datetime) -> None:
    if handover.wf_status != WfStatus.APPROVED:
        raise refusals.not_executable(handover.get_wf_status_display())
    is_pending = handover.biz_status == HandoverStatus.PENDING
    if not is_pending or (is_by_itself and not handover.is_automatic):
        raise refusals.not_executable(handover.get_biz_status_display())
    if handover.effective_on > local_day(now):
        raise refusals.not_effective_yet(handover.effective_on)


def _move(
    handover: WorkHandover,
    items: Sequence[HandoverItem],
    *,
    actor: Employee | None,
    now: datetime,
) -> None:
    waiting: dict[str, list[tuple[HandoverItem, Move]]] = defaultdict(list)
    # One instance a person, so that his roles are asked for once and not for each thing.
    people = {person.pk: person for person in receivers_of(items)}
    heads = {pk for pk, person in people.items() if is_head(person)}
    for item in items:
        move = _as_move(item, people)
        if refusal := _refusal(item, heads):
            _write(item, refused(move, refusal))
        else:
            waiting[item.kind].append((item, move))
    warrant = Warrant(handover.doc_no, crosses_branches=_is_across(handover))
    for source in work_sources():
        pairs = waiting.get(source.code, [])
        if not pairs:
            continue
        done = source.hand_over(
            [move for _item, move in pairs],
            employee=handover.from_employee,
            actor=actor,
            now=now,
            warrant=warrant,
        )
        for item, _unused in pairs:
            _write(item, done[item.object_id])


def _as_move(item: HandoverItem, people: Mapping[int, Employee]) -> Move:
    holding = Holding(item.object_id, item.label, item.detail, item.url, item.customer_id)
    return Move(holding, people.get(item.receiver_id or 0))


def _refusal(item: HandoverItem, heads: set[int]) -> DomainError | None:
    if work_source(item.kind) is None:
        return refusals.kind_is_gone(item.kind)
    if item.receiver is not None and not item.receiver.is_active:
        return refusals.receiver_inactive(item.receiver.name)
    if item.problem and item.receiver_id not in heads:
        return refusals.problem_to_head()
    return None


def _is_across(handover: WorkHandover) -> bool:
    """Whether the approval was one for several branches, with head office on its way."""
    if handover.case is None:
        return False
    known = facts.decode(handover.case.facts, routed_kind(KIND_CODE).facts)
    return bool(known.get("needs_head_office"))


def _write(item: HandoverItem, moved: Moved) -> None:
    """The result in Chinese, the language of record."""
    item.is_open = False
    with translation.override("zh-hans"):
        if moved.refusal is not None:
            item.outcome, item.code = Outcome.SKIPPED, moved.refusal.code
            item.note = moved.refusal.message[:500]
        else:
            item.outcome, item.note = Outcome.MOVED, moved.said[:500]
            item.moved_on = "、".join(moved.moved_on)[:200]


def _done_message(
    handover: WorkHandover, items: Sequence[HandoverItem], actor: Employee | None
) -> list[tuple[str, dict[str, Any]]]:
    moved = sum(item.outcome == Outcome.MOVED for item in items)
    people = {handover.handler_id, handover.from_employee_id, handover.supervisor_id}
    people |= {item.receiver_id for item in items if item.outcome == Outcome.MOVED}
    return notice(
        "work_handover.done",
        people,
        url=handover.get_absolute_url(),
        by=actor,
        doc_no=handover.doc_no,
        subject=handover.subject,
        party=handover.from_employee.name,
        moved=str(moved),
        skipped=str(len(items) - moved),
    )
