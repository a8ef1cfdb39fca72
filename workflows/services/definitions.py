"""Drafts and versions of a route: edit, check, publish."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.text import clean_line
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows import errors
from workflows.bpmn.checks import check
from workflows.bpmn.findings import BpmnRefused, Finding
from workflows.bpmn.model import Definition
from workflows.bpmn.xml import write
from workflows.choices import VersionState
from workflows.definitions import parse, read_file
from workflows.kinds import kind_for
from workflows.models import FlowDefinition, FlowVersion
from workflows.resolvable import resolves_for
from workflows.service_tasks import is_closing, is_offered

NOTE_LIMIT = 200


class NotPublishable(DomainError):
    """A draft has errors; each finding names its element."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(
            "FLOW-01",
            _("The draft has %(n)s errors and cannot be published."),
            status=422,
            params={"n": len(findings)},
        )
        self.findings = findings

    @property
    def message(self) -> str:
        return " ".join([super().message, *(finding.message for finding in self.findings)])


class NotImportable(DomainError):
    """A file cannot become a route; each finding names its element."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(
            "FLOW-05",
            _("The file cannot be imported: %(n)s parts of it are not supported."),
            status=422,
            params={"n": len(findings)},
        )
        self.findings = findings

    @property
    def message(self) -> str:
        """The sentence, with the finding where there is one: several are listed as reasons."""
        only = [finding.message for finding in self.findings] if len(self.findings) == 1 else []
        return " ".join([super().message, *only])

    @property
    def reasons(self) -> Sequence[DomainError]:
        return [
            DomainError(self.code, finding.message, status=self.status, field=finding.element_id)
            for finding in self.findings
        ]


def draft_exists() -> DomainError:
    return DomainError(
        "FLOW-06",
        _("This flow has a draft already; say that the file may replace it, or discard it."),
    )


class NotReadable(DomainError):
    """A route that could not be opened again is not kept; each finding names its element."""

    def __init__(self, refused: BpmnRefused) -> None:
        super().__init__(
            "FLOW-04", _("The draft cannot be kept like this: %(reasons)s"), status=422
        )
        self.findings = list(refused.findings)
        # Put together here: the sentences are shown in the language of whoever sent the route.
        self.params = {"reasons": " ".join(finding.message for finding in self.findings)}


def _administrators_only(actor: Employee) -> None:
    if not roles_of(actor).has(RoleCode.ADM):
        raise errors.administrators_only()


def findings_of(definition: Definition, document_kind: str) -> list[Finding]:
    """What the publish checks say about a route of that document kind."""
    kind = kind_for(document_kind)
    return check(
        definition,
        facts=kind.condition_facts,
        resolves=resolves_for(kind),
        term_fields=[field.name for field in kind.term_fields],
        fields=[field.name for field in kind.fields if field.can_hide],
        editable=[field.name for field in kind.fields if field.input],
        handlers=lambda name: is_offered(name, kind),
        closing=is_closing,
    )


def read_route(bpmn: str | bytes, document_kind: str) -> Definition:
    """The route in a file or a drawing.

    Raises ``NotReadable`` with every element that is not supported, and for files that are too
    large, too deep or no BPMN at all.
    """
    try:
        return parse(bpmn, document_kind)
    except BpmnRefused as refused:
        raise NotReadable(refused) from refused


@transaction.atomic
def start_draft(
    *, definition_id: int, actor: Employee, now: datetime, source_id: int | None = None
) -> FlowVersion:
    """A draft that begins as a copy of the newest version; the draft there is when there is one.

    ``source_id`` names another version to copy, of this flow or of another one. Then a draft that
    is there already is in the way: FLOW-08. Raises ``NotReadable`` when the other flow's route
    means nothing to documents of this kind.
    """
    _administrators_only(actor)
    definition = _lock(definition_id)
    versions = list(definition.versions.order_by("-number"))
    draft = next((v for v in versions if v.state == VersionState.DRAFT), None)
    if draft is not None and source_id is not None:
        raise DomainError(
            "FLOW-08",
            _("This flow has a draft already; publish it or throw it away first."),
        )
    if draft is not None:
        return draft
    if source_id is not None:
        source = _source(source_id, definition)
    else:
        source = next((v for v in versions if v.state == VersionState.PUBLISHED), versions[0])
    return FlowVersion.objects.create(
        definition=definition,
        number=versions[0].number + 1,
        bpmn=source.bpmn,
        sha256=source.sha256,
        created_at=now,
        created_by=actor,
    )


def _source(version_id: int, target: FlowDefinition) -> FlowVersion:
    source = FlowVersion.objects.filter(pk=version_id).first()
    if source is None:
        raise not_found()
    if source.definition_id != target.pk:
        read_route(source.bpmn, target.document_kind)
    return source


@transaction.atomic
def save_drawing(
    *, version_id: int, actor: Employee, now: datetime, bpmn: str | bytes, seen_revision: int
) -> FlowVersion:
    """Keep a draft as it was drawn, places and bends included.

    Raises what ``save_draft`` raises, and ``NotReadable`` for what is no route.
    """
    _administrators_only(actor)
    draft = _lock_draft(version_id)
    return save_draft(
        version_id=version_id,
        actor=actor,
        now=now,
        definition=read_route(bpmn, draft.definition.document_kind),
        seen_revision=seen_revision,
    )


@transaction.atomic
def save_draft(
    *,
    version_id: int,
    actor: Employee,
    now: datetime,
    definition: Definition,
    seen_revision: int,
) -> FlowVersion:
    """Keep an edited draft, with or without findings; WF-12 when another tab saved before.

    Raises FLOW-04 for a route that could not be read again.
    """
    _administrators_only(actor)
    draft = _lock_draft(version_id)
    if draft.revision != seen_revision:
        raise errors.stale()
    draft.bpmn = write(definition)
    read_route(draft.bpmn, draft.definition.document_kind)
    draft.sha256 = digest(draft.bpmn)
    draft.revision += 1
    draft.save()
    return draft


@transaction.atomic
def import_route(
    *,
    definition_id: int,
    actor: Employee,
    now: datetime,
    data: str | bytes,
    replaces_revision: int | None = None,
) -> FlowVersion:
    """Make a BPMN file the draft of a flow, with or without findings.

    ``replaces_revision`` names the state of the draft that the file may replace. Raises
    ``NotImportable`` with every finding, FLOW-06 when there is a draft that was not named,
    WF-12 when it was changed meanwhile.
    """
    _administrators_only(actor)
    found = FlowDefinition.objects.filter(pk=definition_id).first()
    if found is None:
        raise not_found()
    # A large file takes a second to read; nobody should wait for the lock that long.
    reading = read_file(data, found.document_kind)
    if reading.definition is None:
        raise NotImportable([finding for finding in reading.findings if finding.is_error])
    flow = _lock(definition_id)
    draft = flow.versions.filter(state=VersionState.DRAFT).first()
    if draft is None:
        newest = flow.versions.order_by("-number").first()
        number = newest.number + 1 if newest is not None else 1
        draft = FlowVersion(definition=flow, number=number, revision=0)
    elif replaces_revision is None:
        raise draft_exists()
    elif draft.revision != replaces_revision:
        raise errors.stale()
    draft.bpmn = write(reading.definition)
    draft.sha256 = digest(draft.bpmn)
    draft.revision += 1
    draft.created_at, draft.created_by = now, actor
    draft.save()
    return draft


@transaction.atomic
def discard_draft(*, version_id: int, actor: Employee, now: datetime) -> None:
    """Throw a draft away; its number is not used again by a published version before it."""
    _administrators_only(actor)
    _lock_draft(version_id).delete()


@transaction.atomic
def publish_version(
    *, version_id: int, actor: Employee, now: datetime, note: str, seen_revision: int
) -> FlowVersion:
    """Publish a draft without errors and retire its predecessor.

    New cases take it from this moment on; running cases stay on theirs. Raises
    ``NotPublishable`` with every finding.
    """
    _administrators_only(actor)
    draft = _lock_draft(version_id)
    if draft.revision != seen_revision:
        raise errors.stale()
    note = clean_line(note)
    if len(note) > NOTE_LIMIT:
        raise errors.too_long("note", NOTE_LIMIT)
    try:
        definition = parse(draft.bpmn, draft.definition.document_kind)
    except BpmnRefused as refused:
        raise NotPublishable(list(refused.findings)) from refused
    found = [f for f in findings_of(definition, draft.definition.document_kind) if f.is_error]
    if found:
        raise NotPublishable(found)
    return _publish(draft, actor, now, note)


def _publish(draft: FlowVersion, actor: Employee | None, now: datetime, note: str) -> FlowVersion:
    draft.definition.versions.filter(state=VersionState.PUBLISHED).update(
        state=VersionState.RETIRED
    )
    draft.state = VersionState.PUBLISHED
    draft.published_at = now
    draft.published_by = actor
    draft.note = note
    draft.save()
    return draft


@transaction.atomic
def ship_definition(
    *,
    code: str,
    document_kind: str,
    title: str,
    title_en: str,
    definition: Definition,
    now: datetime,
) -> FlowVersion | None:
    """Publish a route that an app brings along, once; None when the kind has one already.

    The publish checks are not asked: on an empty database no role has a holder yet.
    """
    if FlowDefinition.objects.filter(document_kind=document_kind).exists():
        return None
    row = FlowDefinition.objects.create(
        code=code, document_kind=document_kind, title=title, title_en=title_en
    )
    bpmn = write(definition)
    version = FlowVersion.objects.create(
        definition=row, number=1, bpmn=bpmn, sha256=digest(bpmn), created_at=now
    )
    return _publish(version, None, now, "")


def digest(bpmn: str) -> str:
    return hashlib.sha256(bpmn.encode()).hexdigest()


def _lock(definition_id: int) -> FlowDefinition:
    found = FlowDefinition.objects.select_for_update().filter(pk=definition_id).first()
    if found is None:
        raise not_found()
    return found


def _lock_draft(version_id: int) -> FlowVersion:
    version = FlowVersion.objects.select_related("definition").filter(pk=version_id).first()
    if version is None:
        raise not_found()
    _lock(version.definition_id)
    version.refresh_from_db(fields=["state", "revision", "bpmn"])
    if version.state != VersionState.DRAFT:
        raise DomainError(
            "FLOW-02",
            _("This version is published and cannot be changed; start a new draft."),
        )
    return version
