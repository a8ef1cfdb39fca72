"""Put a message into the queue: every rule is checked before it is there (N24, SMS-01 to 03)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from customers.models import Contact, Customer
from customers.services.guards import already_created
from lending_crm.common.crypto import blind_index
from lending_crm.common.identity import mask_phone
from lending_crm.common.models import OutboxMessage
from sms import errors
from sms.choices import CONSENT_KINDS, Kind, Status
from sms.models import Allowance, SmsMessage, SmsSetting, TemplateVersion
from sms.rules.permissions import kinds_to_send
from sms.rules.sending import earliest, is_third_party, mobile_of, whole_text
from sms.rules.variables import fill
from sms.selectors import approved_texts, current_setting, last_word, text_for
from staff.models import Employee
from staff.services.guards import refusing

SEND_TOPIC = "sms.send"


@dataclass(frozen=True)
class Ready:
    """A message that keeps every rule but the daily cap, and what it would say."""

    version: TemplateVersion
    number: str
    text: str
    not_before: datetime
    setting: SmsSetting


@transaction.atomic
def send_message(
    *,
    record: Customer | Contact,
    template_id: int,
    values: Mapping[str, Any],
    actor: Employee,
    now: datetime,
    creation_key: uuid.UUID | None = None,
) -> SmsMessage:
    """Queue a message that a person sends to a customer or contact in his sight.

    Raises SMS-07 (template), SMS-09 (role), SMS-12 (no mobile), SMS-10 (collection to a third
    party), SMS-08 (values), SMS-01 (consent), SMS-02 (quiet hours), SMS-03 (daily cap).
    """
    ready = prepare_message(
        record=record, template_id=template_id, values=values, actor=actor, now=now
    )
    if known := already_created(SmsMessage, creation_key, actor=actor):
        return known
    return _queue(ready, record, by=actor, now=now, creation_key=creation_key)


def prepare_message(
    *,
    record: Customer | Contact,
    template_id: int,
    values: Mapping[str, Any],
    actor: Employee,
    now: datetime,
) -> Ready:
    """What ``send_message`` would queue, for the preview; raises all but SMS-03."""
    kinds = kinds_to_send(actor, record)
    if not kinds:
        raise errors.not_allowed()
    version = approved_texts().filter(template_id=template_id).first()
    if version is None:
        raise errors.no_approved_text()
    if version.template.kind not in kinds:
        raise errors.not_allowed()
    return _prepare(record, version, values, now=now)


@transaction.atomic
def send_by_event(
    *,
    record: Customer | Contact,
    usage: str,
    values: Mapping[str, Any],
    dedupe_key: str,
    now: datetime,
) -> SmsMessage | None:
    """Queue what an event sends by itself; None when no template serves it or it was sent.

    Raises what ``send_message`` raises; the caller decides what a refusal means to the event.
    """
    version = text_for(usage)
    if version is None or SmsMessage.objects.filter(dedupe_key=dedupe_key).exists():
        return None
    ready = _prepare(record, version, values, now=now)
    with refusing({"sms_event_sends_once": errors.sent_already}):
        return _queue(ready, record, by=None, now=now, dedupe_key=dedupe_key)


def reserve(number_index: str, kind: str, setting: SmsSetting, *, day: date) -> None:
    """Use one of the day's messages of a number; SMS-03 when none is left.

    The row is locked until the transaction ends, so two senders cannot both take the last.
    """
    Allowance.objects.bulk_create(
        [Allowance(number_index=number_index, kind=kind, day=day)], ignore_conflicts=True
    )
    row = Allowance.objects.select_for_update().get(number_index=number_index, kind=kind, day=day)
    cap = setting.cap(kind)
    if row.used >= cap:
        raise errors.daily_limit(cap)
    row.used += 1
    row.save(update_fields=["used"])


def has_consented(record: Customer | Contact | None, number: str) -> bool:
    """The record says so, and the last word of the number itself is a yes with its proof."""
    word = last_word(number)
    return record is not None and record.sms_consent and word is not None and word.agrees


def given_values(record: Customer | Contact) -> dict[str, Any]:
    """The variables that follow from the record."""
    customer = record.customer if isinstance(record, Contact) else record
    return {"name": record.name, "customer": customer.name, "manager": customer.owner.name}


def publish_sending(message: SmsMessage, *, due_at: datetime, now: datetime) -> None:
    """One row of the outbox, which the worker takes when it is due."""
    OutboxMessage.objects.create(
        topic=SEND_TOPIC, payload={"message": message.pk}, created_at=now, due_at=due_at
    )


def _prepare(
    record: Customer | Contact,
    version: TemplateVersion,
    values: Mapping[str, Any],
    *,
    now: datetime,
) -> Ready:
    kind, setting = version.template.kind, current_setting()
    number = mobile_of(record)
    if kind == Kind.COLLECTION and is_third_party(record):
        raise errors.third_party()
    body = fill(kind, version.text, {**values, **given_values(record)})
    text = whole_text(kind, setting.signature, body)
    if kind in CONSENT_KINDS and not has_consented(record, number):
        raise errors.no_consent()
    return Ready(version, number, text, earliest(kind, setting, now), setting)


def _queue(
    ready: Ready,
    record: Customer | Contact,
    *,
    by: Employee | None,
    now: datetime,
    creation_key: uuid.UUID | None = None,
    dedupe_key: str = "",
) -> SmsMessage:
    kind, index = ready.version.template.kind, blind_index(ready.number)
    day = timezone.localdate(ready.not_before)
    reserve(index, kind, ready.setting, day=day)
    message = SmsMessage.objects.create(
        kind=kind,
        status=Status.QUEUED,
        dedupe_key=dedupe_key,
        creation_key=creation_key,
        customer=record.customer if isinstance(record, Contact) else record,
        contact=record if isinstance(record, Contact) else None,
        recipient=record.name,
        number=ready.number,
        number_index=index,
        number_masked=mask_phone(ready.number),
        template_version=ready.version,
        text=ready.text,
        by=by,
        created_at=now,
        not_before=ready.not_before,
        counted_on=day,
    )
    publish_sending(message, due_at=ready.not_before, now=now)
    return message
