"""The case page: who, how much, which risk, how long, why me, what changed; then the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import get_language

from staff.models import Employee
from workflows.bpmn.model import Definition, StageSettings
from workflows.bpmn.walk import lies_ahead
from workflows.choices import EventKind, ItemKind, ItemState, StageOutcome
from workflows.choosing import Choice, next_choices
from workflows.definitions import definition_of
from workflows.field_rights import hidden_from, withhold, without
from workflows.kinds import DocumentField, DocumentKind, TermField, kind_for
from workflows.models import (
    Case,
    CaseReading,
    HistoryEvent,
    OpinionPhrase,
    Snapshot,
    Stage,
    WorkItem,
)
from workflows.screens.actions import Offer, Offers, interventions_for, offers_for
from workflows.screens.history import HistoryRow, case_events, history_rows, secret_stages
from workflows.screens.reasons import why_me, why_not_me
from workflows.screens.since import SinceLastSeen, new_opinions, since_last_seen
from workflows.screens.tables import aligned_tables
from workflows.veil import is_veiled, veil, veil_events
from workflows.wholeness import sees_whole


@dataclass(frozen=True)
class Request:
    """Material that somebody asked for and that has not come yet."""

    who: str
    at: datetime
    text: str


@dataclass(frozen=True)
class CasePage:
    case: Case
    kind: DocumentKind
    offers: Offers
    why_me: str
    why_not_me: str
    open_stages: Sequence[Stage]
    waiting: Sequence[WorkItem]
    later: Sequence[WorkItem]
    snapshot: dict[str, Any]
    files: Sequence[dict[str, Any]]
    url: str
    since: SinceLastSeen
    changed: set[str]
    history: Sequence[HistoryRow]
    requests: Sequence[Request]
    phrases: Sequence[str]
    targets: Sequence[Stage] = ()
    next_choices: Sequence[Choice] = ()
    terms: Sequence[TermField] = ()
    conditions: Sequence[str] = field(default_factory=tuple)
    interventions: Sequence[Offer] = ()
    jump_targets: Sequence[tuple[str, str]] = ()
    suspension: HistoryRow | None = None
    is_content_hidden: bool = False
    editable: Sequence[tuple[DocumentField, Any]] = ()
    #: labels of what the reader's step does not show him
    hidden: Sequence[Any] = ()
    may_export: bool = False
    #: his step asks for what he has not given yet
    needs_signature: bool = False
    attach_url: str = ""

    @property
    def item(self) -> WorkItem | None:
        return self.offers.item

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
    offers = offers_for(case, items, definition, events, reader, is_veiled=not may_open)
    reading = CaseReading.objects.filter(case=case, reader=reader).first()
    snapshots = _snapshots(case, reading)
    content = _in_language(snapshots.get(case.snapshot_number, {}))
    seen = None
    if reading is not None and reading.snapshot_number != case.snapshot_number:
        seen = _in_language(snapshots.get(reading.snapshot_number, {}))
    since = since_last_seen(case, reading, seen, content)
    settings = offers.settings
    kind = kind_for(case.document_kind)
    if not may_open:
        veil(case)
        veil_events(events, reader)
        content, since = {}, SinceLastSeen(events=since.events, supplements=since.supplements)
    names = settings.term_fields if settings else ()
    hidden = hidden_from(reader, case, items, definition)
    withhold(events, hidden)
    since = replace(since, changes=[c for c in since.changes if c.name not in hidden])
    shown = without(content, hidden)
    history = history_rows(events, items, definition, reader_id=reader.pk)
    since = replace(since, opinions=new_opinions(history, reading, reader.name))
    open_stages = _open_stages(case, items)
    interventions = interventions_for(case, reader)
    return CasePage(
        case=case,
        kind=kind,
        offers=offers,
        why_me=why_me(offers.item, definition) if offers.item else "",
        why_not_me="" if offers.item else why_not_me(case, items, reader),
        open_stages=open_stages,
        waiting=[i for i in items if i.state == ItemState.OPEN],
        later=sorted((i for i in items if i.state == ItemState.WAITING), key=lambda i: i.seat),
        snapshot=aligned_tables(shown),
        files=_files(kind, case, content, may_open=may_open),
        url=kind.url(case.document_id) if may_open and not hidden else "",
        since=since,
        changed={change.name for change in since.changes},
        may_export=may_open and not hidden and sees_whole(case, reader),
        history=history,
        requests=_requests(events),
        phrases=phrases_for(reader) if settings else (),
        targets=_targets(items, definition, offers.item),
        next_choices=_next_choices(case, definition, offers),
        terms=[term for term in kind.term_fields if term.name in names],
        needs_signature=bool(
            settings and settings.signature_required and not reader.signature_sha256
        ),
        attach_url=kind.supplement_url(case.document_id)
        if settings and settings.attachment_required
        else "",
        editable=_editable(kind, settings, shown),
        hidden=[field.label for field in kind.fields if field.name in hidden],
        conditions=_conditions(events, secret_stages(items, definition, reader_id=reader.pk)),
        interventions=interventions,
        jump_targets=_jump_targets(definition, open_stages) if interventions else (),
        suspension=_suspension(case, history),
        is_content_hidden=not may_open,
    )


def _next_choices(case: Case, definition: Definition, offers: Offers) -> list[Choice]:
    item = offers.item
    if item is None or item.kind != ItemKind.DECISION or item.state != ItemState.OPEN:
        return []
    return next_choices(case, item.stage.node_id, definition, get_language() or "zh-hans")


def case_items(case: Case) -> list[WorkItem]:
    """All items of the case with their stages and people, oldest first; one statement."""
    items = list(
        WorkItem.objects.filter(case=case)
        .select_related("stage", "assignee", "decided_by", "pool_role", "on_behalf_of")
        .order_by("id")
    )
    stages: dict[int, Stage] = {}
    for item in items:
        item.case = case
        item.stage = stages.setdefault(item.stage_id, item.stage)
    return items


def phrases_for(reader: Employee) -> list[str]:
    """His own frequent phrases first, then everybody's."""
    rows = OpinionPhrase.objects.filter(owner=reader) | OpinionPhrase.objects.filter(owner=None)
    ordered = sorted(rows, key=lambda row: (row.owner_id is None, row.position, row.pk))
    return list(dict.fromkeys(row.text for row in ordered))


