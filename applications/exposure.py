"""敞口 (domain §2.3): what the lender would have out to a customer and its group.

This is the one place that knows where unpaid principal comes from. Until the loan ledger
exists, approvals that are valid and not ended stand for it with their approved amount.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q, Sum

from applications.models import BusinessApplication

if TYPE_CHECKING:
    from customers.models import Customer


@dataclass(frozen=True)
class Exposure:
    """Yuan, this request included; ``group`` covers the borrower too."""

    borrower: Decimal
    group: Decimal


def exposure_of(
    customer: Customer, *, request: Decimal, excluding: int | None, day: date
) -> Exposure:
    """This request plus what the customer and its related group owe on ``day``.

    ``excluding`` is the id of the application that ``request`` stands for. One query.
    """
    others = BusinessApplication.objects.of_party(customer).committed(day=day)
    if excluding is not None:
        others = others.exclude(pk=excluding)
    sums = others.aggregate(
        borrower=Sum("approved_amount", filter=Q(customer=customer)),
        group=Sum("approved_amount"),
    )
    return Exposure(
        borrower=request + (sums["borrower"] or Decimal("0.00")),
        group=request + (sums["group"] or Decimal("0.00")),
    )
