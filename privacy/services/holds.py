"""法律保留: hold a customer's data back beyond its time, and let it go again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from customers.models import Customer
from lending_crm.common.text import clean_line
from privacy import retention_errors as errors
from privacy.models import LegalHold
from privacy.rules.retention import ensure_may_administer
from staff.models import Employee
from staff.services.guards import lock_row

_LONGEST = 200


@transaction.atomic
def set_hold(*, customer_no: str, reason: str, actor: Employee, now: datetime) -> LegalHold:
    """Nobody anonymises the customer until the hold is lifted.

    Raises RET-01 (administrators), RET-03 (reason), RET-04 (number), RET-05 (held already) and
    RET-06 (too late).
    """
    ensure_may_administer(actor)
    why = _reason(reason)
    number = clean_line(customer_no)[:40]
    found = Customer.objects.filter(customer_no=number).values_list("pk", flat=True).first()
    if found is None:
        raise errors.unknown_customer(number)
    # The job takes the same lock: a hold is there before the customer is looked at, or after.
    customer = lock_row(Customer, found)
    if customer.anonymised_at is not None:
        raise errors.anonymised_already()
    if LegalHold.objects.filter(customer=customer, lifted_at=None).exists():
        raise errors.held_already()
    return LegalHold.objects.create(customer=customer, reason=why, set_by=actor, set_at=now)


@transaction.atomic
def lift_hold(*, hold_id: int, reason: str, actor: Employee, now: datetime) -> LegalHold:
    """The period counts again, as if it had never stopped. Raises RET-01, RET-03, RET-07."""
    ensure_may_administer(actor)
    hold = lock_row(LegalHold, hold_id)
    if hold.lifted_at is not None:
        raise errors.lifted_already()
    hold.lifted_at, hold.lifted_by, hold.lift_reason = now, actor, _reason(reason)
    hold.save(update_fields=["lifted_at", "lifted_by", "lift_reason"])
    return hold


def _reason(text: str) -> str:
    why = clean_line(text)[:_LONGEST]
    if len(why) < errors.SHORTEST_REASON:
        raise errors.reason_missing()
    return why
