"""补充附件 (M10): add material to a running case; the case does not move."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone, translation

from documents import errors
from documents.choices import WfStatus
from documents.files.names import clean_file_name
from documents.kinds import RoutedDocumentKind, routed_kind
from documents.models import Attachment, Document, Supplement, SupplementRead
from documents.numbering import next_number
from documents.services.attachments import check_labels
from documents.services.files import store_upload
from lending_crm.common.errors import DomainError, not_found, refuse_all
from lending_crm.common.text import clean_line, clean_text
from workflows.act import lock_case
from workflows.services.supplements import record_supplement

if TYPE_CHECKING:
    from staff.models import Employee

PREFIX = "BC"
SUBJECT_LENGTH = 100
NOTE_LENGTH = 2_000


def default_subject(document: Any, *, now: datetime) -> str:
    """``{客户名}-补充附件-{yyyyMMdd}``, as every document's subject is proposed."""
    party = routed_kind(document.kind).party(document)
    with translation.override("zh-hans"):
        tail = f"-{Supplement._meta.verbose_name}-{timezone.localtime(now):%Y%m%d}"
    return (party or document.doc_no)[: SUBJECT_LENGTH - len(tail)] + tail


@transaction.atomic
def create_supplement(
    *, document_id: int, actor: Employee, now: datetime, subject: str, note: str = ""
) -> Supplement:
    """Open a draft for a document under approval; files are added to it before it is submitted.

    Raises SUP-01 when the document is not under approval, SUP-04 for anybody but its
    handler (or whom its kind allows), SUP-05 without a subject.
    """
    document = _document(document_id)
    ensure_open(routed_kind(document.kind), document, actor)
    subject, note = _checked_text(subject, note)
    return Supplement.objects.create(
        doc_no=next_number(PREFIX, document.branch, day=timezone.localdate(now)),
        document=document,
        subject=subject,
        note=note,
        creator=actor,
        created_at=now,
    )


@transaction.atomic
def update_supplement(
    *, supplement_id: int, actor: Employee, subject: str, note: str
) -> Supplement:
    """Change the words of a draft; SUP-03 once it is submitted."""
    supplement = _lock_draft(supplement_id, actor)
    supplement.subject, supplement.note = _checked_text(subject, note)
    supplement.save(update_fields=["subject", "note"])
    return supplement


def add_supplement_file(
    *,
    supplement_id: int,
    actor: Employee,
    now: datetime,
    title: str,
    category: str,
    upload: UploadedFile,
) -> Attachment:
    """Add a file to a draft. Raises SUP-03 once it is submitted, ATT-02 for a bad file."""
    seen = _draft(Supplement.objects.select_related("document"), supplement_id, actor)
    title = check_labels(seen.document.kind, title=title, category=category)
    file = store_upload(upload=upload, actor=actor, now=now)
    with transaction.atomic():
        supplement = _lock_draft(supplement_id, actor)
        return Attachment.objects.create(
            document_id=supplement.document_id,
            supplement=supplement,
            category=category,
            title=title,
            file=file,
            file_name=clean_file_name(upload.name or ""),
            uploaded_by=actor,
            uploaded_at=now,
        )


@transaction.atomic
def remove_supplement_file(*, attachment_id: int, actor: Employee, now: datetime) -> Attachment:
    """Take a file off a draft; SUP-03 once it is submitted."""
    seen = Attachment.objects.filter(pk=attachment_id).first()
    if seen is None or seen.supplement_id is None:
        raise not_found()
    _lock_draft(seen.supplement_id, actor)
    attachment = Attachment.objects.get(pk=attachment_id)
    if not attachment.is_current:
        raise errors.not_current()
    attachment.removed_at = now
    attachment.removed_by = actor
    attachment.save(update_fields=["removed_at", "removed_by"])
    return attachment


