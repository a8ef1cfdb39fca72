"""Rules of contacts and of the arrows between them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from customers import errors
from customers.choices import ContactType, FamilyRelation, IdType
from customers.models import Contact
from customers.rules.fields import (
    CONTACT_FIELDS,
    CONTACT_TO_SAVE,
    TYPED_CONTACT_FIELDS,
)
from lending_crm.common.errors import DomainError
from lending_crm.common.identity import check_id_no, check_mobile, check_phone
from lending_crm.common.text import is_empty


def normalise(contact: Contact, *, today: date) -> list[DomainError]:
    """Numbers into their normal form; gender and birth date follow from a resident ID."""
    found: list[DomainError] = []
    contact.id_no = "".join(contact.id_no.split()).upper()
    if contact.id_type == IdType.ID_CARD:
        contact.gender, contact.birth_date = "", None
        try:
            if contact.id_no:
                facts = check_id_no(contact.id_no, today=today)
                contact.id_no, contact.gender = facts.number, facts.gender
                contact.birth_date = facts.birth_date
        except DomainError as refusal:
            found.append(refusal)
    else:
        contact.gender, contact.birth_date = "", None
    try:
        if contact.mobile:
            contact.mobile = check_mobile(contact.mobile)
    except DomainError as refusal:
        found.append(refusal)
    try:
        if contact.phone2:
            contact.phone2 = check_phone(contact.phone2, field="phone2")
    except DomainError as refusal:
        found.append(refusal)
    return found


def check_contact(
    contact: Contact, siblings: Iterable[Contact], *, today: date
) -> list[DomainError]:
    """Every reason why the contact cannot be saved.

    ``siblings`` are the customer's other contacts, read under the customer's lock.
    """
    found = [
        errors.empty_field(name)
        for name in CONTACT_TO_SAVE[contact.contact_type]
        if is_empty(getattr(contact, name))
    ]
    found += normalise(contact, today=today)
    others = [other for other in siblings if other.pk != contact.pk]
    if contact.is_main and any(other.is_main for other in others):
        found.append(errors.second_main_contact())
    if contact.contact_type == ContactType.SHAREHOLDER and contact.share_pct is not None:
        found += _check_shares(contact, others)
    if is_spouse(contact) and any(is_spouse(other) for other in others):
        found.append(errors.second_spouse())
    if contact.id_no and any(
        other.contact_type == contact.contact_type and other.id_no == contact.id_no
        for other in others
    ):
        found.append(errors.same_person_twice())
    return found


def clear_foreign_fields(contact: Contact) -> None:
    """Empty what belongs to another contact type, for example after the type was changed."""
    for name in TYPED_CONTACT_FIELDS:
        if name not in CONTACT_FIELDS[contact.contact_type]:
            field = Contact._meta.get_field(name)
            setattr(contact, name, None if field.null else "")


def is_spouse(contact: Contact) -> bool:
    return (
        contact.contact_type == ContactType.FAMILY
        and contact.family_relation == FamilyRelation.SPOUSE
    )


def _check_shares(contact: Contact, others: Iterable[Contact]) -> list[DomainError]:
    share = contact.share_pct or Decimal(0)
    if share > 100:
        return [errors.wrong_percentage("share_pct")]
    total = share + sum(
        (
            other.share_pct
            for other in others
            if other.contact_type == ContactType.SHAREHOLDER and other.share_pct is not None
        ),
        Decimal(0),
    )
    return [errors.shares_above_100(total)] if total > 100 else []
