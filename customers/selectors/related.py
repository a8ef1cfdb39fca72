"""关联人: which employees are related to a customer, by register, number and influence."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from customers.choices import InfluenceType
from customers.models import Contact, Customer, InfluenceRelation, StaffIdentity, StaffRelation
from customers.selectors.submission import exposure_customers
from staff.models import Employee

_DECLARED = gettext_noop("declared as related to the customer or its group")
_DECLARED_KIN = gettext_noop("declared as related to kin or partners of the customer's people")
_SAME_PERSON = gettext_noop("same ID number as a contact of the customer")
_SAME_KIN = gettext_noop("same ID number as kin or a partner of the customer's people")
_CONTACT = gettext_noop("same telephone number as a contact of the customer")
_INFLUENCE = gettext_noop("same telephone number as somebody with influence on the customer")
#: influence that makes one a related party oneself: 亲属 and 股权
_KIN = (InfluenceType.KINSHIP, InfluenceType.EQUITY)


def related_employees(customer_id: int) -> dict[int, str]:
    """Employees who must abstain on documents of the customer, with the reason.

    People of the customer are the contacts of it and of its group. Related is who is declared
    so, who has the ID or telephone number of one of them, and who is so tied to somebody that
    influences them or is influenced by them, also across customers (M3): by register and ID
    number where the influence is kinship or equity, by telephone whatever it is. The reason
    that weighs most is told. Seven statements.
    """
    customer = Customer.objects.filter(pk=customer_id).only("group_id").first()
    if customer is None:
        return {}
    party = exposure_customers(customer)
    own = list(
        Contact.objects.filter(customer__in=party).values_list(
            "pk", "id_no_index", "mobile", "phone2"
        )
    )
    heads = Customer.objects.filter(pk__in=party).values_list("id_no_index", "phone")
    indexes = {row[1] for row in own} | {row[0] for row in heads}
    phones = {number for row in own for number in row[2:]} | {row[1] for row in heads}
    kin, kin_indexes, linked_phones = _linked(party)
    found = _declared(party, kin)
    _add(found, _by_identity(indexes), _SAME_PERSON)
    _add(found, _by_identity(kin_indexes), _SAME_KIN)
    _add(found, _by_phone(phones), _CONTACT)
    _add(found, _by_phone(linked_phones), _INFLUENCE)
    return found


def linked_customers(customer_id: int) -> set[int]:
    """Customers whose related employees depend on the people of this one: its group, and
    whoever its people influence or are influenced by."""
    customer = Customer.objects.filter(pk=customer_id).only("group_id").first()
    group = exposure_customers(customer) if customer else []
    edges = InfluenceRelation.objects.filter(_touching([customer_id, *group]))
    ends = edges.values_list("from_contact__customer", "to_contact__customer")
    return {*group, *(pk for pair in ends for pk in pair)} - {customer_id}


def register(*, is_open: bool = True) -> QuerySet[StaffRelation]:
    """The register, the newest first; ended entries with ``is_open`` false."""
    return StaffRelation.objects.filter(ended_at__isnull=is_open).select_related(
        "employee__branch", "customer", "contact", "added_by", "ended_by"
    )


def _touching(customers: Collection[int]) -> Q:
    return Q(from_contact__customer__in=customers) | Q(to_contact__customer__in=customers)


def _linked(party: Collection[int]) -> tuple[set[int], set[str], set[str]]:
    """Those at the ends of arrows that touch the party: kin by id and ID number, all by phone."""
    kin: set[int] = set()
    indexes: set[str] = set()
    phones: set[str] = set()
    edges = InfluenceRelation.objects.filter(_touching(party)).select_related(
        "from_contact", "to_contact"
    )
    for edge in edges:
        for person in (edge.from_contact, edge.to_contact):
            phones |= {person.mobile, person.phone2}
            if edge.influence_type in _KIN:
                kin.add(person.pk)
                indexes.add(person.id_no_index)
    return kin, indexes, phones


def _declared(party: Collection[int], kin: Collection[int]) -> dict[int, str]:
    rows = (
        StaffRelation.objects.filter(ended_at=None, employee__is_active=True)
        .filter(Q(customer__in=party) | Q(contact__in=kin))
        .order_by("pk")
        .values_list("employee", "customer")
    )
    found: dict[int, str] = {}
    for employee, customer in rows:
        if customer in party:
            found[employee] = _DECLARED
        else:
            found.setdefault(employee, _DECLARED_KIN)
    return found


def _by_identity(indexes: set[str]) -> Mapping[int, str]:
    rows = StaffIdentity.objects.filter(
        id_no_index__in=indexes - {""}, employee__is_active=True
    ).order_by("employee")
    return dict(rows.values_list("employee", "id_no_index"))


def _by_phone(phones: set[str]) -> Mapping[int, str]:
    rows = Employee.objects.filter(phone__in=phones - {""}, is_active=True).order_by("pk")
    return dict(rows.values_list("pk", "phone"))


def _add(found: dict[int, str], people: Mapping[int, str], reason: str) -> None:
    for pk in people:
        found.setdefault(pk, reason)
