"""在途单据 of a business: whatever kind it is, as long as it leads to the business (CMP-02).

How a kind leads there is read from its foreign keys (to the application, to one of its loans,
to a document that does, or from a row of its lists), so that no kind can be forgotten.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import Q

from applications.models import BusinessApplication
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind
from documents.models import Document
from documents.rows import Row
from funds.choices import PAYABLE_STATUSES
from funds.models import FundTransfer, Loan
from workflows.kinds import all_kinds

_OPEN = (WfStatus.IN_APPROVAL, WfStatus.RETURNED)


def open_documents(application: BusinessApplication, *, excluding: int) -> list[str]:
    """Numbers of the documents about the business that are under approval or returned, and of
    approved transfers whose money has not left; ``excluding`` is the one that asks."""
    leads = Q(pk__in=())
    for kind in all_kinds():
        if isinstance(kind, RoutedDocumentKind) and (found := paths(kind.model)):
            rows: Any = kind.model._default_manager
            about = Q(pk__in=())
            for path in found:
                about |= Q(**{path: application.pk})
            leads |= Q(pk__in=rows.filter(about).values("pk"))
    waiting = FundTransfer.objects.filter(
        application=application, wf_status=WfStatus.APPROVED, biz_status__in=PAYABLE_STATUSES
    )
    alive = Q(wf_status__in=_OPEN) | Q(pk__in=waiting.values("pk"))
    others = Document.objects.filter(leads, alive).exclude(pk=excluding)
    return list(others.order_by("pk").values_list("doc_no", flat=True))


@cache
def paths(model: type[Any]) -> tuple[str, ...]:
    """The lookups by which documents of ``model`` reach a business; none for its own kind."""
    return () if model is BusinessApplication else tuple(_ways(model, frozenset()))


def _ways(model: type[Any], passed: frozenset[type[Any]]) -> list[str]:
    """From a document: by its own foreign keys, or by those of the rows of its lists."""
    found = _steps(model, passed | {model})
    for field in model._meta.get_fields():
        if field.auto_created and field.one_to_many and issubclass(field.related_model, Row):
            inner = _steps(field.related_model, passed | {model})
            found += [f"{field.get_accessor_name()}__{step}" for step in inner]
    return list(dict.fromkeys(found))


def _steps(model: type[Any], passed: frozenset[type[Any]]) -> list[str]:
    """By a foreign key of ``model``; no way leads through a kind twice."""
    steps = []
    for field in model._meta.concrete_fields:
        target = field.related_model
        if target is None or getattr(field.remote_field, "parent_link", False):
            continue
        if target is BusinessApplication:
            steps.append(field.name)
        elif target is Loan:
            steps.append(f"{field.name}__application")
        elif issubclass(target, Document) and target not in {Document, *passed}:
            steps += [f"{field.name}__{inner}" for inner in _ways(target, passed)]
    return steps
