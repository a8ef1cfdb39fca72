"""The annual rates of a loan by day: an extension brings a new one from its first day on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True)
class Rates:
    """Annual percent: ``first``, and what holds from each later day on, in their order."""

    first: Decimal
    changes: tuple[tuple[date, Decimal], ...] = ()

    def on(self, day: date) -> Decimal:
        """The rate that interest of ``day`` is earned at."""
        return next((rate for since, rate in reversed(self.changes) if since <= day), self.first)

    def until(self, end: date) -> Decimal:
        """The rate of the last day of a period; its end does not count (算头不算尾)."""
        return self.on(end - timedelta(days=1))

    def parts(self, start: date, end: date) -> Iterator[tuple[date, date, Decimal]]:
        """The days from ``start`` to ``end`` with their rates, cut where the rate changes."""
        turns = [since for since, _rate in self.changes if start < since < end]
        for first, last in zip([start, *turns], [*turns, end], strict=True):
            yield first, last, self.on(first)
