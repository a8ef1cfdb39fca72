"""业绩分成: a closed deal counts half for who found the customer, half for who closed it (X2)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from customers.choices import CreditPart, GradeEvent
from customers.models import CreditShare, Opportunity
from customers.services.pool import note_grade

_WHOLE, _HALF = Decimal(100), Decimal(50)


def share_credit(opportunity: Opportunity, *, now: datetime) -> list[CreditShare]:
    """Write down who earned the deal, inside the transaction that closes it.

    First handler is who entered the customer, closing handler its account manager now; where
    they are one person, the whole is his.
    """
    customer = opportunity.customer
    first, closing = customer.creator_id, customer.owner_id
    parts = {CreditPart.CLOSING: (closing, _WHOLE)}
    if first != closing:
        parts = {CreditPart.FIRST: (first, _HALF), CreditPart.CLOSING: (closing, _HALF)}
    shares = CreditShare.objects.bulk_create(
        CreditShare(
            opportunity=opportunity, employee_id=employee, part=part, percent=percent, at=now
        )
        for part, (employee, percent) in parts.items()
    )
    note_grade(customer, GradeEvent.WON, by=None, at=now)
    return shares
