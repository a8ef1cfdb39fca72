"""Enter, change and delete the people around a customer."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import translation
from django.utils.translation import gettext as _

from customers import errors, hooks
from customers.choices import ContactType
from customers.models import Contact, Customer
from customers.rules.contacts import check_contact, clear_foreign_fields
from customers.rules.fields import CONTACT_FIELDS
from customers.rules.values import clean_values
from customers.services.guards import (
    already_created,
    author_of,
    ensure_version,
    keep_masked_numbers,
    lock_customer,
    today_of,
)
from customers.services.log import LANGUAGE_OF_RECORD, ChangeLog, note_event
from customers.services.relations import people_changed
from lending_crm.common.errors import DomainError, refuse_all
from staff.models import Employee
from staff.services.guards import lock_row, refusing

_LOGGED = (
    *dict.fromkeys(name for names in CONTACT_FIELDS.values() for name in names),
    "gender",
    "birth_date",
)
_IDENTITY = ("name", "id_type", "id_no", "contact_type")


@transaction.atomic
def create_contact(
    *,
    customer: Customer,
    data: Mapping[str, Any],
    actor: Employee,
    now: datetime,
    ip: str | None = None,
    creation_key: uuid.UUID | None = None,
    entered_by: Employee | None = None,
) -> Contact:
    """Add a contact to a customer of the actor's own; ``entered_by`` does it for him.

    Raises CUS-11 and, all at once, CUS-02, CUS-04, CON-01, CON-02, CON-05, CON-06, CUS-17.
    """
    locked = lock_customer(customer.pk, actor=actor)
    author = author_of(actor, entered_by)
    if known := already_created(Contact, creation_key, actor=author):
        return known
    contact = Contact(
        customer=locked,
        creation_key=creation_key,
        creator=author,
        created_at=now,
        updated_at=now,
    )
    log = ChangeLog(contact, _LOGGED)
    refuse_all(_apply(contact, data, now=now))
    _save(contact)
    log.write(contact, actor=author, now=now, ip=ip)
    _note(contact, old="", new=_label(contact), actor=author, now=now, ip=ip)
    people_changed(customer.pk, now=now)
    return contact


@transaction.atomic
def update_contact(
    *,
    contact: Contact,
    data: Mapping[str, Any],
    version: int | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> Contact:
    """Change some fields; the customer of a contact never changes.

    Raises what ``create_contact`` raises, WF-12, and CUS-10 for the borrower's name and
    number while a document is under approval.
    """
    customer = lock_customer(contact.customer_id, actor=actor)
    locked = lock_row(Contact, contact.pk)
    locked.customer = customer
    ensure_version(locked, version)
    was_main = locked.is_main
    before = {name: getattr(locked, name) for name in _IDENTITY}
    log = ChangeLog(locked, _LOGGED)
    refusals = _apply(locked, keep_masked_numbers(locked, data), now=now)
    changed = [name for name in _IDENTITY if getattr(locked, name) != before[name]]
    if was_main and changed and hooks.has_open_documents(customer.pk):
        refusals += [errors.identity_locked(name) for name in changed]
    refuse_all(refusals)
    locked.version += 1
    locked.updated_at = now
    _save(locked)
    log.write(locked, actor=actor, now=now, ip=ip)
    people_changed(customer.pk, now=now)
    return locked


@transaction.atomic
def delete_contact(
    *,
    contact: Contact,
    actor: Employee,
    now: datetime,
    version: int | None = None,
    ip: str | None = None,
) -> None:
    """Remove a contact with its relations; the customer's change log keeps the name.

    Raises CUS-11, WF-12, CUS-10 (the borrower of a running case), CON-07 (documents).
    """
    customer = lock_customer(contact.customer_id, actor=actor)
    locked = lock_row(Contact, contact.pk)
    locked.customer = customer
    ensure_version(locked, version)
    if locked.is_main and hooks.has_open_documents(customer.pk):
        raise errors.identity_locked("name")
    label = _label(locked)
    _note(locked, old=label, new="", actor=actor, now=now, ip=ip)
    try:
        with transaction.atomic():
            locked.delete()
    except ProtectedError:
        raise errors.contact_in_use() from None
    people_changed(customer.pk, now=now)


def _apply(contact: Contact, data: Mapping[str, Any], *, now: datetime) -> list[DomainError]:
    unknown = sorted(set(data) - set(_LOGGED))
    if unknown:
        raise TypeError(f"not fields that a person may fill: {unknown}")
    cleaned, found = clean_values(Contact, data)
    for name, value in cleaned.items():
        setattr(contact, name, value)
    if contact.contact_type not in ContactType.values:
        return found or [errors.empty_field("contact_type")]
    clear_foreign_fields(contact)
    refused = {refusal.field for refusal in found}
    siblings = list(contact.customer.contacts.all())
    found += [
        refusal
        for refusal in check_contact(contact, siblings, today=today_of(now))
        if refusal.field not in refused
    ]
    return found


def _save(contact: Contact) -> None:
    with refusing(
        {
            "contact_one_main": errors.second_main_contact,
            "contact_one_spouse": errors.second_spouse,
            "contact_once_per_type": errors.same_person_twice,
        }
    ):
        contact.save()


def _label(contact: Contact) -> str:
    with translation.override(LANGUAGE_OF_RECORD):
        return _("%(type)s %(name)s") % {
            "type": contact.get_contact_type_display(),
            "name": contact.name,
        }


def _note(
    contact: Contact, *, old: str, new: str, actor: Employee, now: datetime, ip: str | None
) -> None:
    note_event(
        instance=contact.customer, field="contacts", old=old, new=new, actor=actor, now=now, ip=ip
    )
