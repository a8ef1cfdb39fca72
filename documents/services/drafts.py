"""Write a document of any kind while it is with its handler: begin, change, copy.

What a kind allows and computes stands in its ``RoutedDocumentKind``; this is the one place
that locks, checks, writes and logs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation

from documents.kinds import RoutedDocumentKind, Start
from documents.models import Document
from documents.rows import Rows, RowTable, build_rows, replace_rows, texts_of
from documents.services.documents import open_document, write_changes
from documents.services.guard import ensure_editable
from documents.values import as_stored, field_refusals
from lending_crm.common.changes import record_changes
from lending_crm.common.dictionary import refusal_of
from lending_crm.common.errors import DomainError, not_found, refuse_all

if TYPE_CHECKING:
    from staff.models import Employee


@transaction.atomic
def create_draft(
    *,
    kind: RoutedDocumentKind,
    origin: Any,
    actor: Employee,
    now: datetime,
    values: Mapping[str, Any] | None = None,
    rows: Rows | None = None,
    creation_key: uuid.UUID | None = None,
    ip: str | None = None,
    copied: Any | None = None,
) -> Any:
    """Begin a document of ``kind`` from ``origin``, what it is about (None where nothing is).

    ``copied`` is the document whose content it takes over, with words of the dictionary that are
    no longer offered. Raises what the kind's ``begin`` refuses and, for typed values, DOC-06,
    DIC-01 and the kind's own codes. The same ``creation_key`` again answers with the document
    that it made.
    """
    origin = kind.lock_origin(origin)
    if creation_key is not None:
        made = Document.objects.filter(creation_key=creation_key).first()
        if made is not None:
            if made.creator_id != actor.pk or made.kind != kind.code:
                raise not_found()
            return kind.get(made.pk)
    start = kind.begin(origin, actor=actor, now=now)
    first = _needed_at_once(kind, start, values or {})
    refuse_all(kind.check_opening({**start.fields, **first}))
    document = open_document(
        kind=kind,
        actor=actor,
        now=now,
        party=start.party,
        prefix=kind.number_prefix({**start.fields, **(values or {})}),
        creation_key=creation_key,
        place=start.place,
        **start.fields,
        **first,
    )
    replace_rows(kind.row_tables, document, build_rows(kind.row_tables, start.rows)[0])
    _fill(kind, document, values or {}, rows or {}, actor=actor, now=now, ip=ip, copied=copied)
    document.save()  # what was computed of a draft that holds only what it was opened with
    kind.lay_down(document, now=now)
    return document


@transaction.atomic
def update_draft(
    *,
    kind: RoutedDocumentKind,
    document_id: int,
    actor: Employee,
    now: datetime,
    values: Mapping[str, Any],
    rows: Rows | None = None,
    seen_version: int | None = None,
    ip: str | None = None,
) -> Any:
    """Save what was typed so far: level S of domain.md §0, everything else may be empty.

    Computed columns are put right. Raises WF-29/WF-04/WF-05 when the document may not be
    changed (any more), WF-12 on a stale version, DOC-06, DIC-01 and the kind's own codes.
    """
    document = kind.lock(document_id)
    ensure_editable(document, actor, seen_version=seen_version)
    _fill(kind, document, values, rows or {}, actor=actor, now=now, ip=ip)
    kind.lay_down(document, now=now)
    return document


def _fill(
    kind: RoutedDocumentKind,
    document: Any,
    values: Mapping[str, Any],
    rows: Rows,
    *,
    actor: Employee,
    now: datetime,
    ip: str | None,
    copied: Any | None = None,
) -> None:
    """Check, write the lists and the fields, compute, and keep what changed."""
    unknown = sorted(set(values) - set(kind.editable_fields))
    if unknown:
        raise TypeError(f"not fields that a person may fill: {unknown}")
    cleaned = _cleaned(kind, values)
    built, reasons = build_rows(kind.row_tables, rows, document=document)
    reasons += _field_reasons(kind, cleaned)
    reasons += _not_offered(kind, copied or document, cleaned, built)
    reasons += kind.check_draft(document, cleaned, built)
    reasons += kind.check_days(document, cleaned, now=now)
    refuse_all(reasons)
    before = _table_texts(kind, document)
    replace_rows(kind.row_tables, document, built)
    after = _table_texts(kind, document)
    with _as_typed(document, cleaned):
        kind.compute(document, now=now)
    write_changes(
        document=document,
        values=cleaned,
        actor=actor,
        now=now,
        ip=ip,
        rows_changed=before != after,
    )
    record_changes(instance=document, before=before, after=after, actor=actor, now=now, ip=ip)


def _needed_at_once(
    kind: RoutedDocumentKind, start: Start, values: Mapping[str, Any]
) -> dict[str, Any]:
    """The typed columns without which the row cannot be stored (level S); DOC-06 names each."""
    needed = {}
    for name in kind.editable_fields:
        column: Any = kind.model._meta.get_field(name)
        is_optional = column.null or column.blank or column.has_default() or name == "subject"
        if name not in start.fields and not is_optional:
            needed[name] = as_stored(kind.model, name, values.get(name))
    refuse_all(_field_reasons(kind, needed))
    return needed


def _cleaned(kind: RoutedDocumentKind, values: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = {name: as_stored(kind.model, name, value) for name, value in values.items()}
    # A subject that was emptied keeps its last wording instead of losing the document's name.
    if not cleaned.get("subject", "kept"):
        del cleaned["subject"]
    return cleaned


def _field_reasons(kind: RoutedDocumentKind, cleaned: Mapping[str, Any]) -> list[DomainError]:
    """Values that their columns refuse; nothing is set on the document."""
    probe = kind.model()
    for name, value in cleaned.items():
        setattr(probe, name, value)
    others = {field.name for field in kind.model._meta.fields} - set(cleaned)
    try:
        probe.clean_fields(exclude=others)
    except ValidationError as error:
        return field_refusals(error)
    return []


def _not_offered(
    kind: RoutedDocumentKind,
    stored: Any,
    cleaned: Mapping[str, Any],
    built: Mapping[str, list[Any]],
) -> list[DomainError]:
    """DIC-01 for what the dictionary does not offer any more; what is stored already may stay."""
    found = [
        refusal_of(kind.model._meta.get_field(name), value, field=name)
        for name, value in cleaned.items()
        if value != getattr(stored, name)
    ]
    for table in kind.row_tables:
        for name in table.columns:
            for index, row in enumerate(built.get(table.name, ())):
                value = getattr(row, name, None)
                reason = refusal_of(table.field(name), value, field=f"{table.name}.{index}.{name}")
                if reason is not None and not _is_stored(table, stored, name, value):
                    found.append(reason)
    return [reason for reason in found if reason is not None]


def _is_stored(table: RowTable, document: Any, name: str, value: Any) -> bool:
    return any(getattr(row, name) == value for row in table.stored(document))


def _table_texts(kind: RoutedDocumentKind, document: Any) -> dict[str, str]:
    """The stored lists by their names, their text in Chinese, for 修改记录."""
    with translation.override("zh-hans"):
        return texts_of(kind.snapshot_tables(document))


@contextmanager
def _as_typed(document: Any, cleaned: Mapping[str, Any]) -> Iterator[None]:
    """The document with the typed values, put back afterwards: the change log compares."""
    stored = {name: getattr(document, name) for name in cleaned}
    for name, value in cleaned.items():
        setattr(document, name, value)
    yield
    for name, value in stored.items():
        setattr(document, name, value)
