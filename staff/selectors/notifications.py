"""What waits to be read."""

from __future__ import annotations

from typing import Any

from staff.models import Notification

#: more new messages than this are announced by their number only
MANY = 20


def unread_count(user: Any, *, at_most: int = 1000) -> int:
    """Unread messages, counted up to a bound (the badge shows 999+ above it)."""
    return Notification.objects.visible_to(user).unread()[:at_most].count()


def newest_notification(user: Any) -> int:
    """The number of the person's newest message; 0 when there is none."""
    row = Notification.objects.visible_to(user).order_by("-created_at", "-id").first()
    return row.pk if row else 0


def notifications_since(user: Any, pk: int) -> list[Notification]:
    """Unread messages that came after the given one, newest first, up to a bound."""
    rows = Notification.objects.visible_to(user).unread().filter(pk__gt=pk)
    return list(rows.order_by("-id")[:MANY])
