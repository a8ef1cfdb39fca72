"""What other apps do once the loans of a customer are counted and classed for the day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

AfterCount = Callable[[int, datetime, bool], None]

_listeners: list[AfterCount] = []


def register_after_count(listener: AfterCount) -> None:
    """``listener(customer_id, now, is_first)`` runs in the count's own transaction, which holds
    the customer's lock: once a day, and not ``is_first`` again where a booking made a loan of the
    customer overdue, or longer so, since."""
    _listeners.append(listener)


def tell_counted(customer_id: int, now: datetime, *, is_first: bool) -> None:
    for listener in _listeners:
        listener(customer_id, now, is_first)
