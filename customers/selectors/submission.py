"""What the apps above ask of a customer when a document of his is submitted."""

from __future__ import annotations

from datetime import date

from customers import errors, hooks
from customers.models import Contact, Customer
from customers.rules import submission
from lending_crm.common.errors import DomainError


def main_contact(customer: Customer) -> Contact | None:
    """主联系人, the borrower; one query unless the contacts are prefetched."""
    return submission.find_main_contact(customer.contacts.all())


def submission_gaps(customer: Customer) -> list[tuple[str, object]]:
    """Empty P fields of the customer and its contacts as (field, label), for WF-08."""
    return submission.gaps(customer, customer.contacts.all())


def submission_refusals(customer: Customer, *, today: date) -> list[DomainError]:
    """CON-03, CON-04, CUS-07, CUS-09 and BUS-07 of this customer on that day."""
    found = submission.people_refusals(
        customer,
        list(customer.contacts.all()),
        list(customer.consents.all()),
        today=today,
        limits=hooks.limits(),
    )
    if customer.is_blocked:
        found.append(errors.no_new_business(customer.get_biz_status_display()))
    return found


def exposure_customers(customer: Customer) -> list[int]:
    """Ids of the customer and of every member of its group, whose exposure is added up.

    Reaches over branches: who may see the members does not matter for the sum.
    """
    if customer.group_id is None:
        return [customer.pk]
    return list(
        Customer.objects.filter(group=customer.group_id).order_by("pk").values_list("pk", flat=True)
    )
