"""What the pages of a desk read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils import translation
from django.utils.functional import Promise

from documents.choices import WfStatus
from documents.desk.declaration import Desk
from documents.kinds import RoutedDocumentKind, Section, routed_kind
from documents.permissions import may_ask_to_void
from documents.selectors import (
    attachment_panel,
    changes_of,
    open_void_request,
    prints_of,
    supplement_panel,
)
from documents.values import displayed
from lending_crm.common.errors import DomainError
from workflows.choices import EventKind
from workflows.models import Stage
from workflows.preview import PreviewStep, check_route, draft_case, preview_submission
from workflows.screens.case import CasePage, aligned_tables, load_case_page
from workflows.screens.history import HistoryRow
from workflows.services.submission import published_version

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
    """``url`` is the page of the record behind a foreign key, where the reader may open it."""

    name: str
    label: Any
    text: str
    is_long: bool = False
    url: str = ""


@dataclass(frozen=True)
class ReadSection:
    section: Section
    fields: Sequence[ReadField]
    tables: Sequence[dict[str, Any]]


def read_sections(document: Any, *, linked: Iterable[str] = ()) -> list[ReadSection]:
    """The document by its kind's sections, in the reader's language; one query a list.

    ``linked`` are foreign keys whose record the reader may open.
    """
    kind = routed_kind(document.kind)
    links = set(linked)
    found = {table["name"]: table for table in kind.snapshot_tables(document)}
    tables = {
        table["name"]: table for table in aligned_tables({"tables": list(found.values())})["tables"]
    }
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
    return ReadField(name, column.verbose_name, text, is_long=is_long, url=url)


@dataclass(frozen=True)
class SubmissionPreview:
    """Nothing is changed by it; ``steps`` are empty when no route fits (WF-10)."""

    reasons: Sequence[DomainError]
    warnings: Sequence[str | Promise]
    steps: Sequence[PreviewStep]

    @property
    def can_submit(self) -> bool:
        return not self.reasons


def submission_preview(document: Any, *, actor: Employee, now: datetime) -> SubmissionPreview:
    """What a submission at this moment would be refused for, and the chain with people."""
    kind = routed_kind(document.kind)
    reasons = list(kind.check_submission(document, actor=actor, now=now))
    steps: Sequence[PreviewStep] = ()
    try:
        case = draft_case(kind, document, published_version(kind.code).pk, now)
        reasons += check_route(kind, document, case)
        steps = preview_submission(
            kind, document, case, language=translation.get_language() or "zh-hans", now=now
        )
    except DomainError as error:
        reasons += error.reasons
    return SubmissionPreview(reasons, kind.warnings(document, now=now), steps)


def page_context(desk: Desk, document: Any, user: Employee) -> dict[str, Any]:
    """Everything that the page of a document shows besides its kind's own parts."""
    is_handler = document.handler_id == user.pk
    context: dict[str, Any] = {
        "document": document,
        "sections": read_sections(document, linked=_linked(desk, document, user)),
        "figures": desk.figures(document),
        "alerts": desk.alerts(document),
        "actions": desk.actions(document, user),
        "extras": desk.extras(document, user),
        "is_handler": is_handler,
        "may_edit": is_handler and document.is_editable,
        "may_void": desk.may_void(document, user),
        "may_ask_to_void": document.wf_status == WfStatus.APPROVED and may_ask_to_void(user),
        "void_request": open_void_request(document),
        "attachment_panel": attachment_panel(document, user),
        "supplement_panel": supplement_panel(document, user),
        "print_forms": print_forms(desk.kind, document),
        "prints": prints_of(document),
        "changes": list(changes_of(document, limit=50)),
    }
    if document.case is not None:
        page = load_case_page(document.case, user)
        context |= {
            "page": page,
            "case": document.case,
            "return_to": "",
            "returned": last_return(document, page),
        }
    return context


def print_forms(kind: RoutedDocumentKind, document: Any) -> list[tuple[str, Any]]:
    """Code and title of what can be printed of the document as it is now."""
    return [
        (code, title) for code, title in kind.print_forms.items() if kind.may_print(document, code)
    ]


def last_return(document: Document, page: CasePage) -> HistoryRow | None:
    """Why the document is with its handler again, while it is."""
    if document.wf_status != WfStatus.RETURNED:
        return None
    rows = (row for row in reversed(page.history) if row.kind == EventKind.RETURNED)
    return next(rows, None)


def _linked(desk: Desk, document: Any, user: Employee) -> list[str]:
    """The foreign keys of the document whose record the reader may open."""
    return [name for name in desk.links if _may_open(getattr(document, name, None), user)]


def _may_open(record: Any, user: Employee) -> bool:
    if record is None:
        return False
    visible: Any = type(record)._default_manager
    return bool(visible.visible_to(user).filter(pk=record.pk).exists())
