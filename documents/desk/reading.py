"""What the pages of a desk read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.utils import translation
from django.utils.functional import Promise

from documents.choices import WfStatus
from documents.desk.declaration import Desk
from documents.kinds import RoutedDocumentKind, Section, routed_kind
from documents.permissions import may_ask_to_void
from documents.selectors import AttachmentPanel, attachment_panel, open_void_request
from documents.values import displayed
from lending_crm.common.design.grades import field_grade
from lending_crm.common.design.status import Mark
from lending_crm.common.errors import DomainError, not_found
from workflows.field_rights import hidden_fields_of
from workflows.models import Stage
from workflows.preview import PreviewStep, against, preview_submission
from workflows.resubmission import Resubmission
from workflows.screens.acts import load_acts
from workflows.screens.history import HistoryRow, last_return
from workflows.screens.items import shown_items
from workflows.screens.tables import aligned_tables
from workflows.services.submission import draft_submission

if TYPE_CHECKING:
    from documents.models import Document
    from staff.models import Employee

#: a text from this length on gets a row of its own
_LONG = 60


def open_stages(documents: Iterable[Document]) -> dict[int, Stage]:
    """By case: the stage of the route that waits now; one query for a page of rows."""
    cases = [row.case_id for row in documents if row.wf_status == WfStatus.IN_APPROVAL]
    waiting = Stage.objects.filter(process__in=cases, outcome="", finished=None)
    return {stage.process_id: stage for stage in waiting.exclude(node_id="").order_by("-id")}


@dataclass(frozen=True)
class ReadField:
    """``url`` is the page of the record behind a foreign key, where the reader may open it;
    ``grade`` the badge of a column that grades."""

    name: str
    label: Any
    text: str
    is_long: bool = False
    url: str = ""
    grade: Mark | None = None


@dataclass(frozen=True)
class ReadSection:
    section: Section
    fields: Sequence[ReadField]
    tables: Sequence[dict[str, Any]]


def read_sections(document: Any, *, linked: Iterable[str] = ()) -> list[ReadSection]:
    """The document by its kind's sections, in the reader's language; one query a list that
    ``page_document`` has not read.

    ``linked`` are foreign keys whose record the reader may open.
    """
    kind = routed_kind(document.kind)
    links = set(linked)
    found = {table["name"]: table for table in kind.snapshot_tables(document)}
    drawn = aligned_tables({"tables": list(found.values())}, columns=kind.table_columns)
    tables = {table["name"]: table for table in drawn["tables"]}
    return [
        ReadSection(
            section,
            [_read_field(document, name, is_linked=name in links) for name in section.fields],
            [tables[name] for name in section.tables if name in tables],
        )
        for section in kind.sections
    ]


def _read_field(document: Any, name: str, *, is_linked: bool) -> ReadField:
    column = document._meta.get_field(name)
    text = displayed(document, name)
    record = getattr(document, name) if is_linked else None
    url = record.get_absolute_url() if record is not None else ""
    is_long = "\n" in text or len(text) > _LONG
    grade = field_grade(document, name)
    return ReadField(name, column.verbose_name, text, is_long=is_long, url=url, grade=grade)


@dataclass(frozen=True)
class SubmissionPreview:
    """Nothing is changed by it; ``steps`` are empty when no route fits (WF-10).

    Of a document that was returned to come straight back, ``straight_to`` is the step that
    takes it up again; where the chain starts over instead, ``changed`` names why: the material
    fields and lists that differ from what was judged.
    """

    reasons: Sequence[DomainError]
    warnings: Sequence[str | Promise]
    steps: Sequence[PreviewStep]
    straight_to: str = ""
    changed: Sequence[str] = ()

    @property
    def can_submit(self) -> bool:
        return not self.reasons


def submission_preview(document: Any, *, actor: Employee, now: datetime) -> SubmissionPreview:
    """What a submission at this moment would be refused for, and the chain with people."""
    kind = routed_kind(document.kind)
    reasons = list(kind.check_submission(document, actor=actor, now=now))
    steps: Sequence[PreviewStep] = ()
    way = Resubmission()
    try:
        case, way = draft_submission(kind, document, now=now)
        language = translation.get_language() or "zh-hans"
        steps = preview_submission(kind, document, case, language=language, now=now)
        reasons += against(kind, document, case, steps)
    except DomainError as error:
        reasons += error.reasons
    straight_to = next((step.title for step in steps if step.node_id == way.at), "")
    changed = [each.label for each in way.changed]
    return SubmissionPreview(reasons, kind.warnings(document, now=now), steps, straight_to, changed)


def page_document(desk: Desk, pk: int, user: Employee) -> Any:
    """The document for ``page_context``: with its case and rows, and with which of the desk's
    ``links`` the reader may open; one statement, and one a list. Raises ``not_found()``."""
    rows = desk.kind.visible_to(user).select_related("case__handler")
    rows = rows.prefetch_related(*(table.prefetch for table in desk.kind.row_tables))
    document = rows.annotate(**may_open(desk.kind.model, desk.links, user)).filter(pk=pk).first()
    if document is None:
        raise not_found()
    return document


def may_open(model: Any, links: Iterable[str], user: Employee) -> dict[str, Exists]:
    """By foreign key, as ``may_open_<name>``: whether the user may open the record behind it."""
    return {
        f"may_open_{name}": Exists(
            model._meta.get_field(name)
            .related_model._default_manager.visible_to(user)
            .filter(pk=OuterRef(name))
        )
        for name in links
    }


def hides_from(document: Any, user: Employee) -> bool:
    """Whether a step of the document's case hides a part of it from the reader."""
    case = document.case
    return case is not None and bool(hidden_fields_of(case, user, items=shown_items))


