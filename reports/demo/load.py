"""Load the demo as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction

from customers.models import Customer
from reports.demo.business import start_business
from reports.demo.catalogue import build_catalogue
from reports.demo.clock import Clock
from reports.demo.messages import deliver_messages, keep_phrases
from reports.demo.organisation import FIRST_NUMBER, build_company, enter_addresses
from reports.demo.people import ADMINISTRATOR
from reports.demo.ties import tie_customers
from reports.demo.world import World
from staff.calendar import load_calendar
from staff.models import Branch, Employee

#: working hours before the present at which the lender began to use the product
_BEGINNING = 2120.0
Tell = Callable[[str], None]


def is_loaded() -> bool:
    return Employee.objects.filter(username=ADMINISTRATOR.login, employee_no=FIRST_NUMBER).exists()


def holds_data() -> bool:
    """Somebody has begun to use this database: people, branches or customers."""
    return any(model.objects.exists() for model in (Employee, Branch, Customer))


@transaction.atomic
def load_demo(*, now: datetime, tell: Tell) -> None:
    """Make the whole demo in one transaction.

    An interrupted run leaves nothing behind, and a worker that is running sees no message
    of the past before it has been delivered here.
    """
    clock = Clock(now, load_calendar())
    begun = clock.ago(_BEGINNING)
    tell("Opening branches and taking people on …")
    company = build_company(now=begun)
    build_catalogue(
        administrator=company.administrator,
        accountant=company.people["fin"],
        now=begun,
        until=now,
    )
    world = World.around(company, clock)
    number = start_business(world)
    tell(f"Living through a year with {number} customers …")
    world.timeline.run(reached=_each_month(tell))
    tie_customers(company, now=clock.ago(0))
    tell("Delivering the messages that this caused …")
    keep_phrases(world, now=now)
    deliver_messages(world, now=clock.ago(0))
    enter_addresses(company, now=now)


def _each_month(tell: Tell) -> Callable[[datetime], None]:
    """Names a month when the stories get there."""
    last = ""

    def reached(moment: datetime) -> None:
        nonlocal last
        month = f"{moment:%Y-%m}"
        if month != last:
            last = month
            tell(f"  {month}")
            # The planner knows nothing of what one long transaction has written. A table that
            # the server analyses by itself at this moment is not waited for.
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE (SKIP_LOCKED)")

    return reached
