"""Write to the outbox; handlers register by topic and run in the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from lending_crm.common.models import OutboxMessage

Handler = Callable[[OutboxMessage, datetime], None]
_handlers: dict[str, Handler] = {}


def register(topic: str, handler: Handler) -> None:
    """Name the function that delivers messages of ``topic``; called from ``apps.py``."""
    if topic in _handlers:
        raise ValueError(f"outbox topic {topic!r} is registered twice")
    _handlers[topic] = handler


def handler_for(topic: str) -> Handler | None:
    return _handlers.get(topic)


def messages_of(
    messages: Iterable[tuple[str, dict[str, Any]]], *, now: datetime
) -> list[OutboxMessage]:
    """The rows of messages that leave as soon as the current transaction is there."""
    return [
        OutboxMessage(topic=topic, payload=payload, created_at=now, due_at=now)
        for topic, payload in messages
    ]


def publish_all(messages: Iterable[tuple[str, dict[str, Any]]], *, now: datetime) -> None:
    """Add messages to the current transaction with one statement."""
    OutboxMessage.objects.bulk_create(messages_of(messages, now=now))
