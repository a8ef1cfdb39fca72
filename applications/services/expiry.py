"""已失效: an approval that nobody signed in time commits nothing any more (BUS-13)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import translation

from applications.assessment import local_day
from applications.choices import BizStatus
from applications.models import BusinessApplication
from lending_crm.common.changes import record_changes
from lending_crm.common.outbox import publish_all
from staff.events import notice


@transaction.atomic
def expire_approvals(*, now: datetime, limit: int = 500) -> int:
    """Close approvals whose last day has passed; returns how many.

    Rows that somebody is working on are skipped and taken by the next run.
    """
    found = list(
        BusinessApplication.objects.expiring(day=local_day(now))
        .select_for_update(of=("self",), skip_locked=True)
        .select_related("customer")
        .order_by("approval_valid_until")[:limit]
    )
    BusinessApplication.objects.filter(pk__in=[row.pk for row in found]).update(
        biz_status=BizStatus.EXPIRED, open_opportunity=None
    )
    with translation.override("zh-hans"):
        before = {"biz_status": str(BizStatus.APPROVED.label)}
        after = {"biz_status": str(BizStatus.EXPIRED.label)}
    for row in found:
        record_changes(instance=row, before=before, after=after, actor=None, now=now)
        message = notice(
            "application.expired",
            [row.handler_id],
            url=row.get_absolute_url(),
            case_id=row.case_id,
            doc_no=row.doc_no,
            subject=row.subject,
            party=row.customer.name,
            date=f"{row.approval_valid_until:%Y-%m-%d}",
        )
        publish_all(message, now=now)
    return len(found)
