"""敞口 (domain §2.3): what the lender would have out to a customer and its group.

This is the one place that knows where unpaid principal comes from. Until the loan ledger
exists, approvals that are valid and not ended stand for it with their approved amount.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q, Sum

from applications.models import BusinessApplication, LenderSetting
from customers.hooks import Exposures

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


def exposures_of(customer_ids: Collection[int], day: date) -> Exposures:
    """What each of the customers owes on ``day``, and the lender's limits. Two queries."""
    rows = (
        BusinessApplication.objects.filter(customer__in=customer_ids)
        .committed(day=day)
        .order_by()
        .values_list("customer")
        .annotate(sum=Sum("approved_amount"))
    )
    setting = LenderSetting.objects.get(pk=1)
    return Exposures(
        dict(rows),
        setting.limit_of(setting.borrower_limit_percent),
        setting.limit_of(setting.group_limit_percent),
    )
