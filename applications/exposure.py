"""敞口 (domain §2.3): what the lender has or would have out to a customer and its group.

This is the one place that knows what counts: of each approval that is valid and not ended,
the part that is not paid out yet, and of what was paid out the principal that is unpaid. The
second comes from the loan ledger (``applications.hooks``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from applications.hooks import Outstanding, outstanding
from applications.models import BusinessApplication

if TYPE_CHECKING:
    from customers.models import Customer

_NOTHING = Outstanding(disbursed=Decimal("0.00"), unpaid=Decimal("0.00"))


@dataclass(frozen=True)
class Exposure:
    """Yuan, this request included; ``group`` covers the borrower too."""

    borrower: Decimal
    group: Decimal


def exposure_of(
    customer: Customer, *, request: Decimal, excluding: int | None, day: date
) -> Exposure:
    """This request plus what the customer and its related group owe on ``day``.

    ``excluding`` is the id of the application that ``request`` stands for. One query, and one
    of the ledger when there are other approvals.
    """
    others = BusinessApplication.objects.of_party(customer).committed(day=day)
    if excluding is not None:
        others = others.exclude(pk=excluding)
    rows = list(others.values_list("pk", "customer_id", "approved_amount"))
    known = outstanding([pk for pk, _customer, _amount in rows], day)
    borrower = group = request
    for pk, customer_id, approved in rows:
        found = known.get(pk, _NOTHING)
        committed = max((approved or Decimal(0)) - found.disbursed, Decimal(0)) + found.unpaid
        group += committed
        if customer_id == customer.pk:
            borrower += committed
    return Exposure(borrower=borrower, group=group)
