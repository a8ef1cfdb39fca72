"""The two related lists of a contact, and who may be put on them."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from customers.models import Contact, Customer, InfluenceRelation
from staff.models import Employee


def related_customers(customer: Customer) -> Q:
    """The customer itself, its group, its principal and the companies that name it so."""
    related = Q(pk=customer.pk) | Q(principal_customer=customer.pk)
    if customer.principal_customer_id is not None:
        related |= Q(pk=customer.principal_customer_id)
    if customer.group_id is not None:
        related |= Q(group=customer.group_id)
    return related


def contacts_on_offer(contact: Contact, *, user: Employee) -> QuerySet[Contact]:
    """Contacts of the same or a related customer that the user may see (INF-03, N26)."""
    customers = Customer.objects.filter(related_customers(contact.customer))
    return (
        Contact.objects.visible_to(user)
        .filter(customer__in=customers)
        .exclude(pk=contact.pk)
        .select_related("customer")
        .order_by("customer_id", "contact_type", "id")
    )


def influenced_by(contact: Contact, *, user: Employee) -> QuerySet[InfluenceRelation]:
    """① 可影响该联系人的关系: arrows that end here, from contacts the user may see."""
    return (
        contact.influenced_by.filter(from_contact__in=Contact.objects.visible_to(user))
        .select_related("from_contact__customer")
        .order_by("-strength", "id")
    )


def influences(contact: Contact, *, user: Employee) -> QuerySet[InfluenceRelation]:
    """② 该联系人可影响的关系: arrows that start here."""
    return (
        contact.influences.filter(to_contact__in=Contact.objects.visible_to(user))
        .select_related("to_contact__customer")
        .order_by("-strength", "id")
    )


def relations_of(contact: Contact, *, user: Employee) -> QuerySet[InfluenceRelation]:
    """Arrows from and to the contact whose other end is in sight."""
    return relations_visible_to(user).filter(Q(from_contact=contact) | Q(to_contact=contact))


def relations_visible_to(user: Employee) -> QuerySet[InfluenceRelation]:
    """Arrows with both ends in sight."""
    contacts = Contact.objects.visible_to(user)
    return InfluenceRelation.objects.filter(
        from_contact__in=contacts, to_contact__in=contacts
    ).select_related("from_contact__customer", "to_contact__customer")
