"""Once a day: count the days overdue anew and classify (domain §5)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q

from applications.assessment import local_day
from customers.models import Customer
from funds.counting import tell_counted
from funds.models import Loan
from funds.selectors.state import state_of
from funds.services.book import refresh
from funds.services.classification import classify_customer
from lending_crm.common.outbox import publish_all
from staff.events import notice

#: overdue, or overdue for longer, than when it was counted: by what was booked since
_FALLEN_SINCE = Q(overdue_since__isnull=False, counted_since=None) | Q(
    overdue_since__lt=F("counted_since")
)
_COUNTED = (
    "overdue_since",
    "overdue_days",
    "cured_on",
    "counted_on",
    "counted_since",
    "status",
)


def count_overdue(*, now: datetime, limit: int = 500) -> int:
    """Count the running loans that were not counted today; returns of how many customers.

    A loan that a booking made overdue, or overdue for longer, after its count is counted again.
    One transaction a customer, whose loans are classified together; what other apps do about
    it (``funds.counting``) is part of it. Who is being worked on is
    skipped and taken by the next run; running it again changes nothing.
    """
    today = local_day(now)
    waiting = Loan.objects.running().filter(Q(counted_on__lt=today) | _FALLEN_SINCE)
    customers = list(
        waiting.order_by("customer").values_list("customer", flat=True).distinct()[:limit]
    )
    return sum(_count_customer(customer_id, today=today, now=now) for customer_id in customers)


@transaction.atomic
def _count_customer(customer_id: int, *, today: date, now: datetime) -> bool:
    free = Customer.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    customer = free.filter(pk=customer_id).first()
    if customer is None:
        return False
    fallen: list[Loan] = []
    locked = Loan.objects.select_for_update(of=("self",), no_key=True).order_by("id")
    loans = list(locked.running().filter(customer=customer))
    is_first = any(loan.counted_on < today for loan in loans)
    for loan in loans:
        state = state_of(loan)
        refresh(loan, state.lines, state.charges, today=today)
        if _has_fallen(loan):
            fallen.append(loan)
        loan.counted_on, loan.counted_since = today, loan.overdue_since
        loan.save(update_fields=_COUNTED)
    classify_customer(customer_id=customer_id, day=today, now=now)
    for loan in fallen:
        message = notice(
            "loan.overdue",
            [customer.owner_id],
            url=loan.get_absolute_url(),
            doc_no=loan.loan_no,
            subject=loan.loan_no,
            party=customer.name,
            date=f"{loan.overdue_since:%Y-%m-%d}",
        )
        publish_all(message, now=now)
    tell_counted(customer.pk, now, is_first=is_first)
    return True


def _has_fallen(loan: Loan) -> bool:
    """Whether the loan became overdue since its last count: in order then, or the arrears of
    then are paid and others are not."""
    since = loan.overdue_since
    return since is not None and (loan.counted_since is None or since >= loan.counted_on)
