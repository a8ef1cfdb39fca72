"""Read-only questions about the shared tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q

from lending_crm.common.models import OutboxMessage


@dataclass(frozen=True)
class OutboxLag:
    """How far delivery is behind: due messages, seconds the oldest waits, parked messages."""

    waiting: int
    oldest_seconds: int
    parked: int


def outbox_lag(*, now: datetime) -> OutboxLag:
    due = Q(parked_at=None, due_at__lte=now)
    found = OutboxMessage.objects.filter(delivered_at=None).aggregate(
        waiting=Count("id", filter=due),
        oldest=Min("due_at", filter=due),
        parked=Count("id", filter=Q(parked_at__isnull=False)),
    )
    oldest = found["oldest"]
    return OutboxLag(
        waiting=found["waiting"],
        oldest_seconds=int((now - oldest).total_seconds()) if oldest else 0,
        parked=found["parked"],
    )
