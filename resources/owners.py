"""Finished documents as a person's holdings, and who owns them since (含历史单据)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from documents import errors
from documents.holdings import held_documents
from documents.models import Document
from documents.services.handlers import UNFINISHED
from lending_crm.common.changes import changed_fields
from lending_crm.common.models import ChangeRecord
from resources.models import DocumentOwner
from resources.rules import refusals
from staff.handing import Holding, Move, Moved, Warrant
from staff.services.handing import refused

if TYPE_CHECKING:
    from staff.models import Employee

#: what a row of 修改记录 is about when a finished document changed hands
_OWNER = gettext_noop("owner")


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
        """A handful of statements for all of them; HND-11 for what he owns no more."""
        pks = [move.holding.pk for move in moves]
        locked = Document.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks)
        list(locked.order_by("id").values_list("pk"))
        documents = _owned(employee).select_related("branch").in_bulk(pks)
        done: dict[int, Moved] = {}
        owners: list[DocumentOwner] = []
        changes: list[ChangeRecord] = []
        for move in moves:
            document, successor = documents.get(move.holding.pk), move.successor
            if document is None:
                done[move.holding.pk] = refused(move, errors.not_his_any_more(employee.name))
            elif successor is None:
                done[move.holding.pk] = refused(move, errors.needs_successor())
            elif successor.branch_id != document.branch_id and not warrant.crosses_branches:
                reason = errors.receiver_elsewhere(document.branch.name)
                done[move.holding.pk] = refused(move, reason)
            elif successor.pk == employee.pk:
                done[move.holding.pk] = refused(move, refusals.same_person())
            else:
                owners.append(DocumentOwner(document=document, owner=successor, since=now))
                changes += changed_fields(
                    instance=document,
                    before={_OWNER: employee.name},
                    after={_OWNER: successor.name},
                    actor=actor,
                    now=now,
                )
                done[move.holding.pk] = Moved(
                    move.holding.label, move.holding.url, said=successor.name
                )
        _keep(owners)
        ChangeRecord.objects.bulk_create(changes)
        return done

    def along(self, pks: Collection[int]) -> dict[str, int]:
        return {}


def _keep(owners: Sequence[DocumentOwner]) -> None:
    """Who gets back what he handled himself needs no row: he is its handler."""
    back = [each.document_id for each in owners if each.owner_id == each.document.handler_id]
    DocumentOwner.objects.filter(document__in=back).delete()
    DocumentOwner.objects.bulk_create(
        [each for each in owners if each.document_id not in set(back)],
        update_conflicts=True,
        unique_fields=["document"],
        update_fields=["owner", "since"],
    )
