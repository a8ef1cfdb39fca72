"""个人信息授权书: keep the signed paper, note when it is withdrawn (R10)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from customers import errors
from customers.choices import ConsentPurpose, CustomerType
from customers.models import Consent, Contact, Customer
from customers.rules.permissions import may_edit
from customers.services.guards import already_created, lock_customer, today_of
from customers.services.log import LANGUAGE_OF_RECORD, note_event
from documents.services.files import store_upload
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.text import clean_line
from staff.models import Employee
from staff.services.guards import lock_row


def add_consent(
    *,
    customer: Customer,
    contact: Contact | None,
    upload: UploadedFile,
    purposes: Sequence[str],
    granted_on: date,
    valid_until: date | None,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
    creation_key: uuid.UUID | None = None,
) -> Consent:
    """Keep a signed consent of a contact, or of the customer himself (``contact`` empty).

    Raises CUS-11, CUS-17 (purpose, person), CUS-21 (date), CUS-30 (period), CUS-22
    (contact of another customer), ATT-02 (file).
    """
    if not may_edit(actor, customer):
        raise errors.not_the_owner()
    refuse_all(_check(customer, contact, purposes, granted_on, valid_until, today_of(now)))
    # Checking and keeping the bytes takes a while: never under the customer's lock.
    file = store_upload(upload=upload, actor=actor, now=now)
    with transaction.atomic():
        locked = lock_customer(customer.pk, actor=actor)
        if known := already_created(Consent, creation_key, actor=actor):
            return known
        consent = Consent.objects.create(
            customer=locked,
            contact=contact,
            file=file,
            file_name=clean_line(upload.name or "")[-255:],
            purposes=list(dict.fromkeys(purposes)),
            granted_on=granted_on,
            valid_until=valid_until,
            creation_key=creation_key,
            added_by=actor,
            added_at=now,
        )
        _note(consent, old="", new=_text(consent), actor=actor, now=now, ip=ip)
    return consent


@transaction.atomic
def revoke_consent(
    *, consent: Consent, actor: Employee, now: datetime, ip: str | None = None
) -> Consent:
    """The person withdrew it: from now on it no longer carries a submission."""
    lock_customer(consent.customer_id, actor=actor)
    locked = lock_row(Consent, consent.pk)
    if locked.revoked_at is not None:
        return locked
    locked.revoked_at, locked.revoked_by = now, actor
    locked.save(update_fields=["revoked_at", "revoked_by"])
    with translation.override(LANGUAGE_OF_RECORD):
        revoked = _("revoked")
    _note(locked, old=_text(locked), new=revoked, actor=actor, now=now, ip=ip)
    return locked


def _check(
    customer: Customer,
    contact: Contact | None,
    purposes: Sequence[str],
    granted_on: date,
    valid_until: date | None,
    today: date,
) -> list[DomainError]:
    found: list[DomainError] = []
    if contact is not None and contact.customer_id != customer.pk:
        found.append(errors.wrong_customer("contact"))
    if contact is None and customer.customer_type != CustomerType.PERSON:
        found.append(errors.empty_field("contact"))
    if not purposes:
        found.append(errors.empty_field("purposes"))
    if any(purpose not in ConsentPurpose.values for purpose in purposes):
        found.append(errors.wrong_choice("purposes"))
    if granted_on > today:
        found.append(errors.not_in_future("granted_on"))
    elif valid_until and valid_until < granted_on:
        found.append(errors.wrong_period())
    return found


def _text(consent: Consent) -> str:
    with translation.override(LANGUAGE_OF_RECORD):
        return f"{consent} {consent.granted_on:%Y-%m-%d} {'、'.join(consent.purpose_labels)}"


def _note(
    consent: Consent, *, old: str, new: str, actor: Employee, now: datetime, ip: str | None
) -> None:
    note_event(
        instance=consent.customer, field="consents", old=old, new=new, actor=actor, now=now, ip=ip
    )