def page_context(desk: Desk, document: Any, user: Employee) -> dict[str, Any]:
    """What the page of a document shows at once besides its kind's own parts.

    ``document`` comes from ``page_document``. The page loads what stands below: supplements,
    and the record of approval, prints and changes.
    """
    is_handler = document.handler_id == user.pk
    links = [name for name in desk.links if getattr(document, f"may_open_{name}")]
    context: dict[str, Any] = {
        "document": document,
        "sections": read_sections(document, linked=links),
        "figures": desk.figures(document),
        "alerts": desk.alerts(document),
        "actions": desk.actions(document, user),
        "extras": desk.extras(document, user),
        "is_handler": is_handler,
        "may_edit": is_handler and document.is_editable,
        "may_void": desk.may_void(document, user),
        "may_ask_to_void": document.wf_status == WfStatus.APPROVED and may_ask_to_void(user),
        "void_request": open_void_request(document),
        "attachment_panel": attachments_in_work(document, user),
        "print_forms": print_forms(desk.kind, document),
    }
    return context | case_context(document, user)


def attachments_in_work(document: Any, user: Employee) -> AttachmentPanel | None:
    """The attachments while the reader may still change them; else the page loads them later."""
    is_his = document.is_editable and document.handler_id == user.pk
    return attachment_panel(document, user) if is_his else None


def case_context(document: Any, user: Employee) -> dict[str, Any]:
    """What the page shows of the document's case: the acts, and why it is with its handler."""
    case = document.case
    if case is None:
        return {}
    return {
        "page": load_acts(case, user),
        "case": case,
        "return_to": "",
        "returned": _returned(document),
    }


def print_forms(kind: RoutedDocumentKind, document: Any) -> list[tuple[str, Any]]:
    """Code and title of what can be printed of the document as it is now."""
    return [
        (code, title) for code, title in kind.print_forms.items() if kind.may_print(document, code)
    ]


def _returned(document: Any) -> HistoryRow | None:
    """Why the document is with its handler again, while it is."""
    return last_return(document.case) if document.wf_status == WfStatus.RETURNED else None
