"""What is still to be paid to others on a business: refunds and rebates (CMP-07).

The kinds of such documents register here; whoever closes a business asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from applications.models import BusinessApplication

UnpaidSource = Callable[["BusinessApplication"], Sequence[str]]

_sources: list[UnpaidSource] = []


def register_unpaid_source(source: UnpaidSource) -> None:
    """``source(application)`` gives the numbers of its approved documents without payment."""
    _sources.append(source)


def unpaid_of(application: BusinessApplication) -> list[str]:
    """Numbers of the approved refunds and rebates of the business that are not paid yet."""
    return [number for source in _sources for number in source(application)]
