"""What becomes of running cases when a customer's people change: who is related abstains."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from customers import hooks
from customers.selectors.related import linked_customers, related_employees
from lending_crm.common.models import OutboxMessage
from lending_crm.common.outbox import publish_all
from workflows.services.recusals import review_recusals

#: topic of the outbox
TOPIC = "customers.people"


def people_changed(*customer_ids: int, now: datetime) -> None:
    """Contacts or influence changed; running cases are looked at once this is committed."""
    publish_all([(TOPIC, {"customer_id": pk}) for pk in sorted(set(customer_ids))], now=now)


def review_cases(message: OutboxMessage, now: datetime) -> None:
    """Bring every running case of the customer in line; the outbox tries again when one is busy."""
    customer_id = message.payload["customer_id"]
    for each in sorted({customer_id, *linked_customers(customer_id)}):
        for case_id in hooks.live_cases(each):
            review_recusals(case_id=case_id, now=now)


def related_to(document: Any) -> dict[int, str]:
    """The engine's question: who may not decide on a document of one of our customers."""
    customer_id = getattr(document, "customer_id", None)
    return related_employees(customer_id) if customer_id is not None else {}
