"""关联风险提示: which other customers share people, numbers or addresses with this one (M3).

The search reaches over branches, for a link that nobody sees is the very risk; what a reader
gets of a customer outside his sight is only that there is one (N26).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from customers.choices import HintKind, InfluenceType
from customers.models import Contact, Customer, InfluenceRelation
from staff.models import Employee

Record = Contact | Customer
Found = list[tuple[Record, Record, HintKind]]
#: the rows looked at of each kind; a number that more share is a switchboard
_MOST = 100


@dataclass(frozen=True)
class Hint:
    """Two records that belong to different customers, and why they may hang together."""

    mine: Record
    other: Record
    kinds: tuple[HintKind, ...]

    @property
    def other_customer(self) -> Customer:
        return self.other.customer if isinstance(self.other, Contact) else self.other


@dataclass(frozen=True)
class Hints:
    """``has_hidden``: at least one more leads to a customer that the reader may not see."""

    shown: list[Hint] = field(default_factory=list)
    has_hidden: bool = False


def risk_hints(
    user: Employee,
    customer: Customer,
    contacts: Sequence[Contact],
    crossing: Sequence[InfluenceRelation],
) -> Hints:
    """Hints of the customer; ``crossing`` are its arrows over customers, in sight or not."""
    found: Found = []
    for relation in crossing:
        start, end = relation.from_contact, relation.to_contact
        if start.customer_id != customer.pk:
            start, end = end, start
        guarantees = relation.influence_type == InfluenceType.GUARANTEE
        found.append((start, end, HintKind.GUARANTEE if guarantees else HintKind.INFLUENCE))
    found += _people(customer, contacts)
    found += _companies(customer, contacts)
    others = {_customer_id(other) for _mine, other, _kind in found}
    seen = set(Customer.objects.visible_to(user).filter(pk__in=others).values_list("pk", flat=True))
    merged: dict[tuple[str, str], tuple[Record, Record, list[HintKind]]] = {}
    for mine, other, kind in found:
        if _customer_id(other) not in seen:
            continue
        kinds = merged.setdefault((key_of(mine), key_of(other)), (mine, other, []))[2]
        if kind not in kinds:
            kinds.append(kind)
    return Hints(
        [Hint(mine, other, tuple(kinds)) for mine, other, kinds in merged.values()],
        has_hidden=bool(others - seen),
    )


def key_of(record: Record) -> str:
    """The node of the record in a drawing."""
    return f"{'p' if isinstance(record, Contact) else 'c'}{record.pk}"


def _customer_id(record: Record) -> int:
    return record.customer_id if isinstance(record, Contact) else record.pk


def _people(customer: Customer, contacts: Sequence[Contact]) -> Found:
    """Contacts of other customers with the number of one of ours."""
    indexes = {c.id_no_index for c in contacts} | {customer.id_no_index}
    phones = {number for c in contacts for number in (c.mobile, c.phone2)} | {customer.phone}
    indexes, phones = indexes - {""}, phones - {""}
    own: list[Record] = [*contacts, customer]
    rows = (
        Contact.objects.exclude(customer=customer)
        .filter(Q(id_no_index__in=indexes) | Q(mobile__in=phones) | Q(phone2__in=phones))
        .select_related("customer")
        .order_by("pk")[:_MOST]
    )
    found: Found = []
    for other in rows:
        for mine in own:
            if mine.id_no_index and mine.id_no_index == other.id_no_index:
                found.append((mine, other, HintKind.SAME_PERSON))
            if _phones(mine) & _phones(other):
                found.append((mine, other, HintKind.SAME_PHONE))
    return found


def _companies(customer: Customer, contacts: Sequence[Contact]) -> Found:
    """Other customers with our heads, address, telephone or number."""
    heads = _heads(customer)
    addresses = _addresses(customer)
    own: list[Record] = [*contacts, customer]
    phones = {number for record in own for number in _phones(record)}
    indexes = {record.id_no_index for record in own} - {""}
    rows = (
        Customer.objects.exclude(pk=customer.pk)
        .filter(
            Q(legal_rep__in=heads)
            | Q(controller__in=heads)
            | Q(reg_addr__in=addresses)
            | Q(biz_addr__in=addresses)
            | Q(phone__in=phones)
            | Q(id_no_index__in=indexes)
        )
        .order_by("pk")[:_MOST]
    )
    found: Found = []
    for other in rows:
        if heads & _heads(other):
            found.append((customer, other, HintKind.SAME_LEGAL))
        if addresses & _addresses(other):
            found.append((customer, other, HintKind.SAME_ADDRESS))
        for mine in own:
            if _phones(mine) & _phones(other):
                found.append((mine, other, HintKind.SAME_PHONE))
            if mine.id_no_index and mine.id_no_index == other.id_no_index:
                found.append((mine, other, HintKind.SAME_PERSON))
    return found


def _phones(record: Record) -> set[str]:
    numbers = {record.phone} if isinstance(record, Customer) else {record.mobile, record.phone2}
    return numbers - {""}


def _heads(customer: Customer) -> set[str]:
    return {customer.legal_rep, customer.controller} - {""}


def _addresses(customer: Customer) -> set[str]:
    return {customer.reg_addr, customer.biz_addr} - {""}
