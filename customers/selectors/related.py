"""关联人: which employees are related to a customer, as far as contacts and influence tell."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from customers.models import Contact, InfluenceRelation
from customers.models.customer import Customer
from staff.models import Employee

_CONTACT = gettext_noop("same telephone number as a contact of the customer")
_INFLUENCE = gettext_noop("same telephone number as somebody with influence on the customer")


def related_employees(customer_id: int) -> dict[int, str]:
    """Employees who are, or share a telephone with, people of the customer; with the reason.

    People of the customer are its contacts, and whoever influences one of them or is
    influenced by one, also across customers (M3). Three statements.
    """
    own = _numbers(Contact.objects.filter(customer=customer_id))
    own |= set(Customer.objects.filter(pk=customer_id).values_list("phone", flat=True))
    edges = InfluenceRelation.objects.filter(
        Q(from_contact__customer=customer_id) | Q(to_contact__customer=customer_id)
    ).values_list(
        "from_contact__mobile", "from_contact__phone2", "to_contact__mobile", "to_contact__phone2"
    )
    linked = {number for row in edges for number in row}
    numbers = (own | linked) - {""}
    found = Employee.objects.filter(phone__in=numbers, is_active=True)
    return {
        pk: _CONTACT if phone in own else _INFLUENCE
        for pk, phone in found.order_by("pk").values_list("pk", "phone")
    }


def linked_customers(customer_id: int) -> set[int]:
    """Customers whose people influence people of this one, or are influenced by them."""
    edges = InfluenceRelation.objects.filter(
        Q(from_contact__customer=customer_id) | Q(to_contact__customer=customer_id)
    )
    ends = edges.values_list("from_contact__customer", "to_contact__customer")
    return {pk for pair in ends for pk in pair} - {customer_id}


def _numbers(contacts: QuerySet[Contact]) -> set[str]:
    return {number for row in contacts.values_list("mobile", "phone2") for number in row}
