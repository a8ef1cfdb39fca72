"""业务状态 after the approval: the events of contracts and of the ledger move it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import translation

from applications.choices import BizStatus
from applications.models import BusinessApplication
from customers.choices import Stage
from customers.services.opportunities import advance_by_system
from customers.services.standing import start_borrowing
from lending_crm.common.changes import record_changes
from staff.services.guards import lock_row

if TYPE_CHECKING:
    from staff.models import Employee

_PAID_OUT = (BizStatus.PARTLY_DISBURSED, BizStatus.DISBURSED)


@transaction.atomic
def move_business(
    *, application_id: int, status: str, actor: Employee | None, now: datetime
) -> BusinessApplication:
    """Set the business status because of an event, with a row in the change log.

    The first disbursement closes the opportunity as 放款成交 and makes the customer 在贷. The
    caller has checked that the event may happen; ``actor`` is None for events of time.
    """
    application = lock_row(BusinessApplication, application_id)
    was = application.biz_status
    if was == status:
        return application
    BusinessApplication.objects.filter(pk=application.pk).update(
        biz_status=status, open_opportunity=None
    )
    application.biz_status, application.open_opportunity = status, None
    with translation.override("zh-hans"):
        record_changes(
            instance=application,
            before={"biz_status": str(BizStatus(was).label)},
            after={"biz_status": str(BizStatus(status).label)},
            actor=actor,
            now=now,
        )
    if status in _PAID_OUT and was not in _PAID_OUT:
        start_borrowing(customer_id=application.customer_id, actor=actor, now=now)
        advance_by_system(
            application.opportunity, Stage.DISBURSED, now=now, reason=application.doc_no
        )
    return application
