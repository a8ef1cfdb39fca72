"""Bring the demo's messages to its people, the old ones read, the latest unread."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from lending_crm.common.services import deliver_due
from reports.demo.opinions import COMMON_PHRASES, PHRASES
from reports.demo.world import World
from staff.models import Notification
from staff.selectors import roles_of
from staff.services.notifications import mark_read
from workflows.services.phrases import add_common_phrase, add_phrase

#: messages older than this many working hours have been read
_READ_AFTER = 10.0


class UndeliveredMessages(RuntimeError):
    """The dispatcher could not deliver a message of the demo: a fault of the product."""


def deliver_until(now: datetime) -> None:
    """Let the ordinary dispatcher deliver everything that is in the outbox and due.

    It writes the messages in the product with the moments at which they were caused. No
    e-mail leaves: nobody has an address yet (``organisation.enter_addresses`` comes after).
    """
    while True:
        report = deliver_due(clock=lambda: now, limit=settings.OUTBOX_BATCH)
        if report.failed:
            raise UndeliveredMessages(f"{report.failed} messages could not be delivered")
        if not report.delivered:
            break


def deliver_messages(world: World, *, now: datetime) -> None:
    """Deliver what the last day left in the outbox; what is older has been read."""
    deliver_until(now)
    seen_until = world.clock.ago(_READ_AFTER)
    for employee in world.company.people.values():
        old = Notification.objects.visible_to(employee).filter(created_at__lt=seen_until)
        mark_read(actor=employee, ids=list(old.values_list("pk", flat=True)), now=now)


def keep_phrases(world: World, *, now: datetime) -> None:
    """Common phrases, and those that everybody who decides keeps for himself."""
    administrator = world.company.administrator
    for act, texts in COMMON_PHRASES.items():
        for text in texts:
            add_common_phrase(actor=administrator, now=now, act=act, text=text)
    for employee in world.company.people.values():
        for code in roles_of(employee).codes:
            for act, texts in PHRASES.get(code, {}).items():
                for text in texts:
                    add_phrase(actor=employee, act=act, text=text)
