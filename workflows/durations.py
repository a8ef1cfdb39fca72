"""How long is left: sums and spreads of stage durations, as pure arithmetic.

A stage's durations are kept as a sketch: its quantiles at equal steps. Sketches of stages one
after the other are added as if they were independent, of stages side by side the longer one
counts. All numbers are working hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: quantiles of a sketch: 0 %, 5 %, … 100 %
POINTS = 21
#: below this many finished visits nothing is said
HANDFUL = 5

Sketch = tuple[float, ...]


@dataclass(frozen=True)
class Forecast:
    """Working hours that are left: the middle, and the span of 8 cases in 10; from how many."""

    middle: float
    low: float
    high: float
    cases: int


def sketch_of(hours: Sequence[float]) -> Sketch:
    """The quantiles of what was measured. Raises ValueError for nothing measured."""
    ordered = sorted(hours)
    if not ordered:
        raise ValueError("no duration was measured")
    return tuple(quantile(ordered, step / (POINTS - 1)) for step in range(POINTS))


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value below which that share lies, between two neighbours by their distance."""
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def left_of(sketch: Sketch, spent: float) -> Sketch:
    """What is left of a stage that has been open for ``spent`` hours.

    Of those visits that took longer; a stage open for longer than all of them may end at any
    moment, which says nothing about how long it will take.
    """
    longer = [hours - spent for hours in sketch if hours > spent]
    return sketch_of(longer) if longer else (0.0,) * POINTS


def after(first: Sketch, second: Sketch) -> Sketch:
    """Both, one after the other."""
    return sketch_of([one + other for one in first for other in second])


def beside(first: Sketch, second: Sketch) -> Sketch:
    """Both, side by side: the longer one."""
    return sketch_of([max(one, other) for one in first for other in second])


def forecast_of(waves: Sequence[Sequence[Sketch]], cases: int) -> Forecast | None:
    """The sum over waves of stages that open together; None from fewer than a handful."""
    if cases < HANDFUL or not waves:
        return None
    total: Sketch | None = None
    for wave in waves:
        longest = wave[0]
        for sketch in wave[1:]:
            longest = beside(longest, sketch)
        total = longest if total is None else after(total, longest)
    if total is None:
        return None
    return Forecast(quantile(total, 0.5), quantile(total, 0.1), quantile(total, 0.9), cases)
