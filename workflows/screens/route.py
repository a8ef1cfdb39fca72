"""The chain of a case with people, for the page's 审批链."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workflows.kinds import kind_for
from workflows.models import Case, WorkItem
from workflows.preview import PreviewStep, preview_running


def load_route(
    case: Case, items: Sequence[WorkItem], *, language: str, now: datetime
) -> list[PreviewStep]:
    """Who decided, who holds it, who comes next, and which stages are passed by and why."""
    kind = kind_for(case.document_kind)
    current = [item for item in items if item.round == case.round]
    earlier = [item for item in items if item.round < case.round]
    return preview_running(
        kind,
        kind.get(case.document_id),
        case,
        current,
        earlier=earlier,
        language=language,
        now=now,
    )
