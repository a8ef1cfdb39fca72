"""The buttons of a case with everything that their dialogs show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from django.utils.translation import get_language

from staff.models import Employee
from workflows.bpmn.model import Definition, StageSettings
from workflows.bpmn.walk import lies_ahead
from workflows.choices import ALIVE, ItemKind, ItemState, StageOutcome
from workflows.choosing import Choice, next_choices
from workflows.definitions import definition_of
from workflows.kinds import DocumentField, DocumentKind, TermField, kind_for
from workflows.models import Case, OpinionPhrase, Snapshot, Stage, WorkItem
from workflows.screens.actions import Offer, Offers, interventions_for, offers_for
from workflows.screens.history import case_events
from workflows.screens.items import shown_items
from workflows.screens.phrases import phrases_for


@dataclass(frozen=True, kw_only=True)
class CaseActs:
    """What the reader may do on the case now."""

    case: Case
    kind: DocumentKind
    offers: Offers
    open_stages: Sequence[Stage]
    phrases: Sequence[OpinionPhrase]
    targets: Sequence[Stage] = ()
    next_choices: Sequence[Choice] = ()
    terms: Sequence[TermField] = ()
    editable: Sequence[tuple[DocumentField, Any]] = ()
    interventions: Sequence[Offer] = ()
    jump_targets: Sequence[tuple[str, str]] = ()

    @property
    def item(self) -> WorkItem | None:
        return self.offers.item

    @property
    def phrase_acts(self) -> set[str]:
        """The acts at which there is a phrase to offer."""
        return {phrase.act for phrase in self.phrases}


def load_acts(case: Case, reader: Employee) -> CaseActs:
    """For the page of the document itself, which the reader sees as a whole.

    Items only while the case is alive; phrases, the snapshot and the history only for acts
    that need them.
    """
    definition = definition_of(case.flow_version_id)
    items = shown_items(case) if case.state in ALIVE else []
    offers = offers_for(case, items, definition, cache(partial(case_events, case)), reader)
    return acts_with(
        case, reader, items, definition, offers, lambda: in_language(_content_of(case))
    )


def acts_with(
    case: Case,
    reader: Employee,
    items: Sequence[WorkItem],
    definition: Definition,
    offers: Offers,
    content: Callable[[], dict[str, Any]],
) -> CaseActs:
    """The acts with their dialogs; ``content`` gives the snapshot where one corrects it."""
    kind, settings = kind_for(case.document_kind), offers.settings
    names = settings.term_fields if settings else ()
    open_stages = _open_stages(case, items)
    interventions = interventions_for(case, reader)
    return CaseActs(
        case=case,
        kind=kind,
        offers=offers,
        open_stages=open_stages,
        phrases=phrases_for(reader) if settings else (),
        targets=_targets(items, definition, offers.item),
        next_choices=_next_choices(case, definition, offers),
        terms=[term for term in kind.term_fields if term.name in names],
        editable=_editable(kind, settings, content),
        interventions=interventions,
        jump_targets=_jump_targets(definition, open_stages) if interventions else (),
    )


def in_language(content: dict[str, Any]) -> dict[str, Any]:
    """The snapshot's text in the reader's language; the record itself is Chinese."""
    is_english = (get_language() or "").startswith("en")
    return content.get("en", content) if is_english else content


def _content_of(case: Case) -> dict[str, Any]:
    rows = Snapshot.objects.filter(case=case, number=case.snapshot_number)
    return rows.values_list("content", flat=True).first() or {}


def _next_choices(case: Case, definition: Definition, offers: Offers) -> list[Choice]:
    item = offers.item
    if item is None or item.kind != ItemKind.DECISION or item.state != ItemState.OPEN:
        return []
    return next_choices(case, item.stage.node_id, definition, get_language() or "zh-hans")


def _open_stages(case: Case, items: Sequence[WorkItem]) -> list[Stage]:
    """Open stages of the route; one without items is blocked and asked for separately."""
    found = {item.stage_id: item.stage for item in items if item.stage.is_open}
    tokens = [token for token, flow in case.tokens if not flow]
    if len([s for s in found.values() if s.node_id]) < len(tokens):
        blocked = Stage.objects.filter(process=case, is_blocked=True)
        found.update({stage.pk: stage for stage in blocked})
    return list(found.values())


def _editable(
    kind: DocumentKind, settings: StageSettings | None, content: Callable[[], dict[str, Any]]
) -> list[tuple[DocumentField, Any]]:
    """What the reader's stage opens to correction, each with its present value."""
    if settings is None or not settings.editable_fields:
        return []
    values = {field["name"]: field["value"] for field in content().get("fields", [])}
    return [
        (field, values.get(field.name) or "")
        for field in kind.fields
        if field.input and field.name in settings.editable_fields
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
