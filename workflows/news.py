"""Which events of a case tell its readers something that they have not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.choices import EventKind

if TYPE_CHECKING:
    from workflows.models import HistoryEvent


def is_news(event: HistoryEvent) -> bool:
    """Not a reminder: those tell people to look, and there is nothing else to see.

    An escalation that asks somebody (``act``) is news; one that only tells is a reminder too.
    """
    if event.kind == EventKind.ESCALATED:
        return "act" in event.data
    return event.kind not in (EventKind.REMINDED, EventKind.URGED, EventKind.ANONYMISED)
