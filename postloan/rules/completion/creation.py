"""Who may complete which customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from applications.permissions import may_apply
from documents.rules import refuse_unless
from postloan.rules.completion import refusals
from postloan.selectors.completion import completable

if TYPE_CHECKING:
    from customers.models import Customer
    from lending_crm.common.errors import DomainError
    from staff.models import Employee


def may_complete(customer: Customer, user: Employee) -> bool:
    """The customer's account manager (domain §2.3)."""
    return may_apply(user) and customer.owner_id == user.pk


def refuse_wrong_person(customer: Customer, *, actor: Employee) -> None:
    refuse_unless(may_complete(customer, actor))


def customer_refusal(customer: Customer) -> DomainError | None:
    """CMP-09 while no business of the customer could be completed."""
    if not completable(customer.pk).exists():
        return refusals.nothing_to_complete()
    return None
