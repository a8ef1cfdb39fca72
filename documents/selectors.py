"""Reads of attachments, supplements and the change log, each for one part of a screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import (
    BooleanField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)
from django.db.models.expressions import Combinable

from documents import errors
from documents.categories import AttachmentCategory, label_of
from documents.choices import WfStatus
from documents.files.inspection import LIMITS, UploadLimits
from documents.kinds import routed_kind
from documents.models import (
    Attachment,
    AuditExport,
    Document,
    DownloadLog,
    PrintRecord,
    Supplement,
    SupplementRead,
    VoidRequest,
)
from lending_crm.common.errors import not_found
from lending_crm.common.models import ChangeRecord
from workflows.demands import cases_asking
from workflows.field_rights import hidden_fields_of
from workflows.models import Case, MaterialRequest

if TYPE_CHECKING:
    from uuid import UUID

    from staff.models import Employee


@dataclass
class AttachmentRow:
    """The current version of an attachment with the versions it replaced, newest first."""

    current: Attachment
    earlier: list[Attachment] = field(default_factory=list)


@dataclass
class CategoryGroup:
    category: AttachmentCategory
    is_required: bool
    rows: list[AttachmentRow] = field(default_factory=list)

    @property
    def is_missing(self) -> bool:
        return self.is_required and not self.rows


@dataclass(frozen=True)
class AttachmentPanel:
    """What the panel of a document's own attachments shows."""

    document: Document
    groups: Sequence[CategoryGroup]
    may_edit: bool
    is_under_approval: bool
    limits: UploadLimits = LIMITS

    @property
    def count(self) -> int:
        return sum(len(group.rows) for group in self.groups)

    @property
    def missing(self) -> list[CategoryGroup]:
        return [group for group in self.groups if group.is_missing]

    @property
    def is_empty(self) -> bool:
        """Whether there is no line to show, neither a file nor a category that wants one."""
        return not (self.may_edit or self.count or any(g.is_required for g in self.groups))


@dataclass(frozen=True)
class SupplementPanel:
    """What the panel of a document's supplements shows; ``requests`` wait for an answer."""

    document: Document
    supplements: Sequence[Supplement]
    requests: Sequence[MaterialRequest]
    may_create: bool

    @property
    def unread(self) -> int:
        return sum(1 for row in self.supplements if getattr(row, "is_unread", False))


def visible_document(document_id: int, user: Employee) -> Any:
    """The document of any kind, as an instance of its kind with its case; 404 when the user may
    not see it."""
    kind = Document.objects.visible_to(user).filter(pk=document_id).values_list("kind", flat=True)
    found = kind.first()
    if found is None:
        raise not_found()
    return routed_kind(found).queryset().select_related("case").get(pk=document_id)


def attachment_panel(document: Any, user: Employee) -> AttachmentPanel:
    """The document's own attachments by category, those of a required category marked.

    One query. ``document`` is an instance of its kind that the user may see.
    """
    kind = routed_kind(document.kind)
    required = kind.required_categories(document)
    groups = {
        category.code: CategoryGroup(category, category.code in required)
        for category in kind.attachment_categories(document)
    }
    for code in required:
        groups.setdefault(code, CategoryGroup(AttachmentCategory(code, label_of(code)), True))
    for row in _attachment_rows(document):
        code = row.current.category
        group = groups.setdefault(
            code, CategoryGroup(AttachmentCategory(code, label_of(code)), False)
        )
        group.rows.append(row)
    return AttachmentPanel(
        document=document,
        groups=list(groups.values()),
        may_edit=document.is_editable and document.handler_id == user.pk,
        is_under_approval=document.wf_status == WfStatus.IN_APPROVAL,
    )


def _attachment_rows(document: Document) -> list[AttachmentRow]:
    found = (
        Attachment.objects.filter(document=document.pk, supplement=None)
        .select_related("file", "uploaded_by")
        .order_by("-version", "id")
    )
    series: dict[UUID, AttachmentRow | None] = {}
    for attachment in found:
        if attachment.series not in series:
            # The newest version speaks for its series: removed, the whole series is gone.
            is_shown = attachment.is_current
            series[attachment.series] = AttachmentRow(attachment) if is_shown else None
        elif row := series[attachment.series]:
            row.earlier.append(attachment)
    rows = [row for row in series.values() if row is not None]
    return sorted(rows, key=lambda row: row.current.pk if not row.earlier else row.earlier[-1].pk)


def supplement_panel(document: Any, user: Employee) -> SupplementPanel:
    """The document's supplements with their files, and what approvers have asked for."""
    requests: list[MaterialRequest] = []
    if document.case_id is not None:
        requests = list(
            MaterialRequest.objects.filter(case=document.case_id, answered_at=None)
            .select_related("requested_by", "stage")
            .order_by("id")
        )
    is_open = document.wf_status == WfStatus.IN_APPROVAL
    return SupplementPanel(
        document=document,
        supplements=list(
            with_files(with_unread(Supplement.objects.readable_by(user), user))
            .filter(document=document.pk)
            .select_related("creator")
            .order_by("id")
        ),
        requests=requests,
        may_create=is_open and routed_kind(document.kind).may_supplement(document, user),
    )


def with_files(supplements: QuerySet[Supplement]) -> QuerySet[Supplement]:
    """Add ``files``: the current attachments of each supplement."""
    files = Attachment.objects.current().select_related("file", "uploaded_by").order_by("id")
    return supplements.prefetch_related(Prefetch("attachments", files, to_attr="files"))


def with_unread(supplements: QuerySet[Supplement], user: Employee) -> QuerySet[Supplement]:
    """Add ``is_unread``: submitted by somebody else and not opened by the user yet."""
    return supplements.annotate(is_unread=_unread(user))


