"""Imports of repayments and their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q

from funds.choices import RowState
from funds.models import RepaymentImport, RepaymentImportRow

if TYPE_CHECKING:
    from django.db.models import QuerySet


def recent_imports(limit: int = 20) -> QuerySet[RepaymentImport]:
    return (
        RepaymentImport.objects.select_related("uploaded_by")
        .annotate(
            row_count=Count("rows"),
            booked_count=Count("rows", filter=Q(rows__state=RowState.BOOKED)),
        )
        .order_by("-uploaded_at", "-id")[:limit]
    )


def import_rows(batch: RepaymentImport) -> QuerySet[RepaymentImportRow]:
    return batch.rows.select_related("repayment").order_by("row_no")
