"""What sends a message by itself: business events, due dates, birthdays.

Apps above call ``announce`` or register a source of due instalments; this app knows neither
applications nor loans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

import structlog

from customers.models import Contact, Customer
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from lending_crm.common.outbox import publish_all
from sms.choices import Usage
from sms.rules.sending import is_quiet
from sms.selectors import current_setting, text_for
from sms.services.sending import send_by_event

log = structlog.get_logger(__name__)

EVENT_TOPIC = "sms.event"


@dataclass(frozen=True)
class DueReminder:
    """An instalment that is to be paid on the day that was asked for.

    ``key`` names the instalment for good; ``values`` are the variables of a collection text
    but for ``due_date`` and ``days``.
    """

    key: str
    contact_id: int
    values: Mapping[str, Any] = field(default_factory=dict)


#: ``source(due_on, today)`` gives the instalments that fall due on ``due_on`` with what of each
#: is unpaid ``today``
DueSource = Callable[[date, date], Iterable[DueReminder]]
_due_sources: list[DueSource] = []


def register_due_source(source: DueSource) -> None:
    """Name a source of instalments; called from ``AppConfig.ready``."""
    _due_sources.append(source)


def announce(
    *, usage: str, contact_id: int, values: Mapping[str, Any], key: str, now: datetime
) -> None:
    """Tell the borrower by text message, after the transaction of the event is there.

    It goes through the outbox, so that nothing about text messages can hold up or undo the
    event. ``values`` must be plain JSON.
    """
    payload = {"usage": usage, "contact": contact_id, "values": dict(values), "key": key}
    publish_all([(EVENT_TOPIC, payload)], now=now)


def deliver_event(message: OutboxMessage, now: datetime) -> None:
    """Handler of the topic ``sms.event``; what a rule refuses is not sent, and said in the log."""
    payload = message.payload
    contact = (
        Contact.objects.select_related("customer__owner").filter(pk=payload.get("contact")).first()
    )
    if contact is not None:
        _try(contact, str(payload["usage"]), payload["values"], str(payload["key"]), now=now)


def send_due_reminders(*, now: datetime) -> int:
    """Remind of what falls due or is overdue, on the days of the setting; once for each.

    Nothing happens in the quiet hours: the next run makes good for it on the same day.
    """
    setting, today = current_setting(), timezone.localdate(now)
    if is_quiet(setting, now):
        return 0
    sent = 0
    for offset in setting.due_days:
        usage = Usage.OVERDUE if offset > 0 else Usage.DUE
        due_on = today - timedelta(days=offset)
        for source in _due_sources if text_for(usage) else ():
            sent += _remind(list(source(due_on, today)), usage, offset, due_on, now=now)
    return sent


def _remind(
    reminders: list[DueReminder], usage: str, offset: int, due_on: date, *, now: datetime
) -> int:
    contacts = Contact.objects.select_related("customer__owner").in_bulk(
        [reminder.contact_id for reminder in reminders]
    )
    return sum(
        _try(
            contacts[reminder.contact_id],
            usage,
            {**reminder.values, "due_date": due_on, "days": abs(offset)},
            f"due:{reminder.key}:{offset}",
            now=now,
        )
        for reminder in reminders
        if reminder.contact_id in contacts
    )


def send_birthday_greetings(*, now: datetime) -> int:
    """Greet the contacts born on this day who agreed to it; once a year.

    A birthday that the year does not have is that of the month's last day: 29 February.
    """
    setting, today = current_setting(), timezone.localdate(now)
    if is_quiet(setting, now) or text_for(Usage.BIRTHDAY) is None:
        return 0
    is_last = (today + timedelta(days=1)).day == 1
    day = {"birth_date__day__gte" if is_last else "birth_date__day": today.day}
    born = Contact.objects.select_related("customer__owner").filter(
        birth_date__month=today.month, sms_consent=True, **day
    )
    return sum(
        _try(contact, Usage.BIRTHDAY, {}, f"birthday:{contact.pk}:{today.year}", now=now)
        for contact in born.iterator(chunk_size=500)
    )


def _try(
    record: Customer | Contact, usage: str, values: Mapping[str, Any], key: str, *, now: datetime
) -> bool:
    try:
        message = send_by_event(record=record, usage=usage, values=values, dedupe_key=key, now=now)
    except DomainError as refusal:
        log.info("sms_not_sent", usage=usage, key=key, code=refusal.code)
        return False
    return message is not None
