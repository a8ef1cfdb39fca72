"""The acts on a document that every kind shares: open, change, void."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone, translation

from documents import errors
from documents.choices import EDITABLE_STATUSES, WfStatus
from documents.engine_door import engine_writes
from documents.kinds import RoutedDocumentKind, routed_kind
from documents.models import Document
from documents.numbering import next_number
from documents.services.guard import ensure_version
from lending_crm.common.accounts import AccountNumberField
from lending_crm.common.changes import field_values, new_text, record_changes
from lending_crm.common.errors import not_found
from lending_crm.common.models import ChangeRecord
from lending_crm.common.text import clean_text
from workflows.act import lock_case
from workflows.errors import not_handler, reason_too_short
from workflows.services.submission import void_case

if TYPE_CHECKING:
    from staff.models import Department, Employee

SUBJECT_LENGTH = 100
VOID_REASON_LENGTH = 5
VOID_REASON_LIMIT = 500


def default_subject(kind: RoutedDocumentKind, party: str, *, now: datetime) -> str:
    """``{客户名}-{单据名}-{yyyyMMdd}``; a long name gives way, kind and day stay."""
    with translation.override("zh-hans"):
        tail = f"-{kind.title}-{timezone.localtime(now):%Y%m%d}"
    return party[: SUBJECT_LENGTH - len(tail)] + tail


@transaction.atomic
def open_document(
    *,
    kind: RoutedDocumentKind,
    actor: Employee,
    now: datetime,
    party: str,
    subject: str = "",
    prefix: str = "",
    place: Department | None = None,
    **fields: Any,
) -> Any:
    """Create a draft of ``kind`` handled by ``actor``, in his department or in ``place``.

    ``party`` is the customer's name for the default subject; ``fields`` are the kind's own.
    ``prefix`` begins the number where it is not the kind's usual one.
    The kind's service has checked its rules before. Raises DOC-01 when the actor belongs
    to no branch or department and no ``place`` is given.
    """
    department = place or actor.department
    branch = place.branch if place else actor.branch
    if branch is None or department is None:
        raise errors.has_no_place()
    return kind.model._default_manager.create(
        kind=kind.code,
        doc_no=next_number(prefix or kind.prefix, branch, day=timezone.localdate(now)),
        subject=subject or default_subject(kind, party, now=now),
        handler=actor,
        creator=actor,
        branch=branch,
        department=department,
        created_at=now,
        updated_at=now,
        **fields,
    )


def write_changes(
    *,
    document: Document,
    values: Mapping[str, Any],
    actor: Employee,
    now: datetime,
    ip: str | None = None,
    rows_changed: bool = False,
) -> list[ChangeRecord]:
    """Set ``values`` on a locked, editable document and keep what differs in 修改记录.

    The version rises when a field differs or, with ``rows_changed``, when the caller has
    written rows that belong to the document. Saves nothing when nothing differs.
    """
    with translation.override("zh-hans"):
        before = field_values(document, values)
        renumbered = [
            name
            for name, value in values.items()
            if isinstance(document._meta.get_field(name), AccountNumberField)
            and value != getattr(document, name)
        ]
        for name, value in values.items():
            setattr(document, name, value)
        after = field_values(document, values)
        after |= {name: new_text(before[name], after[name]) for name in renumbered}
    if before == after and not rows_changed:
        return []
    document.version += 1
    document.updated_at = now
    document.save()
    return record_changes(
        instance=document, before=before, after=after, actor=actor, now=now, ip=ip
    )


@transaction.atomic
def void_document(
    *,
    document_id: int,
    actor: Employee,
    now: datetime,
    reason: str,
    seen_version: int | None = None,
    ip: str | None = None,
) -> Document:
    """作废 (domain.md §2.1): take a document out of use; its number and history stay.

    The handler voids a draft, a returned or a withdrawn document. An approved one takes two
    people, see ``voiding`` (DOC-03, 403). Raises WF-05 in every other status, DOC-02 when
    something follows from it, WF-07 without a reason, WF-12 on a stale version.
    """
    document = lock_with_case(document_id)
    kind = routed_kind(document.kind)
    if document.wf_status == WfStatus.APPROVED:
        raise errors.may_not_void()
    if document.handler_id != actor.pk:
        raise not_handler()
    if document.wf_status not in EDITABLE_STATUSES:
        raise errors.wrong_status(document.wf_status)
    ensure_version(document, seen_version)
    reason = void_reason(reason)
    if followers := kind.followers(document):
        raise errors.has_followers(followers)
    if document.case_id is not None:
        void_case(case_id=document.case_id, actor=actor, now=now, reason=reason)
    make_void(document=document, reason=reason, actor=actor, now=now, ip=ip)
    return document


def void_reason(text: str) -> str:
    """What was typed, cleaned; raises WF-07 or DOC-04."""
    reason = clean_text(text)
    if len(reason) < VOID_REASON_LENGTH:
        raise reason_too_short(VOID_REASON_LENGTH)
    if len(reason) > VOID_REASON_LIMIT:
        raise errors.too_long("reason", VOID_REASON_LIMIT)
    return reason


def make_void(
    *, document: Document, reason: str, actor: Employee, now: datetime, ip: str | None
) -> None:
    """Write the status and the reason of a locked document and keep both in 修改记录."""
    names = ("wf_status", "void_reason")
    with translation.override("zh-hans"):
        before = field_values(document, names)
        with engine_writes():
            Document.objects.filter(pk=document.pk).update(void_reason=reason)
        document.void_reason = reason
        routed_kind(document.kind).set_status(document, WfStatus.VOID, case=None, now=now)
        after = field_values(document, names)
    record_changes(instance=document, before=before, after=after, actor=actor, now=now, ip=ip)


def lock_with_case(document_id: int) -> Any:
    """The document of any kind under its lock, after that of its case (the engine's order)."""
    found = Document.objects.filter(pk=document_id).values_list("kind", "case").first()
    if found is None:
        raise not_found()
    kind, case_id = found
    if case_id is not None:
        lock_case(pk=case_id)
    return routed_kind(kind).lock(document_id)
