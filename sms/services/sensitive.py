from __future__ import annotations

from datetime import datetime

from django.db import transaction

from customers import errors as customer_errors
from customers.models import SensitiveAccess
from customers.rules.values import clean_values
from customers.services.sensitive import SHORTEST_REASON
from lending_crm.common.errors import refuse_all
from sms.models import SmsMessage
from sms.rules.permissions import may_reveal_number
from staff.models import Employee


@transaction.atomic
def reveal_number(
    *, message: SmsMessage, reason: str, actor: Employee, now: datetime, ip: str | None = None
) -> str:
    """The full number of a message, after the access was written down (R11, N25).

    ``message`` was loaded through ``visible_to``. Raises CUS-16 (no right), CUS-15 (reason).
    """
    if not may_reveal_number(actor, message.customer):
        raise customer_errors.may_not_reveal()
    values, found = clean_values(SensitiveAccess, {"reason": reason})
    refuse_all(found)
    if len(values["reason"]) < SHORTEST_REASON:
        raise customer_errors.access_reason_missing(SHORTEST_REASON)
    SensitiveAccess.objects.create(
        model=message._meta.label_lower,
        object_id=message.pk,
        label=message.name,
        field="number",
        reason=values["reason"],
        actor=actor,
        at=now,
        ip=ip,
    )
    return message.number
