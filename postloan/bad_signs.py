"""Signs of a bad customer that other modules see: red supervision reports (M19, A20)."""

from __future__ import annotations

from collections.abc import Callable

RedSource = Callable[[int], bool]

_sources: list[RedSource] = []


def register_red_source(source: RedSource) -> None:
    """``source(customer_id)``: the last two supervision reports of one of his loans are red."""
    _sources.append(source)


def is_red_twice(customer_id: int) -> bool:
    return any(source(customer_id) for source in _sources)
