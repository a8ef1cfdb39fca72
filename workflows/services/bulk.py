"""批量同意: many items, each its own act; one that is refused stops no other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import OperationalError

from lending_crm.common.errors import DomainError
from lending_crm.common.problems import refusal_for
from staff.models import Employee
from workflows.models import WorkItem
from workflows.services.decisions import approve

MOST_AT_ONCE = 100


@dataclass(frozen=True)
class BulkResult:
    """What became of one item; ``refusal`` is None when it was approved."""

    item: WorkItem
    refusal: DomainError | None


def approve_many(
    *,
    items: Sequence[WorkItem],
    actor: Employee,
    now: datetime,
    opinion: str,
    seen_versions: dict[int, int],
    idempotency_key: str,
) -> list[BulkResult]:
    """Approve one after the other; each commits by itself, with its own key."""
    results = []
    for item in items:
        refusal = None
        try:
            approve(
                item_id=item.pk,
                actor=actor,
                now=now,
                opinion=opinion,
                idempotency_key=f"{idempotency_key}-{item.pk}",
                seen_version=seen_versions.get(item.pk),
            )
        except (DomainError, OperationalError) as error:
            refusal = refusal_for(error)
            if refusal is None:
                raise
        results.append(BulkResult(item, refusal))
    return results
