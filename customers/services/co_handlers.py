"""协办人 of a customer in asset recovery: who helps when the former account manager leaves."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from customers import errors
from customers.models import Customer
from customers.rules.permissions import may_help
from customers.services.log import ChangeLog
from documents import errors as document_errors
from staff.models import Employee
from staff.services.guards import lock_row


@transaction.atomic
def change_co_handler(
    *,
    customer_id: int,
    giver: Employee,
    successor: Employee | None,
    actor: Employee,
    now: datetime,
) -> Customer:
    """Another account manager of the customer's department helps asset recovery with it.

    Raises HND-11 when ``giver`` helps no more, HND-09 without a successor, HND-01 for himself,
    and CUS-14 for who cannot keep customers of that department.
    """
    locked = lock_row(Customer, customer_id)
    if locked.co_handler_id != giver.pk:
        raise document_errors.not_his_any_more(giver.name)
    if successor is None:
        raise document_errors.needs_successor()
    if successor.pk == giver.pk:
        raise document_errors.same_handler()
    if not may_help(successor, locked):
        raise errors.wrong_receiver()
    log = ChangeLog(locked, ("co_handler",))
    locked.co_handler = successor
    locked.version += 1
    locked.updated_at = now
    locked.save()
    log.write(locked, actor=actor, now=now, ip=None)
    return locked
