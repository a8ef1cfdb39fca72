"""Consent to text messages: kept with its proof, taken back by one letter (R12)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from customers.models import Contact, Customer
from customers.rules.values import clean_values
from customers.services.sms_consent import set_sms_consent, withdraw_sms_consents
from lending_crm.common.crypto import blind_index
from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.identity import check_mobile, mask_phone
from lending_crm.common.text import clean_line, clean_text
from sms import errors
from sms.choices import ConsentMeans, Kind, Status
from sms.gateways.base import Reply
from sms.models import ConsentProof, SmsMessage
from sms.rules.sending import mobile_of
from staff.models import Employee

_SHORTEST_NOTE = 2
#: what a person may send to be left alone; more words around it are none
_REFUSALS = ("R", "TD", "N", "T", "退订", "拒收")


@transaction.atomic
def note_consent(
    *,
    record: Customer | Contact,
    agrees: bool,
    means: str,
    note: str,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> ConsentProof:
    """Keep what a person said about text messages, with how and where the proof lies.

    Raises CUS-11 (not the owner), SMS-12 (no mobile), CUS-27 (means), SMS-23 (proof).
    """
    stored = set_sms_consent(record=record, agrees=agrees, actor=actor, now=now, ip=ip)
    number = mobile_of(stored)
    cleaned, found = clean_values(ConsentProof, {"means": means, "note": note})
    if not found and (not cleaned["means"] or cleaned["means"] == ConsentMeans.REPLY):
        found.append(errors.no_means())
    if not found and len(cleaned["note"]) < _SHORTEST_NOTE:
        found.append(errors.no_proof())
    refuse_all(found)
    return ConsentProof.objects.create(
        customer=stored.customer if isinstance(stored, Contact) else stored,
        contact=stored if isinstance(stored, Contact) else None,
        number=number,
        number_index=blind_index(number),
        number_masked=mask_phone(number),
        agrees=agrees,
        by=actor,
        created_at=now,
        **cleaned,
    )


@transaction.atomic
def take_reply(*, reply: Reply, gateway: str, now: datetime) -> SmsMessage:
    """Keep what a person sent back; R ends the consent of every record with his number.

    The same reply again (a repeated call of the gateway) changes nothing. Raises SMS-21 for a
    number that is none.
    """
    try:
        number = check_mobile(reply.number)
    except DomainError:
        raise errors.wrong_call() from None
    index, gateway_id = blind_index(number), clean_line(reply.gateway_id)
    contact = Contact.objects.filter(mobile=number).select_related("customer").first()
    customer = contact.customer if contact else Customer.objects.filter(phone=number).first()
    sender = contact or customer
    written = SmsMessage.objects.bulk_create(
        [
            SmsMessage(
                kind=Kind.REPLY,
                status=Status.RECEIVED,
                customer=customer,
                contact=contact,
                recipient=sender.name if sender else "",
                number=number,
                number_index=index,
                number_masked=mask_phone(number),
                text=clean_text(reply.text)[:1000],
                created_at=now,
                not_before=now,
                gateway=gateway,
                gateway_id=gateway_id,
            )
        ],
        ignore_conflicts=True,
    )[0]
    message = SmsMessage.objects.get(kind=Kind.REPLY, gateway=gateway, gateway_id=gateway_id)
    is_first = message.reference == written.reference
    if is_first and message.text.upper() in _REFUSALS:
        _refuse(message, number, now=now)
    return message


def _refuse(message: SmsMessage, number: str, *, now: datetime) -> None:
    ConsentProof.objects.create(
        customer=message.customer,
        contact=message.contact,
        number=number,
        number_index=message.number_index,
        number_masked=message.number_masked,
        agrees=False,
        means=ConsentMeans.REPLY,
        note=message.text[:200],
        reply=message,
        created_at=now,
    )
    withdraw_sms_consents(number=number, now=now)
