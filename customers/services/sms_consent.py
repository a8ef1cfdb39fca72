"""短信接收同意 of customers and contacts; the proof is kept by the app that sends (R12)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from customers.models import Contact, Customer
from customers.services.guards import lock_customer
from customers.services.log import ChangeLog
from staff.models import Employee
from staff.services.guards import lock_row

_LOGGED = ("sms_consent",)


@transaction.atomic
def set_sms_consent(
    *,
    record: Customer | Contact,
    agrees: bool,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> Customer | Contact:
    """Note what the person said; by the customer's account manager alone (CUS-11)."""
    if isinstance(record, Customer):
        stored: Customer | Contact = lock_customer(record.pk, actor=actor)
    else:
        customer = lock_customer(record.customer_id, actor=actor)
        stored = lock_row(Contact, record.pk)
        stored.customer = customer
    _set(stored, agrees, actor=actor, now=now, ip=ip)
    return stored


@transaction.atomic
def withdraw_sms_consents(*, number: str, now: datetime) -> int:
    """The owner of a mobile number refuses text messages: nobody's act, so without an actor.

    Every customer and contact with that number is concerned; returns how many had agreed.
    """
    concerned: list[Customer | Contact] = [
        *Customer.objects.select_for_update(of=("self",), no_key=True)
        .filter(phone=number, sms_consent=True)
        .order_by("pk"),
        *Contact.objects.select_for_update(of=("self",), no_key=True)
        .filter(mobile=number, sms_consent=True)
        .order_by("pk"),
    ]
    for record in concerned:
        _set(record, False, actor=None, now=now, ip=None)
    return len(concerned)


def _set(
    record: Customer | Contact,
    agrees: bool,
    *,
    actor: Employee | None,
    now: datetime,
    ip: str | None,
) -> None:
    log = ChangeLog(record, _LOGGED)
    record.sms_consent = agrees
    if isinstance(record, Customer):
        record.sms_consent_at = now if agrees else None
    record.version += 1
    record.updated_at = now
    record.save()
    log.write(record, actor=actor, now=now, ip=ip)
