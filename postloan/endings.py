"""When loans leave normal supervision: whoever watches over them is told here (M15).

Supervision and its reports register; completion and the handover of bad customers call.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from funds.models import Loan


class Ending(Protocol):
    def __call__(self, loans: Iterable[Loan], *, reason: str, now: datetime) -> object: ...


_endings: list[Ending] = []


def register_ending(ending: Ending) -> None:
    """``ending(loans, reason=, now=)`` stops what runs about the loans, in the transaction of
    the act that ends them; ``reason`` is the number of its document."""
    _endings.append(ending)


def end_of_loans(loans: Iterable[Loan], *, reason: str, now: datetime) -> None:
    ended = list(loans)
    for ending in _endings:
        ending(ended, reason=reason, now=now)
