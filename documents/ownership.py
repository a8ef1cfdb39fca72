"""Who carries on with a document that is decided: its handler stays on record, another owns it.

A work handover moves finished documents (domain M20: 经办人 does not change, only the owner).
Who keeps those owners registers a source; this app knows no handovers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Employee


class OwnerSource(Protocol):
    def owned_by(self, user: Employee) -> QuerySet:
        """Ids of the documents that were handed over to him, for a subquery."""

    def owner_of(self, document_id: int) -> int | None:
        """Whom the document was handed over to; None where its handler has kept it."""


_sources: list[OwnerSource] = []


def register_owner_source(source: OwnerSource) -> None:
    """Called from ``apps.py``; the last one that registered holds."""
    _sources.append(source)


def owned_by(user: Employee) -> QuerySet | None:
    return _sources[-1].owned_by(user) if _sources else None


def carries_on(document: Any, user: Employee) -> bool:
    """Whether he makes what follows from the document: its owner now, else its handler."""
    owner = _sources[-1].owner_of(document.pk) if _sources else None
    return user.pk == (document.handler_id if owner is None else owner)