def _unread(user: Employee) -> Combinable:
    opened = SupplementRead.objects.filter(supplement=OuterRef("pk"), reader=user)
    return ExpressionWrapper(
        Q(submitted_at__isnull=False) & ~Q(creator=user) & ~Exists(opened),
        output_field=BooleanField(),
    )


def supplementable_documents(user: Employee) -> QuerySet[Document]:
    """What a new supplement may be for: the user's own documents under approval, and those of
    which a step asks him for an attachment."""
    his = Q(handler=user) | Q(case__in=cases_asking(user))
    return Document.objects.filter(his, wf_status=WfStatus.IN_APPROVAL).order_by(
        "-created_at", "-id"
    )


def readable_attachment(document_id: int, attachment_id: int, user: Employee) -> Attachment:
    """One attachment of a document that the user may see; 404 otherwise (N26)."""
    found = (
        Attachment.objects.readable_by(user)
        .filter(pk=attachment_id, document=document_id)
        .select_related("file", "uploaded_by", "supplement")
        .first()
    )
    if found is None:
        raise not_found()
    return found


def readable_supplement(supplement_id: int, user: Employee) -> Supplement:
    """One supplement with its files and its document; 404 when the user may not see it."""
    found = (
        with_files(Supplement.objects.readable_by(user))
        .filter(pk=supplement_id)
        .select_related("document", "document__branch", "creator")
        .first()
    )
    if found is None:
        raise not_found()
    return found


def supplements_for(user: Employee, *, words: str = "", state: str = "") -> QuerySet[Supplement]:
    """The list of supplements that the user may see, narrowed by number, subject and state."""
    found = with_unread(Supplement.objects.readable_by(user), user).select_related(
        "document", "creator"
    )
    for word in words.split():
        found = found.filter(
            Q(subject__icontains=word)
            | Q(doc_no__icontains=word)
            | Q(document__doc_no__icontains=word)
            | Q(document__subject__icontains=word)
        )
    if state == "draft":
        return found.filter(submitted_at=None)
    return found.filter(submitted_at__isnull=False) if state == "submitted" else found


def visible_case(case_id: int, user: Employee) -> Case:
    """A case of a document; 404 when the user may not see it."""
    found = Case.objects.visible_to(user).filter(pk=case_id).first()
    if found is None:
        raise not_found()
    return found


def exports_of(case: Case, limit: int = 50) -> list[AuditExport]:
    """Who took the case out of the system; the latest first."""
    return list(AuditExport.objects.filter(case=case).select_related("requested_by")[:limit])


def versions_of(attachment: Attachment) -> QuerySet[Attachment]:
    return (
        Attachment.objects.filter(series=attachment.series)
        .select_related("file", "uploaded_by")
        .order_by("-version")
    )


def downloads_of(attachment: Attachment, limit: int = 50) -> QuerySet[DownloadLog]:
    """Who took the attachment out, in any of its versions; the latest first."""
    return (
        DownloadLog.objects.filter(attachment__series=attachment.series)
        .select_related("actor", "attachment")
        .order_by("-id")[:limit]
    )


def changes_of(record: Any, limit: int = 200) -> QuerySet[ChangeRecord]:
    """修改记录 of a document or another record, the latest first."""
    labels = {record._meta.label_lower}
    if isinstance(record, Document):
        labels.add(Document._meta.label_lower)
    return (
        ChangeRecord.objects.filter(model__in=labels, object_id=record.pk)
        .select_related("actor")
        .order_by("-id")[:limit]
    )


@dataclass(frozen=True)
class PrintRow:
    """One print for the list: which form, and whether its paper was kept."""

    record: PrintRecord
    title: str


def prints_of(document: Any, limit: int = 200) -> list[PrintRow]:
    """Who printed which form of a document when, the latest first."""
    titles = routed_kind(document.kind).print_forms
    rows = PrintRecord.objects.filter(document=document.pk).select_related("printed_by")[:limit]
    return [PrintRow(row, str(titles.get(row.form, row.form))) for row in rows]


def readable_print(document_id: int, print_id: int, user: Employee) -> PrintRecord:
    """One print of a document that the user sees; raises ``not_found()``.

    Whom his step hides something from reads his own prints only: others' show it.
    """
    document = visible_document(document_id, user)
    record = (
        PrintRecord.objects.select_related("printed_by", "file", "document")
        .filter(document=document.pk, pk=print_id)
        .first()
    )
    if record is None:
        raise not_found()
    is_own = record.printed_by_id == user.pk
    if not is_own and document.case is not None and hidden_fields_of(document.case, user):
        raise not_found()
    return record


def approved_document(doc_no: str) -> int:
    """The id of the approved document with that number; raises DOC-10."""
    found = Document.objects.filter(doc_no=doc_no.strip().upper(), wf_status=WfStatus.APPROVED)
    pk = found.values_list("pk", flat=True).first()
    if pk is None:
        raise errors.unknown_number()
    return pk


def void_requests(user: Employee) -> QuerySet[VoidRequest]:
    """The requests that the user may see, with what a row shows."""
    return VoidRequest.objects.visible_to(user).select_related(
        "document", "requested_by", "closed_by"
    )


def readable_void_request(request_id: int, user: Employee) -> VoidRequest:
    found = void_requests(user).filter(pk=request_id).first()
    if found is None:
        raise not_found()
    return found


def open_void_request(document: Any) -> VoidRequest | None:
    """The request that waits for its confirmation; only an approved document has one."""
    if document.wf_status != WfStatus.APPROVED:
        return None
    return document.void_requests.open().select_related("requested_by").first()
