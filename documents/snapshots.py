"""The parts of a document's snapshot that every kind builds alike."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist

from documents.categories import label_of
from documents.models import Attachment
from documents.values import displayed

if TYPE_CHECKING:
    from documents.models import Document


def snapshot_field(document: Any, name: str, *, display: str | None = None) -> dict[str, Any]:
    """One field for the snapshot, with its label and what a reader sees.

    Call it with Chinese active; ``display`` overrides what is shown (a masked number).
    """
    try:
        label = str(document._meta.get_field(name).verbose_name)
    except FieldDoesNotExist:
        label = name
    value = getattr(document, name)
    if display is None:
        display = displayed(document, name)
    return {"name": name, "label": label, "value": _plain(value), "display": display}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | bool | list):
        return value
    if hasattr(value, "pk"):
        return value.pk
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def attachment_snapshot(document: Document) -> list[dict[str, Any]]:
    """The current attachments, those of submitted supplements included."""
    rows = (
        Attachment.objects.current()
        .submitted()
        .filter(document=document.pk)
        .select_related("file", "supplement")
        .order_by("id")
    )
    return [
        {
            "id": row.pk,
            "category": str(label_of(row.category)),
            "title": row.title,
            "file_name": row.file_name,
            "sha256": row.file.sha256,
            "size": row.file.size,
            "supplement": row.supplement.doc_no if row.supplement else None,
        }
        for row in rows
    ]
