"""The case page: who, how much, which risk, how long, why me, what changed; then the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from staff.models import Employee
from workflows.choices import EventKind, ItemState
from workflows.definitions import definition_of
from workflows.field_rights import hidden_from, withhold, without
from workflows.kinds import DocumentKind, kind_for
from workflows.models import (
    Case,
    CaseReading,
    HistoryEvent,
    Snapshot,
    Stage,
    WorkItem,
)
from workflows.screens.actions import offers_for
from workflows.screens.acts import CaseActs, acts_with, in_language
from workflows.screens.history import (
    HistoryRow,
    case_events,
    history_rows,
    may_take_out,
    secret_stages,
)
from workflows.screens.items import case_items
from workflows.screens.reasons import seat_words, why_me, why_not_me
from workflows.screens.since import SinceLastSeen, new_opinions, since_last_seen
from workflows.screens.tables import aligned_tables
from workflows.veil import is_veiled, veil, veil_events


@dataclass(frozen=True)
class Request:
    """Material that somebody asked for and that has not come yet."""

    who: str
    at: datetime
    text: str


@dataclass(frozen=True, kw_only=True)
class CasePage(CaseActs):
    why_me: str
    why_not_me: str
    waiting: Sequence[WorkItem]
    later: Sequence[WorkItem]
    #: seats that nobody holds: the stage, and who should sit there
    vacant: Sequence[tuple[Stage, str]]
    snapshot: dict[str, Any]
    files: Sequence[dict[str, Any]]
    url: str
    since: SinceLastSeen
    changed: set[str]
    history: Sequence[HistoryRow]
    requests: Sequence[Request]
    conditions: Sequence[str] = field(default_factory=tuple)
    suspension: HistoryRow | None = None
    is_content_hidden: bool = False
    #: labels of what the reader's step does not show him
    hidden: Sequence[Any] = ()
    may_export: bool = False
    #: his step asks for what he has not given yet
    needs_signature: bool = False
    attach_url: str = ""

    @property
    def stages_with_vacancies(self) -> Sequence[Stage]:
        return [stage for stage, _seat in self.vacant]

    @property
    def blocked(self) -> Sequence[Stage]:
        return [stage for stage in self.open_stages if stage.is_blocked]


def load_case_page(case: Case, reader: Employee) -> CasePage:
    """Everything on the page by a fixed number of statements.

    The document is shown from its snapshot: that is what the opinions are about.
    """
    definition = definition_of(case.flow_version_id)
    items = case_items(case)
    events = case_events(case)
    may_open = not is_veiled(case, reader)
    offers = offers_for(case, items, definition, lambda: events, reader, is_veiled=not may_open)
    reading = CaseReading.objects.filter(case=case, reader=reader).first()
    snapshots = _snapshots(case, reading)
    content = in_language(snapshots.get(case.snapshot_number, {}))
    seen = None
    if reading is not None and reading.snapshot_number != case.snapshot_number:
        seen = in_language(snapshots.get(reading.snapshot_number, {}))
    since = since_last_seen(case, reading, seen, content, events)
    settings = offers.settings
    kind = kind_for(case.document_kind)
    if not may_open:
        veil(case)
        veil_events(events, reader)
        content, since = {}, SinceLastSeen(events=since.events, supplements=since.supplements)
    hidden = hidden_from(reader, case, items, definition)
    withhold(events, hidden)
    since = replace(since, changes=[c for c in since.changes if c.name not in hidden])
    shown = without(content, hidden)
    history = history_rows(events, items, definition, reader_id=reader.pk, fields=kind.term_fields)
    since = replace(since, opinions=new_opinions(history, reading, reader.name))
    acts = acts_with(case, reader, items, definition, offers, lambda: shown)
    return CasePage(
        **vars(acts),
        why_me=why_me(offers.item, definition) if offers.item else "",
        why_not_me="" if offers.item else why_not_me(case, items, reader),
        waiting=[i for i in items if i.state == ItemState.OPEN],
        later=sorted((i for i in items if i.state == ItemState.WAITING), key=lambda i: i.seat),
        vacant=[(i.stage, seat_words(i.reason)) for i in items if i.state == ItemState.VACANT],
        snapshot=aligned_tables(shown, kind.facts, kind.table_columns),
        files=_files(kind, case, content, may_open=may_open),
        url=kind.url(case.document_id) if may_open and not hidden else "",
        since=since,
        changed={change.name for change in since.changes},
        may_export=may_open and not hidden and may_take_out(case, reader, items, definition),
        history=history,
        requests=_requests(events),
        needs_signature=bool(
            settings and settings.signature_required and not reader.signature_sha256
        ),
        attach_url=kind.supplement_url(case.document_id)
        if settings and settings.attachment_required
        else "",
        hidden=[field.label for field in kind.fields if field.name in hidden],
        conditions=_conditions(events, secret_stages(items, definition, reader_id=reader.pk)),
        suspension=_suspension(case, history),
        is_content_hidden=not may_open,
    )


def _snapshots(case: Case, reading: CaseReading | None) -> dict[int, dict[str, Any]]:
    numbers = {case.snapshot_number, reading.snapshot_number if reading else 0}
    rows = Snapshot.objects.filter(case=case, number__in=numbers)
    return dict(rows.values_list("number", "content"))


def _files(
    kind: DocumentKind, case: Case, content: dict[str, Any], *, may_open: bool
) -> list[dict[str, Any]]:
    """The attachments that the snapshot names, as the attachment list draws them."""
    return [
        {
            "title": file["title"],
            "category": file["category"],
            "size": file["size"],
            "is_supplement": bool(file.get("supplement")),
            "url": kind.attachment_url(case.document_id, file["id"]) if may_open else "",
        }
        for file in content.get("attachments", [])
    ]


def _suspension(case: Case, history: Sequence[HistoryRow]) -> HistoryRow | None:
    """Who suspended the case, when and why, while it is suspended."""
    if case.suspended_at is None:
        return None
    return next((row for row in reversed(history) if row.kind == EventKind.SUSPENDED), None)


def _requests(events: Sequence[HistoryEvent]) -> list[Request]:
    """What was asked for since the last supplement or resubmission: each answers all of it."""
    found: list[Request] = []
    for event in events:
        if event.kind in (EventKind.SUPPLEMENTED, EventKind.RESUBMITTED):
            found.clear()
        elif event.kind == EventKind.MATERIAL_REQUESTED:
            found.append(Request(event.actor_name, event.at, event.opinion))
    return found


def _conditions(events: Sequence[HistoryEvent], secret: set[int]) -> list[str]:
    """What stands: neither taken back, nor of a chain that began anew, nor a secret vote's."""
    standing: list[tuple[int | None, int | None, str]] = []
    for event in events:
        place = (event.stage_id, event.actor_id)
        if event.kind == EventKind.TAKEN_BACK:
            standing = [said for said in standing if said[:2] != place]
        elif event.kind == EventKind.RESUBMITTED and not event.data.get("direct"):
            standing.clear()
        elif event.stage_id not in secret:
            standing += [(*place, text) for text in event.conditions]
    return list(dict.fromkeys(text for _stage, _actor, text in standing))
