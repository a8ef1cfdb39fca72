from __future__ import annotations

from collections.abc import Mapping
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


def ensure_may_reveal(record: Customer | Contact, given: object, actor: Employee) -> None:
    """CUS-16 for whoever may open none of the fields that he can have meant.

    ``given`` is what was sent, not looked at yet: without a known field in it, all are meant.
    """
    fields = SENSITIVE[record._meta.label_lower]
    field = given.get("field") if isinstance(given, Mapping) else None
    meant = [field] if isinstance(field, str) and field in fields else fields
    if not any(may_reveal(actor, record, name) for name in meant):
        raise errors.may_not_reveal()


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
    ensure_may_reveal(record, {"field": field}, actor)
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
