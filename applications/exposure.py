"""敞口 (domain §2.3): what the lender has or would have out to a customer and its group.

This is the one place that knows what counts: of each approval that is valid and not ended,
the part that is not paid out yet, and of what was paid out the principal that is unpaid. The
second comes from the loan ledger (``applications.hooks``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from applications.hooks import Outstanding, outstanding
from applications.models import BusinessApplication, LenderSetting
from customers.hooks import Exposures

if TYPE_CHECKING:
    from applications.querysets import BusinessApplicationQuerySet
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
    borrower = group = request
    for customer_id, committed in _committed(others, day):
        group += committed
        if customer_id == customer.pk:
            borrower += committed
    return Exposure(borrower=borrower, group=group)


def exposures_of(customer_ids: Collection[int], day: date) -> Exposures:
    """What each of the customers owes on ``day``, and the lender's limits."""
    others = BusinessApplication.objects.filter(customer__in=customer_ids).committed(day=day)
    sums: dict[int, Decimal] = defaultdict(Decimal)
    for customer_id, committed in _committed(others, day):
        sums[customer_id] += committed
    setting = LenderSetting.objects.get(pk=1)
    return Exposures(
        dict(sums),
        setting.limit_of(setting.borrower_limit_percent),
        setting.limit_of(setting.group_limit_percent),
    )


def _committed(
    applications: BusinessApplicationQuerySet, day: date
) -> Iterator[tuple[int, Decimal]]:
    """For each approval its customer, and what may still go out plus what is not yet repaid."""
    rows = list(applications.values_list("pk", "customer_id", "approved_amount"))
    known = outstanding([pk for pk, _customer, _amount in rows], day)
    for pk, customer_id, approved in rows:
        found = known.get(pk, _NOTHING)
        yield (
            customer_id,
            max((approved or Decimal(0)) - found.disbursed, Decimal(0)) + found.unpaid,
        )
