"""Which days interest belongs to, so that a part of them has its part of it (domain M13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from funds.models.fields import ZERO

if TYPE_CHECKING:
    from funds.models import ScheduleLine


@dataclass(frozen=True)
class Span:
    """An amount in yuan that belongs to the days from ``first`` to ``last`` (算头不算尾)."""

    first: date
    last: date
    amount: Decimal

    def share(self, first: date, last: date, until: date | None = None) -> Decimal:
        """Its part for the days from ``first`` to ``last``, not rounded.

        The loan lived ``until`` then: what was paid for days after that counts for those before.
        """
        end = min(self.last, until or self.last)
        start = min(self.first, end - timedelta(days=1))
        days = (min(end, last) - max(start, first)).days
        return self.amount * max(days, 0) / (end - start).days


def interest_spans(line: ScheduleLine, received: Decimal, *, carried_from: date) -> Iterator[Span]:
    """What was received of an instalment's interest by the days that it was earned on.

    The oldest first: what was carried over and earned since ``carried_from``, what the period
    earned, and what late principal earned after the due date.
    """
    for first, last, amount in (
        (carried_from, line.starts_on, line.carried_interest),
        (line.starts_on, line.contractual_due, line.interest - line.carried_interest),
        (line.due, line.late_to, line.late_interest),
    ):
        taken = min(received, amount)
        received -= taken
        if taken > ZERO:
            yield Span(first, last, taken)
