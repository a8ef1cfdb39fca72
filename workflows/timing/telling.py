"""Reminders and escalations that only tell people, for many timers by a few statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from lending_crm.common.outbox import publish_all
from staff.events import notice
from workflows import hashing
from workflows.choices import CaseState, EventKind, TimerState
from workflows.models import Case, CaseCopy, HistoryEvent, Timer
from workflows.timing.recipients import Hearers, Told, hearers_of

#: the columns that a message and a history event are made of; a case row is wide
_COLUMNS = (
    "percent", "tell", "due_at", "ring_at", "attempts", "state", "kind",
    "stage__node_id", "stage__title", "stage__title_en", "stage__outcome", "stage__finished",
    "stage__paused_at", "stage__due_at", "stage__created",
    "stage__process__state", "stage__process__round", "stage__process__event_count",
    "stage__process__last_hash", "stage__process__flow_version_id",
    "stage__process__document_version", "stage__process__snapshot_number",
    "stage__process__doc_no", "stage__process__subject", "stage__process__party",
)  # fmt: skip


def locked_timers(ids: Sequence[int]) -> list[Timer]:
    """These waiting timers under lock, each with its stage and case; locked ones are left out.

    All three are named: after a concurrent act a row that is not locked would be shown as it
    was before that act (READ COMMITTED).
    """
    rows = (
        Timer.objects.select_for_update(
            of=("self", "stage", "stage__process"), skip_locked=True, no_key=True
        )
        .select_related("stage__process")
        .only(*_COLUMNS)
        .filter(pk__in=ids, state=TimerState.WAITING)
        .order_by("pk")
    )
    cases: dict[int, Case] = {}
    found = list(rows)
    for timer in found:
        timer.stage.process = cases.setdefault(timer.stage.process_id, timer.stage.process)
    return found


def is_over(timer: Timer) -> bool:
    """Whether nobody is asked at the timer's stage any more."""
    return not timer.stage.is_open or timer.stage.process.state != CaseState.IN_APPROVAL


def is_early(timer: Timer, now: datetime) -> bool:
    """Whether the clock was stopped, or the moment moved, since the timer was claimed."""
    return timer.stage.paused_at is not None or timer.due_at is None or timer.due_at > now


def end_timers(ids: Sequence[int], state: TimerState, now: datetime) -> None:
    if ids:
        Timer.objects.filter(pk__in=ids).update(
            state=state, ring_at=None, ended_at=now, last_error=""
        )


def give_back(timers: Sequence[Timer]) -> None:
    """Let timers that are early ring at their moment; the attempt does not count."""
    for timer in timers:
        paused = timer.stage.paused_at is not None
        Timer.objects.filter(pk=timer.pk).update(
            ring_at=None if paused else timer.due_at, attempts=0
        )


@transaction.atomic
def tell_many(ids: Sequence[int], *, now: datetime) -> set[int]:
    """Ring these timers in one transaction; the ids that were dealt with.

    What is missing from the answer is locked by somebody, or is nobody's any more.
    """
    timers = locked_timers(ids)
    over = [timer.pk for timer in timers if is_over(timer)]
    early = [t for t in timers if not is_over(t) and is_early(t, now)]
    ringing = [t for t in timers if not is_over(t) and not is_early(t, now)]
    give_back(early)
    end_timers(over, TimerState.NOT_NEEDED, now)
    if ringing:
        _ring(ringing, now)
    return {timer.pk for timer in timers}


def _ring(timers: Sequence[Timer], now: datetime) -> None:
    hearers = hearers_of(
        {timer.stage_id for timer in timers}, {who for timer in timers for who in timer.tell}
    )
    events, messages, copies = [], [], []
    for timer in timers:
        told = hearers.told(timer.stage_id, timer.tell)
        events.append(event_of(timer, hearers.names_of(told.everybody), now))
        messages += messages_of(timer, told, hearers, now)
        copies += [
            CaseCopy(case_id=timer.stage.process_id, recipient_id=pk, sent_at=now)
            for pk in told.above
        ]
    HistoryEvent.objects.bulk_create(events)
    _write_heads({timer.stage.process_id: timer.stage.process for timer in timers})
    # A superior may not see the case by his role; administrators see it without its content.
    CaseCopy.objects.bulk_create(copies, ignore_conflicts=True)
    publish_all(messages, now=now)
    end_timers([timer.pk for timer in timers], TimerState.DONE, now)


def event_of(timer: Timer, told: Sequence[str], now: datetime) -> HistoryEvent:
    """The entry in the case's history, chained to the one before."""
    stage = timer.stage
    event = HistoryEvent(
        case=stage.process,
        kind=EventKind.REMINDED if timer.percent < 100 else EventKind.ESCALATED,
        stage=stage,
        node_id=stage.node_id,
        node_title=stage.title,
        node_title_en=stage.title_en,
        round=stage.process.round,
        flow_version_id=stage.process.flow_version_id,
        at=now,
        data={"percent": timer.percent, "told": list(told)},
    )
    hashing.chain(stage.process, event)
    return event


def messages_of(
    timer: Timer, told: Told, hearers: Hearers, now: datetime
) -> list[tuple[str, dict[str, Any]]]:
    """To those who hold the work, to those above them, and to the administrators.

    Administrators learn that a step is late, not whose document it is.
    """
    stage, case = timer.stage, timer.stage.process
    is_late = stage.due_at is not None and stage.due_at <= now
    params = {
        "doc_no": case.doc_no,
        "subject": case.subject,
        "party": case.party,
        "step": stage.title,
        "due": timezone.localtime(stage.due_at).strftime("%Y-%m-%d %H:%M") if stage.due_at else "",
        "holders": ", ".join(hearers.names_of(hearers.asked.get(stage.pk, []))),
    }
    veiled = {**params, "party": "", "subject": ""}
    sent = [
        ("work_item.overdue" if is_late else "work_item.due_soon", told.asked, params),
        ("work_item.escalated" if is_late else "work_item.due_soon", told.above, params),
        ("case.late", told.administrators, veiled),
    ]
    return [
        message
        for event, people, said in sent
        for message in notice(
            event, sorted(people), url=f"/cases/{case.pk}/", case_id=case.pk, **said
        )
    ]


def _write_heads(cases: dict[int, Case]) -> None:
    """The end of each case's hash chain, by one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE workflows_case AS c SET event_count = v.count, last_hash = v.hash"
            " FROM unnest(%s::bigint[], %s::int[], %s::text[]) AS v(id, count, hash)"
            " WHERE c.id = v.id",
            [
                list(cases),
                [case.event_count for case in cases.values()],
                [case.last_hash for case in cases.values()],
            ],
        )
