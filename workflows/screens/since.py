"""What is new on a case since its reader last looked: field by field, files, opinions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workflows.differences import Difference, differences
from workflows.models import Case, CaseReading, HistoryEvent
from workflows.news import is_news
from workflows.screens.history import HistoryRow


@dataclass(frozen=True)
class SinceLastSeen:
    """What is new for this reader; empty on his first visit.

    ``opinions`` are those that others gave; ballots that are still secret are not among them.
    """

    changes: Sequence[Difference] = ()
    events: int = 0
    supplements: int = 0
    opinions: Sequence[HistoryRow] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.changes or self.events or self.supplements)


def since_last_seen(
    case: Case,
    reading: CaseReading | None,
    before: Mapping[str, Any] | None,
    content: Mapping[str, Any],
    events: Sequence[HistoryEvent],
) -> SinceLastSeen:
    """What the document's snapshots and the case's events tell; without opinions.

    ``before`` is the snapshot that the reader saw, None when it is still the same one.
    """
    if reading is None:
        return SinceLastSeen()
    return SinceLastSeen(
        changes=differences(before, content) if before else [],
        events=sum(_is_new(event, reading) for event in events),
        supplements=max(0, case.supplement_count - reading.supplement_count),
    )


def _is_new(event: HistoryEvent, reading: CaseReading) -> bool:
    """What the reader did himself is no news to him."""
    is_later = event.sequence > reading.event_sequence
    return is_later and event.actor_id != reading.reader_id and is_news(event)


def new_opinions(
    history: Sequence[HistoryRow], reading: CaseReading | None, reader_name: str
) -> list[HistoryRow]:
    """Opinions given since the reader last looked, oldest first, his own left out."""
    if reading is None:
        return []
    return [
        row
        for row in history
        if row.sequence > reading.event_sequence and row.opinion and row.who != reader_name
    ]
