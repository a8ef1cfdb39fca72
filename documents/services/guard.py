"""May this document be changed by this person now?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents.rules import editing_refusal
from workflows.errors import not_handler, stale

if TYPE_CHECKING:
    from documents.models import Document
    from staff.models import Employee


def ensure_editable(
    document: Document, actor: Employee, *, seen_version: int | None = None
) -> None:
    """Return quietly when ``actor`` may change ``document``; call it with the row locked.

    Only the handler changes a document (WF-29, 403), and only while it is a draft,
    returned or withdrawn (WF-04 while it is in approval, WF-05 afterwards). With
    ``seen_version`` a form that was opened before somebody else's change is refused
    (WF-12).
    """
    if document.handler_id != actor.pk:
        raise not_handler()
    if refusal := editing_refusal(document):
        raise refusal
    ensure_version(document, seen_version)


def ensure_version(document: Document, seen_version: int | None) -> None:
    """Refuse an act that was started from an older version of the document (WF-12)."""
    if seen_version is not None and seen_version != document.version:
        raise stale()
