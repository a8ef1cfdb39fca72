"""Bring messages to people: into the product, and by e-mail to those who want it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

import structlog

from lending_crm.common.models import OutboxMessage
from lending_crm.common.outbox import publish_all
from staff.events import body_of, event_for, title_of
from staff.models import EmailDelivery, Employee, Notification, NotificationPreference

log = structlog.get_logger(__name__)

EMAIL_TOPIC = "staff.email"


@transaction.atomic
def deliver_notification(message: OutboxMessage, now: datetime) -> None:
    """Handler of the topic ``notify``.

    The rows that tell a person are unique per outbox row and person, so a worker that
    died half way is simply started over. E-mails get an outbox row each: one that fails
    holds up no other and repeats none.
    """
    payload = message.payload
    event = str(payload.get("event", ""))
    people = _recipients(message, payload.get("recipients", []))
    wishes = {
        row.employee_id: row
        for row in NotificationPreference.objects.filter(employee__in=people, event=event)
    }
    known = event_for(event)
    by_default = known.by_email if known else False
    content = {
        "event": event,
        "params": payload.get("params") or {},
        "url": str(payload.get("url") or "")[:300],
    }
    in_app, by_email = [], []
    for person in people:
        wish = wishes.get(person.pk)
        if wish is None or wish.in_app:
            in_app.append(person)
        if person.email and (wish.email if wish else by_default):
            by_email.append(person)
    Notification.objects.bulk_create(
        [
            Notification(
                recipient=person,
                outbox=message,
                case_id=payload.get("case_id"),
                created_at=message.created_at,
                **content,
            )
            for person in in_app
        ],
        ignore_conflicts=True,
    )
    _queue_emails(message, by_email, content, now)


def _recipients(message: OutboxMessage, ids: Sequence[Any]) -> list[Employee]:
    wanted = list(dict.fromkeys(pk for pk in ids if isinstance(pk, int)))
    found = Employee.objects.in_bulk(wanted)
    people = [found[pk] for pk in wanted if pk in found and found[pk].is_active]
    skipped = [pk for pk in ids if pk not in {person.pk for person in people}]
    if skipped:
        log.warning("notification_skipped", outbox=message.pk, recipients=skipped)
    return people


def _queue_emails(
    message: OutboxMessage, people: list[Employee], content: dict[str, Any], now: datetime
) -> None:
    if not people:
        return
    EmailDelivery.objects.bulk_create(
        [
            EmailDelivery(
                outbox=message,
                recipient=person,
                address=person.email,
                message_id=f"<notify-{message.pk}-{person.pk}@{_mail_domain()}>",
                **content,
            )
            for person in people
        ],
        ignore_conflicts=True,
    )
    fresh = EmailDelivery.objects.select_for_update().filter(
        outbox=message, recipient__in=people, claimed_at=None
    )
    publish_all([(EMAIL_TOPIC, {"delivery": row.pk}) for row in fresh], now=now)
    fresh.update(claimed_at=now)


@transaction.atomic
def send_email(message: OutboxMessage, now: datetime) -> None:
    """Handler of the topic ``staff.email``: one letter, under the lock on its row.

    A second worker waits for the lock and then finds the letter sent. A worker that dies
    after the mail server took the letter and before the commit leaves it unsent here; the
    next one sends it again under the same Message-ID, by which the files of the local
    backend and the usual mail stores know it as the same letter.
    """
    delivery = (
        EmailDelivery.objects.select_for_update(of=("self",))
        .select_related("recipient")
        .filter(pk=message.payload.get("delivery"))
        .first()
    )
    if delivery is None or delivery.sent_at is not None:
        return
    if not delivery.recipient.is_active:
        log.warning("email_skipped", delivery=delivery.pk, recipient=delivery.recipient_id)
        return
    letter_for(delivery).send()
    delivery.sent_at = now
    delivery.save(update_fields=["sent_at"])


def letter_for(delivery: EmailDelivery) -> EmailMessage:
    """The letter in the recipient's language."""
    with translation.override(delivery.recipient.language):
        title = title_of(delivery.event, delivery.params)
        lines = [body_of(delivery.event, delivery.params)]
        if delivery.url:
            lines.append(gettext("Open it here: %(url)s") % {"url": _absolute(delivery.url)})
        lines.append(gettext("You choose which messages you get under “My profile – Messages”."))
    return EmailMessage(
        # A line break in a name must not become a header of its own.
        subject=" ".join(title.split()),
        body="\n\n".join(line for line in lines if line),
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[delivery.address],
        headers={"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"},
    )


@transaction.atomic
def mark_read(*, actor: Employee, ids: Sequence[int] | None, now: datetime) -> int:
    """Mark one's own messages as read, all of them without ``ids``; returns how many."""
    rows = Notification.objects.visible_to(actor).unread()
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return rows.update(read_at=now)


def _absolute(url: str) -> str:
    return url if "://" in url else settings.SITE_URL.rstrip("/") + url


def _mail_domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
