"""The half of the engine's contract that is the same for every kind of document."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation
from django.utils.translation import pgettext_lazy

from documents import errors
from documents.categories import AttachmentCategory, categories_of, label_of
from documents.engine_door import engine_writes
from documents.lists import KindLists
from documents.models import Attachment, Document
from documents.rows import Rows, RowTable
from documents.rules import editing_refusal
from documents.snapshots import attachment_snapshot, snapshot_field
from lending_crm.common.changes import new_text, record_changes
from lending_crm.common.errors import DomainError, not_found, refuse_all
from lending_crm.common.text import clean_text, is_empty
from workflows.demands import is_asked_to_attach
from workflows.errors import bad_value, not_handler
from workflows.kinds import CaseSummary, DocumentKind, FieldChange, Label, kind_for

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Department, Employee
    from workflows.models import Case

#: what every snapshot has, the remark at its end
_SHARED_FIELDS = ("doc_no", "subject", "handler", "department", "branch", "created_at", "remark")


@dataclass(frozen=True)
class Section:
    """A part of the document, as its form, its page and its print-out show it.

    ``fields`` are columns in their order, typed and computed ones; ``tables`` are names of the
    kind's row tables. Sections with a ``tab`` share one panel of the form, a tab each.
    """

    code: str
    title: Label
    fields: Sequence[str] = ()
    tables: Sequence[str] = ()
    tab: Label = ""


@dataclass(frozen=True)
class Start:
    """What a new document begins with.

    ``party`` is the customer's name for the default subject, ``fields`` are columns fixed by
    the origin and values suggested to the handler, ``rows`` the lists laid down for him.
    ``place`` is the department that the document belongs to where it is not the handler's.
    """

    party: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    rows: Rows = field(default_factory=dict)
    place: Department | None = None


class RoutedDocumentKind(KindLists, DocumentKind):
    """What a kind of document built on ``Document`` shares; its app adds its own facts.

    A kind sets ``model``, ``prefix``, ``url_name``, ``editable_fields``, ``sections`` and
    ``required_fields``, and answers ``begin``, ``party``, ``amount``, ``collect_facts``,
    ``check_rules`` and ``conclude``.
    """

    model: type[Document]
    #: prefix of the document number, for example YW
    prefix: str
    #: the page of one document, reversed with its id
    url_name: str = ""
    #: columns that the handler fills in; everything else is computed or set by the approval
    editable_fields: Sequence[str] = ("subject", "remark")
    #: names of the model fields that must be filled to submit (level P of domain.md §0)
    required_fields: Sequence[str] = ()
    #: the parts of the document in the order of form, page and print-out
    sections: Sequence[Section] = ()
    #: forms that can be printed: code and title
    print_forms: Mapping[str, Any] = {}
    #: their templates where the usual one does not do
    print_templates: Mapping[str, str] = {}
    #: who the handler is, above his words on paper
    handler_title: Any = pgettext_lazy("approval form", "Account manager")
    #: amounts that papers also spell in capital numerals
    capital_fields: frozenset[str] = frozenset()
    #: whether its figures are computed anew at the submission: a draft may be of an earlier day
    reckons_at_submission: bool = False
    #: relations that a page of the document needs, for ``select_related``
    select_related: Sequence[str] = ()

    def get(self, document_id: int) -> Any:
        return self._load(self.queryset(), document_id)

    def lock(self, document_id: int) -> Any:
        # The parent's row carries the status, so it is the one that everybody waits for.
        of = ("self",) if self.model is Document else ("self", "document_ptr")
        return self._load(self.queryset().select_for_update(of=of, no_key=True), document_id)

    def queryset(self) -> QuerySet:
        return self.model._default_manager.filter(kind=self.code).select_related(
            "handler", "department", "branch", *self.select_related
        )

    def visible_to(self, user: Employee) -> QuerySet:
        return cast("Any", self.queryset()).visible_to(user)

    def by_number(self, doc_no: str) -> Any | None:
        return self.queryset().filter(doc_no=doc_no).first()

    def url(self, document_id: int) -> str:
        return reverse(self.url_name, args=[document_id]) if self.url_name else ""

    def attachment_url(self, document_id: int, attachment_id: int) -> str:
        return reverse("documents:attachment", args=[document_id, attachment_id])

    # the draft

    def number_prefix(self, fields: Mapping[str, Any]) -> str:
        """The prefix of a new document's number, by the values that it begins with."""
        return self.prefix

    def lock_origin(self, origin: Any) -> Any:
        """What a new document is about, read again under the locks that its rules need."""
        return origin

    def begin(self, origin: Any, *, actor: Employee, now: datetime) -> Start:
        """Refuse whom or what must not begin one; call it with the origin locked."""
        raise NotImplementedError

    def check_opening(self, fields: Mapping[str, Any]) -> list[DomainError]:
        """What is wrong with the values that the row of a new document is stored with."""
        return []

    def check_draft(
        self, document: Any, values: Mapping[str, Any], rows: Mapping[str, list[Any]]
    ) -> list[DomainError]:
        """What is wrong with typed values beyond their columns' types; nothing is set yet."""
        return []

    def check_days(
        self, document: Any, values: Mapping[str, Any], *, now: datetime
    ) -> list[DomainError]:
        """What the day of saving forbids of the typed values."""
        return []

    def compute(self, document: Any, *, now: datetime) -> None:
        """Put the computed columns right, by the values and rows as they will be stored."""

    def lay_down(self, document: Any, *, now: datetime) -> None:
        """Write what follows from the draft as it is stored now, in the same transaction."""

    def table(self, name: str) -> RowTable:
        return next(table for table in self.row_tables if table.name == name)

    # what the engine copies

    def party(self, document: Any) -> str:
        """The customer's name, as inbox rows show it."""
        return ""

    def amount(self, document: Any) -> Decimal | None:
        """What the inbox shows as the amount, in yuan."""
        return None

    def customers_of(self, document_ids: Collection[int]) -> dict[int, int]:
        """By document the customer that it is about; what is about none is missing."""
        if not self.is_about_customers:
            return {}
        rows: Any = self.model._default_manager.filter(pk__in=document_ids)
        return dict(rows.values_list("pk", "customer"))

    @property
    def is_about_customers(self) -> bool:
        """Whether each document of the kind names the customer that it is about."""
        return any(field.name == "customer" for field in self.model._meta.fields)

    def search_text(self, document: Any) -> str:
        """Further words by which the case is found (pinyin of the customer, for example)."""
        return ""

    def risk_flags(self, document: Any) -> Sequence[str]:
        return ()

    def summary(self, document: Any) -> CaseSummary:
        return CaseSummary(
            doc_no=document.doc_no,
            subject=document.subject,
            party=self.party(document),
            amount=self.amount(document),
            branch_id=document.branch_id,
            department_id=document.department_id,
            handler_id=document.handler_id,
            creator_id=document.creator_id,
            version=document.version,
            search=self.search_text(document),
            risk_flags=self.risk_flags(document),
            case_id=document.case_id,
        )

    # the snapshot

    def snapshot_fields(self, document: Any) -> list[dict[str, Any]]:
        """The kind's own fields, each built by ``snapshot_field``."""
        names = [name for section in self.sections for name in section.fields]
        return [snapshot_field(document, name) for name in names if name not in _SHARED_FIELDS]

    def snapshot_tables(self, document: Any) -> list[dict[str, Any]]:
        """The kind's own tables: ``{"name", "label", "columns", "rows"}``."""
        return [table.snapshot(document) for table in self.row_tables]

    def snapshot(self, document: Any) -> dict[str, Any]:
        # The record's language is Chinese, whoever happens to look at it first; the English
        # one goes along, so that labels and choices are read in either language later on.
        return {**self._snapshot(document, "zh-hans"), "en": self._snapshot(document, "en")}

    def _snapshot(self, document: Any, language: str) -> dict[str, Any]:
        with translation.override(language):
            fields = [snapshot_field(document, name) for name in _SHARED_FIELDS[:-1]]
            fields += self.snapshot_fields(document)
            fields.append(snapshot_field(document, _SHARED_FIELDS[-1]))
            return {
                "fields": fields,
                "tables": self.snapshot_tables(document),
                "attachments": attachment_snapshot(document),
            }

    # submission

    def attachment_categories(self, document: Any) -> tuple[AttachmentCategory, ...]:
        return categories_of(self.code)

    def required_categories(self, document: Any) -> Collection[str]:
        """Codes of the categories without which the document is not submitted (WF-09)."""
        return ()

    def missing_fields(self, document: Any) -> list[Any]:
        """Labels of the required fields that are empty; zero is a value, blank text is not."""
        return [
            self.model._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            for name in self.required_fields
            if is_empty(getattr(document, name))
        ] + [
            self.table(name).label
            for name in self.required_tables
            if not getattr(document, name).exists()
        ]

    def missing_categories(self, document: Any) -> list[Any]:
        required = self.required_categories(document)
        if not required:
            return []
        present = set(
            Attachment.objects.current()
            .filter(document=document.pk, supplement=None)
            .values_list("category", flat=True)
        )
        return [label_of(code) for code in required if code not in present]

    def check_rules(self, document: Any, *, actor: Employee, now: datetime) -> list[DomainError]:
        """The kind's own rules of submission."""
        return []

    def check_submission(
        self, document: Any, *, actor: Employee, now: datetime
    ) -> list[DomainError]:
        if document.handler_id != actor.pk:
            return [not_handler()]
        if refusal := editing_refusal(document):
            return [refusal]
        if self.reckons_at_submission:
            self.compute(document, now=now)
        reasons = []
        if fields := self.missing_fields(document):
            reasons.append(errors.required_fields(fields))
        if categories := self.missing_categories(document):
            reasons.append(errors.required_attachments(categories))
        return reasons + self.check_rules(document, actor=actor, now=now)

    def warnings(self, document: Any, *, now: datetime) -> list[Label]:
        """What the handler should know before he submits, though nothing forbids it."""
        return []

    # life after submission

    def set_status(self, document: Any, status: str, *, case: Case | None, now: datetime) -> None:
        """One statement; the row is locked, so the version in hand is the stored one."""
        values = {"wf_status": status, "version": document.version + 1, "updated_at": now}
        if case is not None:
            values["case"] = case
        for name, value in values.items():
            setattr(document, name, value)
        Document.objects.filter(pk=document.pk).update(**values)

    def terminate(self, document: Any, *, case: Case, reason: str, now: datetime) -> None:
        document.void_reason = reason[: Document._meta.get_field("void_reason").max_length]
        with engine_writes():
            Document.objects.filter(pk=document.pk).update(void_reason=document.void_reason)
        super().terminate(document, case=case, reason=reason, now=now)

    def change_fields(
        self, document: Any, values: Mapping[str, str], *, actor: Employee, now: datetime
    ) -> list[FieldChange]:
        """Write plain columns of the document; its version moves, its other dates do not.

        ``updated_at`` stays: terms are measured by the day of the submission.
        """
        cleaned = self._corrected(document, values)
        with translation.override("zh-hans"):
            before = {name: snapshot_field(document, name) for name in cleaned}
            for name, value in cleaned.items():
                setattr(document, name, value)
            after = {name: snapshot_field(document, name) for name in cleaned}
        changes = [
            FieldChange(
                name,
                now_["label"],
                before[name]["display"],
                new_text(before[name]["display"], now_["display"]),
            )
            for name, now_ in after.items()
            if now_["value"] != before[name]["value"]
        ]
        if changes:
            document.version += 1
            with engine_writes():
                document.save(update_fields=[*(change.name for change in changes), "version"])
            record_changes(
                instance=document,
                before={change.name: change.old for change in changes},
                after={change.name: change.new for change in changes},
                actor=actor,
                now=now,
            )
        return changes

    def _corrected(self, document: Any, values: Mapping[str, str]) -> dict[str, Any]:
        cleaned: dict[str, Any] = {}
        reasons: list[DomainError] = []
        for name, text in values.items():
            column: Any = self.model._meta.get_field(name)
            label = str(column.verbose_name)
            value = clean_text(text)
            if not value and (name in self.required_fields or not column.blank):
                reasons.append(errors.required_fields([label]))
                continue
            if column.max_length is not None and len(value) > column.max_length:
                reasons.append(errors.too_long(name, column.max_length))
                continue
            try:
                cleaned[name] = column.clean(value, document)
            except ValidationError as error:
                reasons += [bad_value(name, label, reason) for reason in error.messages]
        refuse_all(reasons)
        return cleaned

    def followers(self, document: Any) -> Sequence[object]:
        """Documents that follow from an approved one; while there are any it is not voided."""
        return [each for source in _followers.get(self.code, ()) for each in source(document)]

    def may_supplement(self, document: Any, user: Employee) -> bool:
        """Who adds material to a running case: the handler, whom an open step asks for an
        attachment, and whom the kind adds."""
        return document.handler_id == user.pk or is_asked_to_attach(document.case, user)

    def has_attached(self, document_id: int, person: Employee, *, since: datetime) -> bool:
        own = Attachment.objects.current().submitted().filter(uploaded_by=person)
        return own.filter(document=document_id, uploaded_at__gte=since).exists()

    def supplement_url(self, document_id: int) -> str:
        return f"{reverse('documents:supplement_new')}?document={document_id}"

    def may_print(self, document: Any, form: str) -> bool:
        """Whether one of ``print_forms`` makes sense for the document as it is now."""
        return True

    def paper_status(self, document: Any, form: str) -> str:
        """The status whose watermark lies across the form (§7)."""
        return str(document.wf_status)

    def print_context(self, document: Any, form: str, *, hidden: Collection[str]) -> dict[str, Any]:
        """What the form says, as plain values; what the reader's step hides is blank."""
        from documents.printing.forms import form_context

        return form_context(document, form, hidden=hidden)

    def _load(self, queryset: QuerySet, document_id: int) -> Any:
        try:
            return queryset.get(pk=document_id)
        except self.model.DoesNotExist:
            raise not_found() from None


_followers: dict[str, list[Callable[[Any], Sequence[object]]]] = {}


def register_followers(code: str, source: Callable[[Any], Sequence[object]]) -> None:
    """Name what may follow from documents of the kind ``code``; apps above it call this once.

    ``source`` answers the numbers of the documents that are alive.
    """
    _followers.setdefault(code, []).append(source)


def routed_kind(code: str) -> RoutedDocumentKind:
    """The registered kind of a document of ours."""
    return cast("RoutedDocumentKind", kind_for(code))
