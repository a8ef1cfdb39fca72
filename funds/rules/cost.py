"""综合年化成本 of a running loan with everything it was charged with (BUS-05, N22).

Unlike the cost of a request, money may go out in several parts and come in on any day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from applications.calculation.dates import GridDay, months_and_days

_PRECISION = 40
_TOLERANCE = Decimal("1e-12")
_HIGHEST = Decimal(10)


@dataclass(frozen=True)
class Flow:
    """Yuan on a day, as the borrower sees it: positive he receives, negative he pays."""

    day: date
    amount: Decimal


def all_in_nominal(flows: Iterable[Flow], *, start: date) -> Decimal:
    """Twelve times the monthly internal rate of return, percent to four places.

    0 when the borrower pays back no more than he received; the highest rate that is looked
    for (12,000 percent) when no rate below it fits.
    """
    origin = GridDay.of(start, start.day)
    with localcontext() as context:
        context.prec = _PRECISION
        timed = [(_months(origin, flow.day), flow.amount) for flow in flows]
        low, high = Decimal(0), Decimal("0.02")
        if _value(timed, low) >= 0:
            return Decimal("0.0000")
        while _value(timed, high) < 0 and high < _HIGHEST:
            low, high = high, high * 4
        while high - low > _TOLERANCE:
            middle = (low + high) / 2
            if _value(timed, middle) < 0:
                low = middle
            else:
                high = middle
        return (high * 1200).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _months(origin: GridDay, day: date) -> Decimal:
    whole, odd = months_and_days(origin, day)
    return whole + Decimal(odd) / 30


def _value(flows: Iterable[tuple[Decimal, Decimal]], rate: Decimal) -> Decimal:
    return sum((amount / (1 + rate) ** when for when, amount in flows), Decimal(0))
