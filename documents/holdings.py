"""Unfinished documents as a person's holdings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents import errors
from documents.choices import WfStatus
from documents.kinds import routed_kind
from documents.models import Document
from documents.services.handlers import UNFINISHED, change_handler
from staff.handing import Holding, Move, Moved, Warrant
from staff.models import Employee
from staff.services.handing import one_by_one


def count_unfinished(employee: Employee) -> int:
    """Documents that must find another handler before this one leaves (HND-06)."""
    return Document.objects.filter(handler=employee, wf_status__in=UNFINISHED).count()


def held_documents(rows: Iterable[Document]) -> list[Holding]:
    """Documents as holdings, each with its customer; one query a kind."""
    found = list(rows)
    by_kind: dict[str, list[int]] = defaultdict(list)
    for row in found:
        by_kind[row.kind].append(row.pk)
    customers: dict[int, int] = {}
    for code, pks in by_kind.items():
        customers |= routed_kind(code).customers_of(pks)
    return [
        Holding(
            row.pk,
            f"{row.doc_no} {row.subject}",
            str(WfStatus(row.wf_status).label),
            routed_kind(row.kind).url(row.pk),
            customers.get(row.pk),
        )
        for row in found
    ]


class DocumentHoldings:
    """Drafts, documents under approval and returned ones; each needs a handler by name."""

    code = "documents"
    title = gettext_lazy("Documents this person handles")
    by_rule = ""
    order = 20
    opens_to_keepers = False

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        rows = Document.objects.filter(handler=employee, wf_status__in=UNFINISHED)
        return held_documents(rows.order_by("id"))

    def move(
        self,
        *,
        pk: int,
        employee: Employee,
        successor: Employee | None,
        actor: Employee,
        now: datetime,
    ) -> str:
        if successor is None:
            raise errors.needs_successor()
        moved_on = change_handler(document_id=pk, successor=successor, actor=actor, now=now)
        return said(successor, moved_on)


def said(successor: Employee, moved_on: Sequence[str]) -> str:
    """Where a document went, and who is asked in the new handler's place (HND-05)."""
    if not moved_on:
        return successor.name
    return _("%(name)s; his own step on it went up to: %(people)s") % {
        "name": successor.name,
        "people": "、".join(moved_on),
    }


class DocumentWork(DocumentHoldings):
    """The same in a 工作移交: 业务单据."""

    title = gettext_lazy("Business documents")
    option = ""

    def hand_over(
        self,
        moves: Sequence[Move],
        *,
        employee: Employee,
        actor: Employee | None,
        now: datetime,
        warrant: Warrant,
    ) -> Mapping[int, Moved]:
        def act(move: Move) -> Moved:
            if move.successor is None:
                raise errors.needs_successor()
            moved_on = change_handler(
                document_id=move.holding.pk,
                successor=move.successor,
                actor=actor,
                now=now,
                warrant=warrant,
                giver=employee,
            )
            holding = move.holding
            return Moved(
                holding.label, holding.url, said(move.successor, moved_on), moved_on=moved_on
            )

        return one_by_one(moves, act)

    def along(self, pks: Collection[int]) -> dict[str, int]:
        return {}
