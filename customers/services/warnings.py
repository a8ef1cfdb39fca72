"""业务机会预警: an opportunity that nobody works on is brought back to mind (domain.md M4)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from customers.models import Opportunity
from customers.selectors.opportunities import stalled
from lending_crm.common.outbox import publish_all
from staff.choices import RoleCode
from staff.events import notice
from staff.selectors import holders

EVENT = "opportunity.stalled"


@transaction.atomic
def warn_of_stalled(*, now: datetime, limit: int = 500) -> int:
    """Tell the handler and the heads of his department, once for each quiet time.

    Returns how many opportunities were warned of. Rows that somebody is working on are
    skipped and taken by the next run.
    """
    untold = Q(stall_warned_at=None) | Q(stall_warned_at__lte=F("last_activity_at"))
    found = list(
        Opportunity.objects.filter(stalled(now=now) & untold)
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("customer")
        .order_by("last_activity_at", "pk")[:limit]
    )
    Opportunity.objects.filter(pk__in=[row.pk for row in found]).update(stall_warned_at=now)
    heads: dict[int, list[int]] = {}
    messages = []
    for row in found:
        department_id = row.customer.department_id
        if department_id not in heads:
            heads[department_id] = [
                person.pk for person in holders(RoleCode.TL, department_id=department_id)
            ]
        messages += _message(row, [row.customer.owner_id, *heads[department_id]], now)
    publish_all(messages, now=now)
    return len(found)


def _message(
    row: Opportunity, recipients: list[int], now: datetime
) -> list[tuple[str, dict[str, Any]]]:
    return notice(
        EVENT,
        recipients,
        url=row.get_absolute_url(),
        doc_no=row.subject,
        party=row.customer.name,
        days=(now - row.last_activity_at).days,
    )
