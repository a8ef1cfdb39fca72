"""What apps above the ledger tell it and hear from it; they register in their ``apps.py``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from funds.models import FundTransfer, Loan

ColourSource = Callable[[Collection[int]], Mapping[int, str]]


class LoanWatcher:
    """Follows money and loans; each call stands in the transaction of the act and its locks."""

    def transfer_executed(self, transfer: FundTransfer, *, now: datetime) -> None:
        """The money of ``transfer`` went out; its loan is booked."""

    def transfer_reversed(self, transfer: FundTransfer, *, now: datetime) -> None:
        """冲销: the money of ``transfer`` came back."""

    def loan_ended(self, loan: Loan, *, now: datetime) -> None:
        """Settled, written off or reversed; ``loan.status`` says which."""

    def loan_resumed(self, loan: Loan, *, now: datetime) -> None:
        """A loan that had ended runs again, because its last repayment was reversed."""


_watchers: list[LoanWatcher] = []
_colour_sources: list[ColourSource] = []


def register_watcher(watcher: LoanWatcher) -> None:
    _watchers.append(watcher)


def watchers() -> tuple[LoanWatcher, ...]:
    return tuple(_watchers)


def tell_of_end(loan: Loan, *, now: datetime) -> None:
    """Tell the watchers that the loan has ended, or runs again."""
    for watcher in _watchers:
        tell = watcher.loan_ended if loan.is_ended else watcher.loan_resumed
        tell(loan, now=now)


def register_colour_source(source: ColourSource) -> None:
    """``source(customer_ids)`` gives the ``CreditColour`` of those who are supervised (X5)."""
    _colour_sources.append(source)


def colours(customer_ids: Collection[int]) -> Mapping[int, str]:
    """The colour of the supervision by customer; empty while no app supervises."""
    return _colour_sources[-1](customer_ids) if _colour_sources else {}
