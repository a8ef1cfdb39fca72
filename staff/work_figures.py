"""What other apps register, so that a work report can count what its author did (M21).

The registry stands below the apps that fill it and below ``reports``, which reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from staff.models import Employee


@dataclass(frozen=True)
class Figure:
    """How many there were; ``amount`` is in yuan, ``due`` says how many there should be."""

    count: int
    amount: Decimal | None = None
    due: int | None = None


@dataclass(frozen=True)
class FigureSource:
    """One business object; ``measure(author, first_day, last_day)`` counts it.

    Lines of a table stand by ``order``, then as they were registered.
    """

    code: str
    label: str | Promise
    measure: Callable[[Employee, date, date], Figure]
    order: int = 100


_sources: dict[str, FigureSource] = {}


def register_figure(source: FigureSource) -> None:
    """Called from an app's ``apps.py``; raises ``ValueError`` when the code is taken."""
    if source.code in _sources:
        raise ValueError(f"work figure {source.code!r} is registered twice")
    _sources[source.code] = source


def figure_sources() -> Mapping[str, FigureSource]:
    return dict(sorted(_sources.items(), key=lambda item: item[1].order))