def _open_stages(case: Case, items: Sequence[WorkItem]) -> list[Stage]:
    """Open stages of the route; one without items is blocked and asked for separately."""
    found = {item.stage_id: item.stage for item in items if item.stage.is_open}
    tokens = [token for token, flow in case.tokens if not flow]
    if len([s for s in found.values() if s.node_id]) < len(tokens):
        blocked = Stage.objects.filter(process=case, is_blocked=True)
        found.update({stage.pk: stage for stage in blocked})
    return list(found.values())


def _snapshots(case: Case, reading: CaseReading | None) -> dict[int, dict[str, Any]]:
    numbers = {case.snapshot_number, reading.snapshot_number if reading else 0}
    rows = Snapshot.objects.filter(case=case, number__in=numbers)
    return dict(rows.values_list("number", "content"))


def _in_language(content: dict[str, Any]) -> dict[str, Any]:
    """The snapshot's text in the reader's language; the record itself is Chinese."""
    is_english = (get_language() or "").startswith("en")
    return content.get("en", content) if is_english else content


def _editable(
    kind: DocumentKind, settings: StageSettings | None, content: dict[str, Any]
) -> list[tuple[DocumentField, Any]]:
    """What the reader's stage opens to correction, each with its present value."""
    if settings is None or not settings.editable_fields:
        return []
    values = {field["name"]: field["value"] for field in content.get("fields", [])}
    return [
        (field, values.get(field.name) or "")
        for field in kind.fields
        if field.input and field.name in settings.editable_fields
    ]


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


def _targets(
    items: Sequence[WorkItem], definition: Definition, own: WorkItem | None
) -> list[Stage]:
    """Where the reader may return the case to, newest first, as ``return_targets`` has it."""
    if own is None or not own.stage.node_id:
        return []
    newest: dict[str, Stage] = {}
    for item in reversed(items):
        stage = item.stage
        if stage.outcome == StageOutcome.APPROVED and stage.node_id in definition.elements:
            newest.setdefault(stage.node_id, stage)
    newest.pop(own.stage.node_id, None)
    return [
        stage
        for node_id, stage in newest.items()
        if not lies_ahead(definition, node_id, of=own.stage.node_id)
    ]


def _jump_targets(definition: Definition, open_stages: Sequence[Stage]) -> list[tuple[str, str]]:
    """Where an administrator may put the case: any stage but the only one where it stands."""
    standing = [stage.node_id for stage in open_stages]
    language = get_language() or ""
    return [(s.id, s.title(language)) for s in definition.stages() if [s.id] != standing]


def _suspension(case: Case, history: Sequence[HistoryRow]) -> HistoryRow | None:
    """Who suspended the case, when and why, while it is suspended."""
    if case.suspended_at is None:
        return None
    return next((row for row in reversed(history) if row.kind == EventKind.SUSPENDED), None)


def _requests(events: Sequence[HistoryEvent]) -> list[Request]:
    """What was asked for since the last supplement, which answers all that was open."""
    found: list[Request] = []
    for event in events:
        if event.kind == EventKind.SUPPLEMENTED:
            found.clear()
        elif event.kind == EventKind.MATERIAL_REQUESTED:
            found.append(Request(event.actor_name, event.at, event.opinion))
    return found


def _conditions(events: Sequence[HistoryEvent], secret: set[int]) -> list[str]:
    """What stands: neither taken back nor part of a vote that is still secret."""
    standing: list[tuple[int | None, int | None, str]] = []
    for event in events:
        place = (event.stage_id, event.actor_id)
        if event.kind == EventKind.TAKEN_BACK:
            standing = [said for said in standing if said[:2] != place]
        elif event.stage_id not in secret:
            standing += [(*place, text) for text in event.conditions]
    return list(dict.fromkeys(text for _stage, _actor, text in standing))
