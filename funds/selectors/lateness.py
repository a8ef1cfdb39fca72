"""How often and how long customers paid late (HND-07, X2, X5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db.models import DateField, F, Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from funds.choices import LineStatus, LoanStatus, ScheduleState
from funds.models import ScheduleLine, ScheduleVersion

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


def longest_overdue(customer_ids: Collection[int], *, since: date, day: date) -> dict[int, int]:
    """By customer the most days that an instalment was overdue after ``since``; one query.

    From the due date until principal and interest were cleared, until a later schedule took
    the instalment over (one that is still owed goes on there), or until ``day``.
    """
    later = ScheduleVersion.objects.filter(
        loan=OuterRef("version__loan"), no__gt=OuterRef("version__no")
    ).exclude(state=ScheduleState.REVERSED)
    owed = F("principal") + F("interest") + F("late_interest")
    settled = F("principal_paid") + F("interest_paid") + F("interest_waived")
    rows = (
        ScheduleLine.objects.filter(version__loan__customer__in=customer_ids, due__lt=day)
        .exclude(version__state=ScheduleState.REVERSED)
        .alias(
            in_arrears=owed - settled,
            ended=Coalesce(
                "cleared_on",
                Subquery(later.order_by("no").values("starts_on")[:1]),
                Value(day),
                output_field=DateField(),
            ),
        )
        .filter(Q(cleared_on__isnull=False) | Q(in_arrears__gt=0))
        .filter(ended__gt=since, due__lt=F("ended"))
        .order_by()
        .values_list("version__loan__customer")
        .annotate(longest=Max(F("ended") - F("due")))
    )
    return {customer: longest.days for customer, longest in rows}
