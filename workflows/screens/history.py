"""审批历史 (M22): one row an act, as its reader may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from staff.calendar import shown_calendar
from staff.models import Employee
from workflows import hashing
from workflows.bpmn.model import DecideMode, Definition
from workflows.choices import EventKind, ItemState
from workflows.definitions import definition_of
from workflows.kinds import TermField, kind_for
from workflows.models import Case, HistoryEvent, WorkItem
from workflows.screens.items import shown_items
from workflows.screens.notes import note_of
from workflows.timing.arithmetic import Clock
from workflows.wholeness import sees_whole

BALLOTS = (
    EventKind.APPROVED,
    EventKind.APPROVED_WITH_CONDITIONS,
    EventKind.REJECTED,
    EventKind.ABSTAINED,
    EventKind.INVESTIGATION_ASKED,
)


@dataclass(frozen=True)
class HistoryRow:
    """``took`` is the working hours that the person had it, without pauses; ``is_hidden`` a
    secret vote that is still open.
    """

    sequence: int
    kind: str
    label: str
    step: str
    who: str
    on_behalf_of: str
    opinion: str
    conditions: Sequence[str]
    note: str
    arrived_at: datetime | None
    at: datetime
    took: float | None
    round: int
    snapshot_number: int
    is_hidden: bool = False
    #: the decision carries the signature that its author used then
    is_signed: bool = False


def history_rows(
    events: Sequence[HistoryEvent],
    items: Sequence[WorkItem],
    definition: Definition,
    *,
    reader_id: int,
    fields: Sequence[TermField],
) -> list[HistoryRow]:
    """All events in order; votes stay secret until the reader has voted or the vote is over.

    ``fields`` are the terms that the kind of document lets be set.
    """
    hidden = secret_stages(items, definition, reader_id=reader_id)
    calendar = shown_calendar()
    pauses = {item.stage_id: item.stage.pauses for item in items}
    return [
        _row(
            event,
            fields,
            is_hidden=event.stage_id in hidden,
            took=Clock.stored(event.arrived_at, pauses.get(event.stage_id or 0, [])).used(
                calendar, event.at
            )
            if event.arrived_at
            else None,
        )
        for event in events
    ]


def secret_stages(items: Sequence[WorkItem], definition: Definition, *, reader_id: int) -> set[int]:
    """Open votes whose ballots the reader may not see yet."""
    found: set[int] = set()
    voted: set[int] = set()
    for item in items:
        if item.state == ItemState.DECIDED and item.decided_by_id == reader_id:
            voted.add(item.stage_id)
        if item.stage.is_open and item.stage.node_id in definition.elements:
            settings = definition.stage(item.stage.node_id).settings
            if settings.decide == DecideMode.VOTE and settings.vote.is_secret:
                found.add(item.stage_id)
    return found - voted


def _row(
    event: HistoryEvent, fields: Sequence[TermField], *, is_hidden: bool, took: float | None
) -> HistoryRow:
    is_secret = is_hidden and event.kind in BALLOTS
    return HistoryRow(
        sequence=event.sequence,
        kind=EventKind.COMMENTED if is_secret else event.kind,
        label=_("Voted") if is_secret else str(EventKind(event.kind).label),
        step=event.stage_title,
        who=event.actor_name or _("System"),
        on_behalf_of=event.on_behalf_name,
        opinion="" if is_secret else event.opinion,
        conditions=[] if is_secret else event.conditions,
        note="" if is_secret else note_of(event, fields),
        arrived_at=event.arrived_at,
        at=event.at,
        took=took,
        round=event.round,
        snapshot_number=event.snapshot_number,
        is_hidden=is_secret,
        is_signed=not is_secret and hashing.SIGNATURE in event.data,
    )


@dataclass(frozen=True)
class CaseHistory:
    """审批历史 on the document's page; ``may_export`` offers the audit pack below it."""

    history: Sequence[HistoryRow]
    may_export: bool


def load_history(case: Case, reader: Employee) -> CaseHistory:
    """For a reader from whom no part of the document is hidden."""
    items, definition = shown_items(case), definition_of(case.flow_version_id)
    fields = kind_for(case.document_kind).term_fields
    rows = history_rows(case_events(case), items, definition, reader_id=reader.pk, fields=fields)
    return CaseHistory(rows, may_take_out(case, reader, items, definition))


def may_take_out(
    case: Case, reader: Employee, items: Sequence[WorkItem], definition: Definition
) -> bool:
    """Whether the audit pack is offered: to who sees all of the case, and not while a vote of it
    is secret (AUD-01, AUD-02).
    """
    return sees_whole(case, reader) and not secret_stages(items, definition, reader_id=0)


def last_return(case: Case) -> HistoryRow | None:
    """Who returned the case last, and why."""
    found = case.events.filter(kind=EventKind.RETURNED).order_by("-sequence").first()
    return None if found is None else _row(found, (), is_hidden=False, took=None)


def case_events(case: Case) -> list[HistoryEvent]:
    return list(case.events.order_by("sequence"))
