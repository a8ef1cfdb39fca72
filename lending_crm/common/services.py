"""Deliver what the outbox holds: once for each message, however many workers look.

A message is claimed in one short transaction and delivered in a second one. The claim
counts the attempt and hides the message for a while, so that a message which kills its
worker comes back later and is given up after some attempts instead of blocking the rest.
The delivery runs the handler and marks the message in one transaction; a worker that dies
before its commit has had no effect on the database.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

import structlog

from lending_crm.common import outbox
from lending_crm.common.logs import in_words
from lending_crm.common.models import OutboxMessage

log = structlog.get_logger(__name__)

_FIRST_DELAY = timedelta(seconds=30)
_GROWTH = 3
_DIED = "The worker died each time it delivered this message."


@dataclass(frozen=True)
class DeliveryReport:
    """What one look at the outbox did."""

    delivered: int = 0
    failed: int = 0


def retry_delay(attempts: int) -> timedelta:
    """How long a message rests after its n-th attempt: 30 s, 90 s, … 6 h; about 9 h in all."""
    return _FIRST_DELAY * _GROWTH ** (max(attempts, 1) - 1)


def deliver_due(*, clock: Callable[[], datetime], limit: int) -> DeliveryReport:
    """Deliver at most ``limit`` due messages; a failing one is put back and stops no other.

    ``clock`` tells the moment anew for each message: the caller owns the time.
    """
    delivered = failed = 0
    for _turn in range(limit):
        message = claim_next(now=clock())
        if message is None:
            break
        if deliver(message, now=clock()):
            delivered += 1
        else:
            failed += 1
    return DeliveryReport(delivered, failed)


def claim_next(*, now: datetime) -> OutboxMessage | None:
    """The longest due message that no other worker holds, with this attempt counted."""
    with transaction.atomic():
        message = (
            OutboxMessage.objects.select_for_update(skip_locked=True)
            .filter(delivered_at=None, parked_at=None, due_at__lte=now)
            .order_by("due_at", "id")
            .first()
        )
        if message is None:
            return None
        if message.attempts >= settings.OUTBOX_MAX_ATTEMPTS:
            message.parked_at = now
            message.last_error = message.last_error or _DIED
            message.save(update_fields=["parked_at", "last_error"])
            log.error("outbox message parked", message=message.pk, topic=message.topic)
            return message
        message.attempts += 1
        message.due_at = now + retry_delay(message.attempts)
        message.save(update_fields=["attempts", "due_at"])
    return message


def deliver(message: OutboxMessage, *, now: datetime) -> bool:
    """Run the handler and mark the message in one transaction; False when it failed.

    ``message.attempts`` is the proof of the claim: who was overtaken by a later claim does
    nothing.
    """
    if message.parked_at is not None:
        return False
    try:
        with transaction.atomic():
            mine = (
                OutboxMessage.objects.select_for_update()
                .filter(pk=message.pk, attempts=message.attempts, delivered_at=None)
                .first()
            )
            if mine is None:
                return False
            handler = outbox.handler_for(mine.topic)
            if handler is None:
                raise LookupError(f"no handler is registered for topic {mine.topic!r}")
            handler(mine, now)
            OutboxMessage.objects.filter(pk=mine.pk).update(delivered_at=now, last_error="")
    # Whatever goes wrong with one message must not keep the next from leaving.
    except Exception as error:
        _put_back(message, error=error, now=now)
        return False
    return True


def _put_back(message: OutboxMessage, *, error: Exception, now: datetime) -> None:
    is_last = message.attempts >= settings.OUTBOX_MAX_ATTEMPTS
    log.warning(
        "outbox message failed",
        message=message.pk,
        topic=message.topic,
        attempts=message.attempts,
        parked=is_last,
        exc_info=error,
    )
    OutboxMessage.objects.filter(
        pk=message.pk, attempts=message.attempts, delivered_at=None
    ).update(
        last_error=in_words(error),
        parked_at=now if is_last else None,
    )


def forget_delivered(*, now: datetime) -> int:
    """Remove messages delivered long ago (OUTBOX_KEEP_DAYS); parked ones stay for a person."""
    removed, _details = OutboxMessage.objects.filter(
        delivered_at__lt=now - timedelta(days=settings.OUTBOX_KEEP_DAYS)
    ).delete()
    return removed


def unpark(*, now: datetime) -> int:
    """Give every parked message a fresh start; for an operator who removed the cause."""
    return OutboxMessage.objects.filter(parked_at__isnull=False).update(
        parked_at=None, attempts=0, due_at=now
    )
