"""What left the system by a request."""

from __future__ import annotations

from django.db.models import Count, Max, QuerySet

from lending_crm.common.models import ExportRun, ExportState
from privacy.models import ExportRequest


def runs_of(request: ExportRequest) -> QuerySet[ExportRun]:
    """The exports made by the request, newest first, with how often their files were fetched."""
    return (
        ExportRun.objects.filter(request_no=request.doc_no)
        .annotate(fetched=Count("downloads"), fetched_last=Max("downloads__at"))
        .select_related("actor")
        .order_by("-id")
    )


def is_used(runs: QuerySet[ExportRun] | list[ExportRun]) -> bool:
    """One that failed let nothing out."""
    return any(run.state != ExportState.FAILED for run in runs)
