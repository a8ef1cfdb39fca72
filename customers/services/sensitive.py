from __future__ import annotations

from datetime import datetime

from django.db import transaction

from customers import errors
from customers.models import Contact, Customer, SensitiveAccess
from customers.rules.fields import SENSITIVE
from customers.rules.permissions import may_reveal
from customers.rules.values import clean_values
from lending_crm.common.errors import not_found, refuse_all
from staff.models import Employee

SHORTEST_REASON = 5


@transaction.atomic
def reveal_value(
    *,
    record: Customer | Contact,
    field: str,
    reason: str,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> str:
    """The full number, after the access was written down (R11, N25).

    ``record`` was loaded through ``visible_to``. Raises CUS-16 (no right), CUS-15 (reason).
    """
    if field not in SENSITIVE[record._meta.label_lower]:
        raise not_found()
    if not may_reveal(actor, record, field):
        raise errors.may_not_reveal()
    values, found = clean_values(SensitiveAccess, {"reason": reason})
    refuse_all(found)
    if len(values["reason"]) < SHORTEST_REASON:
        raise errors.access_reason_missing(SHORTEST_REASON)
    SensitiveAccess.objects.create(
        model=record._meta.label_lower,
        object_id=record.pk,
        label=record.name,
        field=field,
        reason=values["reason"],
        actor=actor,
        at=now,
        ip=ip,
    )
    return getattr(record, field)
