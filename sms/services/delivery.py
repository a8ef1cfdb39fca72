"""Hand a queued message to the gateway: the worker's part, safe to start over at any point.

The message is locked, the rules of the moment are asked once more, and the gateway's answer
is written in the transaction that marks the outbox row. A worker that dies before its commit
leaves the message queued; the next one sends it under the same reference, by which the
gateway knows that it has it already.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

import structlog

from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from lending_crm.common.services import retry_delay
from sms import errors
from sms.choices import CONSENT_KINDS, Status
from sms.gateways import GatewayRefused, GatewayUnavailable, current_gateway
from sms.gateways.base import Report
from sms.models import SmsMessage, SmsSetting
from sms.rules.sending import quiet_end, waits
from sms.selectors import current_setting
from sms.services.sending import has_consented, publish_sending, reserve

log = structlog.get_logger(__name__)

#: after that many tries, about three hours, a person has to look at the gateway
MOST_ATTEMPTS = 7


@transaction.atomic
def deliver_message(message: OutboxMessage, now: datetime) -> None:
    """Handler of the topic ``sms.send``."""
    found = (
        SmsMessage.objects.select_for_update(of=("self",))
        .select_related("customer", "contact")
        .filter(pk=message.payload.get("message"), status=Status.QUEUED)
        .first()
    )
    if found is None:
        return
    setting = current_setting()
    if waits(found.kind, setting, now):
        _postpone(found, quiet_end(setting, now), now=now)
        return
    try:
        _check_again(found, setting, now=now)
    except DomainError as refusal:
        _end(found, Status.REFUSED, error=refusal.code)
        return
    _hand_over(found, now=now)


@transaction.atomic
def note_report(*, report: Report, now: datetime) -> bool:
    """What the gateway tells of a message it took; a repeated report changes nothing.

    Returns whether the message is one of ours.
    """
    found = (
        SmsMessage.objects.select_for_update(of=("self",))
        .filter(reference=report.reference)
        .first()
    )
    if found is None:
        return False
    if found.status == Status.SENT:
        found.status = Status.DELIVERED if report.is_delivered else Status.UNDELIVERED
        found.reported_at, found.error = now, report.error[:200]
        found.save(update_fields=["status", "reported_at", "error"])
    return True


def _check_again(message: SmsMessage, setting: SmsSetting, *, now: datetime) -> None:
    """Hours may lie between queue and gateway: a refusal or a new day counts."""
    record = message.contact or message.customer
    if message.kind in CONSENT_KINDS and not has_consented(record, message.number):
        raise errors.no_consent()
    today = timezone.localdate(now)
    if message.counted_on != today:
        reserve(message.number_index, message.kind, setting, day=today)
        message.counted_on = today


def _hand_over(message: SmsMessage, *, now: datetime) -> None:
    gateway = current_gateway()
    message.attempts += 1
    message.gateway = gateway.code
    try:
        message.gateway_id = gateway.send(
            reference=message.reference, number=message.number, text=message.text
        )
    except GatewayRefused as error:
        _end(message, Status.FAILED, error=str(error))
    except GatewayUnavailable as error:
        log.warning("sms_gateway_unavailable", message=message.pk, error=str(error))
        if message.attempts >= MOST_ATTEMPTS:
            _end(message, Status.FAILED, error=str(error))
            return
        message.error = str(error)[:200]
        _postpone(message, now + retry_delay(message.attempts), now=now)
    else:
        message.sent_at = now
        _end(message, Status.SENT, error="")


def _postpone(message: SmsMessage, moment: datetime, *, now: datetime) -> None:
    message.not_before = moment
    message.save(update_fields=["not_before", "attempts", "gateway", "counted_on", "error"])
    publish_sending(message, due_at=moment, now=now)


def _end(message: SmsMessage, status: str, *, error: str) -> None:
    message.status, message.error = status, error[:200]
    message.save(
        update_fields=[
            "status",
            "attempts",
            "gateway",
            "gateway_id",
            "sent_at",
            "counted_on",
            "error",
        ]
    )
