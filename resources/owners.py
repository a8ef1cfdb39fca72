"""Finished documents as a person's holdings, and who owns them since (含历史单据)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from documents.holdings import held_documents
from documents.models import Document
from documents.services.handlers import UNFINISHED
from documents.services.keeping import Keeping, hand_over_kept
from resources.models import DocumentOwner
from staff.handing import Holding, Move, Moved, Warrant

if TYPE_CHECKING:
    from staff.models import Employee

_KEEPING = Keeping(DocumentOwner, "document", "owner", "handler", gettext_noop("owner"))


class Owners:
    """The ``OwnerSource`` of ``documents.ownership``."""

    def owned_by(self, user: Employee) -> QuerySet:
        return DocumentOwner.objects.filter(owner=user).values("document")

    def owner_of(self, document_id: int) -> int | None:
        rows = DocumentOwner.objects.filter(document=document_id)
        return rows.values_list("owner", flat=True).first()


def _owned(employee: Employee) -> QuerySet[Document]:
    """Finished documents that he handled and still owns, and those he got by a handover."""
    own = Q(handler=employee, handed_owner=None) | Q(handed_owner__owner=employee)
    return Document.objects.filter(own).exclude(wf_status__in=UNFINISHED)


class FinishedWork:
    """历史单据: the receiver owns them; who handled them stays on record."""

    code = "history"
    title = _("Finished documents")
    by_rule = ""
    option = "history"
    order = 25

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        return held_documents(_owned(employee).order_by("id"))

    def hand_over(
        self,
        moves: Sequence[Move],
        *,
        employee: Employee,
        actor: Employee | None,
        now: datetime,
        warrant: Warrant,
    ) -> Mapping[int, Moved]:
        return hand_over_kept(
            keeping=_KEEPING,
            moves=moves,
            held=_owned(employee),
            employee=employee,
            actor=actor,
            now=now,
            warrant=warrant,
        )

    def along(self, pks: Collection[int]) -> dict[str, int]:
        return {}