@transaction.atomic
def submit_supplement(*, supplement_id: int, actor: Employee, now: datetime) -> Supplement:
    """Hand the material in: read-only from here on, and the approvers of the case are told.

    Node, tasks and due times stay as they are. Raises SUP-01 when the case ended or went
    back meanwhile, SUP-02 without a file, SUP-03 when it was submitted before.
    """
    document = _document_of(supplement_id)
    case_id = document.case_id
    if case_id is None:
        raise errors.not_under_approval(document.doc_no)
    # The engine's order: the case first, so that a decision in this second is seen.
    lock_case(pk=case_id)
    supplement = _lock_draft(supplement_id, actor)
    document = _document(document.pk)
    ensure_open(routed_kind(document.kind), document, actor)
    files = list(
        Attachment.objects.current()
        .filter(supplement=supplement)
        .select_related("file")
        .order_by("id")
    )
    if not files:
        raise errors.no_files()
    supplement.submitted_at = now
    supplement.save(update_fields=["submitted_at"])
    record_supplement(
        case_id=case_id,
        actor=actor,
        now=now,
        supplement_no=supplement.doc_no,
        note=supplement.note,
        files=[_as_record(attachment) for attachment in files],
    )
    return supplement


@transaction.atomic
def discard_supplement(*, supplement_id: int, actor: Employee, now: datetime) -> Supplement:
    """Give up a draft; its number is not used again. SUP-03 once it is submitted."""
    supplement = _lock_draft(supplement_id, actor)
    supplement.discarded_at = now
    supplement.save(update_fields=["discarded_at"])
    return supplement


@transaction.atomic
def mark_read(*, supplement: Supplement, actor: Employee, now: datetime) -> None:
    """Somebody opened a submitted supplement: his badge counts it no longer."""
    if supplement.submitted_at is not None and supplement.creator_id != actor.pk:
        SupplementRead.objects.bulk_create(
            [SupplementRead(supplement=supplement, reader=actor, read_at=now)],
            ignore_conflicts=True,
        )


def _as_record(attachment: Attachment) -> dict[str, Any]:
    return {
        "id": attachment.pk,
        "category": attachment.category,
        "title": attachment.title,
        "file_name": attachment.file_name,
        "sha256": attachment.file.sha256,
        "size": attachment.file.size,
    }


def _document(document_id: int) -> Document:
    found = Document.objects.select_related("branch").filter(pk=document_id).first()
    if found is None:
        raise not_found()
    return found


def _document_of(supplement_id: int) -> Document:
    found = Document.objects.filter(supplements=supplement_id).first()
    if found is None:
        raise not_found()
    return found


def ensure_open(kind: RoutedDocumentKind, document: Document, actor: Employee) -> None:
    if not kind.may_supplement(document, actor):
        raise errors.may_not_supplement()
    if document.wf_status != WfStatus.IN_APPROVAL:
        raise errors.not_under_approval(document.doc_no)


def _lock_draft(supplement_id: int, actor: Employee) -> Supplement:
    return _draft(Supplement.objects.select_for_update(), supplement_id, actor)


def _draft(queryset: Any, supplement_id: int, actor: Employee) -> Supplement:
    supplement = queryset.filter(pk=supplement_id).first()
    if supplement is None:
        raise not_found()
    if supplement.creator_id != actor.pk:
        raise errors.may_not_supplement()
    if not supplement.is_draft:
        raise errors.supplement_closed()
    return supplement


def _checked_text(subject: str, note: str) -> tuple[str, str]:
    subject, note = clean_line(subject), clean_text(note)
    reasons: list[DomainError] = []
    if not subject:
        reasons.append(errors.missing_subject())
    if len(subject) > SUBJECT_LENGTH:
        reasons.append(errors.too_long("subject", SUBJECT_LENGTH))
    if len(note) > NOTE_LENGTH:
        reasons.append(errors.too_long("note", NOTE_LENGTH))
    refuse_all(reasons)
    return subject, note
