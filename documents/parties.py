"""Which documents under approval are about a customer, of whatever kind they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind
from workflows.kinds import all_kinds

if TYPE_CHECKING:
    from django.db.models import QuerySet


def has_open_documents(customer_id: int) -> bool:
    """Whether any document about the customer is under approval (CUS-10); one statement."""
    first, *others = _running(customer_id)
    return first.union(*others).exists()


def live_cases(customer_id: int) -> list[int]:
    """The cases about the customer that are under approval; one statement."""
    first, *others = _running(customer_id)
    found = first.union(*others).values_list("case", flat=True)
    return sorted(pk for pk in found if pk is not None)


def _running(customer_id: int) -> Iterator[QuerySet]:
    """Of every kind that is about customers."""
    for kind in all_kinds():
        if isinstance(kind, RoutedDocumentKind) and kind.is_about_customers:
            documents: Any = kind.model._default_manager
            rows = documents.filter(
                kind=kind.code, customer=customer_id, wf_status=WfStatus.IN_APPROVAL
            )
            yield rows.order_by().values("case")
