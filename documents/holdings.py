"""Unfinished documents as a person's holdings."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from documents import errors
from documents.choices import WfStatus
from documents.kinds import routed_kind
from documents.models import Document
from documents.services.handlers import UNFINISHED, change_handler
from staff.handing import Holding
from staff.models import Employee


def count_unfinished(employee: Employee) -> int:
    """Documents that must find another handler before this one leaves (HND-06)."""
    return Document.objects.filter(handler=employee, wf_status__in=UNFINISHED).count()


class DocumentHoldings:
    """Drafts, documents under approval and returned ones; each needs a handler by name."""

    code = "documents"
    title = gettext_lazy("Documents this person handles")
    by_rule = ""
    order = 20

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        rows = Document.objects.filter(handler=employee, wf_status__in=UNFINISHED)
        return [
            Holding(
                row.pk,
                f"{row.doc_no} {row.subject}",
                str(WfStatus(row.wf_status).label),
                routed_kind(row.kind).url(row.pk),
            )
            for row in rows.order_by("id")
        ]

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
        if not moved_on:
            return successor.name
        return _("%(name)s; his own step on it went up to: %(people)s") % {
            "name": successor.name,
            "people": "、".join(moved_on),
        }
