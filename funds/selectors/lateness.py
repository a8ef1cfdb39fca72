"""How often customers paid late, as a work handover asks (HND-07)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import Q

from funds.choices import LineStatus, LoanStatus, ScheduleState
from funds.models import ScheduleLine

_WAS_LATE = Q(penalty__gt=0) | Q(late_interest__gt=0)


def times_overdue(customer_ids: Collection[int], *, day: date) -> dict[int, int]:
    """By customer how many instalments of all its loans were or are overdue; one query.

    An instalment that a later schedule carries over is counted once.
    """
    is_late = Q(due__lt=day, version__state=ScheduleState.CURRENT) & ~Q(status=LineStatus.PAID)
    late = ScheduleLine.objects.filter(
        _WAS_LATE | is_late, version__loan__customer__in=customer_ids
    ).exclude(version__loan__status=LoanStatus.REVERSED)
    rows = late.order_by().values_list("version__loan__customer", "version__loan", "due")
    found: dict[int, int] = {}
    for customer, _loan, _due in rows.distinct():
        found[customer] = found.get(customer, 0) + 1
    return found
