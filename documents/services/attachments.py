"""Attach, replace and remove files of a document that may still be edited (M9)."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import translation

from documents import errors
from documents.categories import categories_of, label_of
from documents.engine_door import engine_writes
from documents.files.names import clean_file_name
from documents.kinds import routed_kind
from documents.models import Attachment, Document, StoredFile
from documents.rules import attaching_refusal
from documents.services.files import store_upload
from lending_crm.common.errors import DomainError, not_found, refuse_all
from lending_crm.common.models import ChangeRecord
from lending_crm.common.text import clean_line
from workflows.errors import not_handler

if TYPE_CHECKING:
    from staff.models import Employee

TITLE_LENGTH = 100


def add_attachment(
    *,
    document_id: int,
    actor: Employee,
    now: datetime,
    title: str,
    category: str,
    upload: UploadedFile,
    ip: str | None = None,
) -> Attachment:
    """Attach a new file to a document of the actor's own.

    Raises ATT-01 under approval, WF-05 after it, WF-29 for anybody but the handler,
    ATT-02 for a file that is not taken, FIL-01 when it cannot be kept.
    """
    # Asked before the bytes are kept, so that nobody fills the disk of a closed document.
    seen = _document(document_id)
    ensure_attachable(seen, actor)
    title = check_labels(seen.kind, title=title, category=category)
    file = store_upload(upload=upload, actor=actor, now=now)
    with transaction.atomic():
        document = _lock(document_id)
        ensure_attachable(document, actor)
        attachment = Attachment.objects.create(
            document_id=document.pk,
            category=category,
            title=title,
            file=file,
            file_name=clean_file_name(upload.name or ""),
            uploaded_by=actor,
            uploaded_at=now,
        )
        _note(document, "", _described(attachment), actor=actor, now=now, ip=ip)
    return attachment


def replace_attachment(
    *,
    attachment_id: int,
    actor: Employee,
    now: datetime,
    upload: UploadedFile,
    title: str = "",
    ip: str | None = None,
) -> Attachment:
    """Put a new version in the place of a file; the old one stays as a version.

    Raises ATT-05 when the attachment was replaced or removed meanwhile, and what
    ``add_attachment`` raises.
    """
    seen = _own_attachment(attachment_id)
    ensure_attachable(_document(seen.document_id), actor)
    title = _checked_title(title or seen.title)
    file = store_upload(upload=upload, actor=actor, now=now)
    with transaction.atomic():
        document = _lock(seen.document_id)
        ensure_attachable(document, actor)
        old = _current(attachment_id)
        old.superseded_at = now
        old.save(update_fields=["superseded_at"])
        attachment = Attachment.objects.create(
            document_id=document.pk,
            series=old.series,
            version=old.version + 1,
            category=old.category,
            title=title,
            file=file,
            file_name=clean_file_name(upload.name or ""),
            uploaded_by=actor,
            uploaded_at=now,
        )
        _note(document, _described(old), _described(attachment), actor=actor, now=now, ip=ip)
    return attachment


@transaction.atomic
def remove_attachment(
    *, attachment_id: int, actor: Employee, now: datetime, ip: str | None = None
) -> Attachment:
    """Take a file off a document; its row, its bytes and its earlier versions stay on record."""
    seen = _own_attachment(attachment_id)
    document = _lock(seen.document_id)
    ensure_attachable(document, actor)
    attachment = _current(attachment_id)
    attachment.removed_at = now
    attachment.removed_by = actor
    attachment.save(update_fields=["removed_at", "removed_by"])
    _note(document, _described(attachment), "", actor=actor, now=now, ip=ip)
    return attachment


def attach_to_decided(
    *,
    document: Any,
    actor: Employee,
    now: datetime,
    title: str,
    category: str,
    file: StoredFile,
    file_name: str,
    ip: str | None = None,
) -> Attachment:
    """Add what proves an act after the approval (a bank receipt); it stays as it is.

    The service of that act has checked who and when, and holds the lock on the document; the
    bytes were kept before (``store_upload``). Raises ATT-03 and what a title may not be.
    """
    title = check_labels(document.kind, title=title, category=category)
    with engine_writes():
        attachment = Attachment.objects.create(
            document_id=document.pk,
            category=category,
            title=title,
            file=file,
            file_name=clean_file_name(file_name),
            uploaded_by=actor,
            uploaded_at=now,
        )
    _note(document, "", _described(attachment), actor=actor, now=now, ip=ip)
    return attachment


def ensure_attachable(document: Any, actor: Employee) -> None:
    """ATT-01 under approval, WF-05 after it; only the handler adds and removes files."""
    if document.handler_id != actor.pk:
        raise not_handler()
    if refusal := attaching_refusal(document):
        raise refusal


def check_labels(kind: str, *, title: str, category: str) -> str:
    """The cleaned title; refuses all that is wrong with title and category at once."""
    reasons: list[DomainError] = []
    if category not in {offered.code for offered in categories_of(kind)}:
        reasons.append(errors.unknown_category())
    try:
        title = _checked_title(title)
    except DomainError as refusal:
        reasons.append(refusal)
    refuse_all(reasons)
    return title


def _checked_title(title: str) -> str:
    title = clean_line(title)
    if not title:
        raise errors.missing_title()
    if len(title) > TITLE_LENGTH:
        raise errors.too_long("title", TITLE_LENGTH)
    return title


def _document(document_id: int) -> Document:
    found = Document.objects.filter(pk=document_id).first()
    if found is None:
        raise not_found()
    return found


def _lock(document_id: int) -> Any:
    return routed_kind(_document(document_id).kind).lock(document_id)


def _own_attachment(attachment_id: int) -> Attachment:
    """The attachment; SUP-03 for one that came with a supplement, which never changes."""
    found = Attachment.objects.filter(pk=attachment_id).first()
    if found is None:
        raise not_found()
    if found.supplement_id is not None:
        raise errors.supplement_closed()
    return found


def _current(attachment_id: int) -> Attachment:
    attachment = Attachment.objects.select_related("file").get(pk=attachment_id)
    if not attachment.is_current:
        raise errors.not_current()
    return attachment


def _described(attachment: Attachment) -> str:
    with translation.override("zh-hans"):
        category = str(label_of(attachment.category))
    return f"{category} / {attachment.title} / {attachment.file_name} (V{attachment.version})"


def _note(
    document: Any, old: str, new: str, *, actor: Employee, now: datetime, ip: str | None
) -> None:
    with translation.override("zh-hans"):
        label = str(Attachment._meta.verbose_name)
    ChangeRecord.objects.create(
        model=document._meta.label_lower,
        object_id=document.pk,
        field="attachments",
        field_label=label,
        old=old,
        new=new,
        actor=actor,
        at=now,
        ip=ip,
    )
