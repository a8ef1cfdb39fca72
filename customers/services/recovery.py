"""不良客户: who answers for a customer that went bad, and who does once all is recovered (M19)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from customers.choices import CustomerStatus
from customers.models import Customer, Opportunity
from customers.services.log import ChangeLog
from customers.services.opportunities import close_by_system
from staff.models import Employee
from staff.services.guards import lock_row

_FIELDS = ("owner", "co_handler", "biz_status")


@transaction.atomic
def hand_to_recovery(
    *,
    customer_id: int,
    officer: Employee,
    reference: str,
    actor: Employee | None,
    now: datetime,
) -> Customer:
    """不良: ``officer`` of asset recovery becomes the owner, the former one 协办人.

    黑名单 says more than 不良 and stays. Every open opportunity is closed; ``reference`` is the
    number of the handover. The caller has checked that the customer may be handed over and to
    whom.
    """
    locked = lock_row(Customer, customer_id)
    log = ChangeLog(locked, _FIELDS)
    locked.co_handler, locked.owner = locked.owner, officer
    if locked.biz_status != CustomerStatus.BLACKLISTED:
        locked.biz_status = CustomerStatus.BAD
    locked.pooled_at = None
    _save(locked, log, actor=actor, now=now)
    for opportunity in Opportunity.objects.filter(customer=locked).open().order_by("pk"):
        close_by_system(opportunity, now=now, reason=reference)
    return locked


@transaction.atomic
def return_from_recovery(
    *,
    customer_id: int,
    owner: Employee,
    biz_status: str,
    actor: Employee | None,
    now: datetime,
) -> Customer:
    """逆移交: after full recovery ``owner`` answers for the customer again, with ``biz_status``
    unless it is 黑名单.
    """
    locked = lock_row(Customer, customer_id)
    log = ChangeLog(locked, _FIELDS)
    locked.owner, locked.co_handler = owner, None
    if locked.biz_status != CustomerStatus.BLACKLISTED:
        locked.biz_status = CustomerStatus(biz_status).value
    _save(locked, log, actor=actor, now=now)
    return locked


def _save(locked: Customer, log: ChangeLog, *, actor: Employee | None, now: datetime) -> None:
    locked.version += 1
    locked.updated_at = now
    locked.save()
    log.write(locked, actor=actor, now=now, ip=None)
