"""Once a day: count the days overdue anew and classify (domain §5)."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from applications.assessment import local_day
from customers.models import Customer
from funds.counting import tell_counted
from funds.models import Loan
from funds.selectors.state import state_of
from funds.services.book import refresh
from funds.services.classification import classify_customer
from lending_crm.common.outbox import publish_all
from staff.events import notice


def count_overdue(*, now: datetime, limit: int = 500) -> int:
    """Count the running loans that were not counted today; returns of how many customers.

    One transaction a customer, whose loans are classified together; what other apps do about
    it (``funds.counting``) is part of it. Who is being worked on is
    skipped and taken by the next run; running it again changes nothing.
    """
    today = local_day(now)
    waiting = Loan.objects.running().filter(counted_on__lt=today)
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
    loans = Loan.objects.select_for_update(of=("self",), no_key=True).order_by("id")
    for loan in loans.running().filter(customer=customer):
        state = state_of(loan)
        was_in_order = loan.overdue_since is None
        refresh(loan, state.lines, state.charges, today=today)
        loan.save(
            update_fields=["overdue_since", "overdue_days", "cured_on", "counted_on", "status"]
        )
        if was_in_order and loan.overdue_since is not None:
            fallen.append(loan)
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
    tell_counted(customer.pk, now)
    return True
