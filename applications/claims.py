"""What a reconsideration holds of its application while it is decided, and lets go at its end."""

from __future__ import annotations

from datetime import datetime

from applications.assessment import local_day
from applications.choices import BizStatus
from applications.models import BusinessApplication, Reconsideration
from customers.choices import Stage
from customers.services.opportunities import advance_by_system
from documents.choices import WfStatus
from documents.engine_door import engine_writes


def settle_claims(document: Reconsideration, status: str, *, now: datetime) -> None:
    """Take or give back the claims on the application for the status that comes next.

    Before the status moves: from then on the database freezes the document's columns.
    """
    own = Reconsideration.objects.filter(pk=document.pk)
    origin = BusinessApplication.objects.filter(pk=document.origin_id)
    if status == WfStatus.IN_APPROVAL:
        # While it is reconsidered the application is open again: nobody asks twice (BUS-08).
        own.update(
            exposure=document.exposure,
            all_in_rate=document.all_in_rate,
            uplift_reasons=document.uplift_reasons,
        )
        origin.update(open_opportunity=document.opportunity_id)
        advance_by_system(document.opportunity, Stage.SUBMITTED, now=now, reason=document.doc_no)
    elif status == WfStatus.WITHDRAWN:
        origin.update(open_opportunity=None)
    elif status in (WfStatus.APPROVED, WfStatus.REJECTED):
        own.update(open_origin=None, decided_origin=document.origin_id, decided_on=local_day(now))
        if status == WfStatus.REJECTED:
            origin.update(open_opportunity=None)
    elif status == WfStatus.VOID:
        own.update(open_origin=None)
        with engine_writes():
            origin.update(open_opportunity=None, reconsidered_by=None, biz_status=BizStatus.CLOSED)
