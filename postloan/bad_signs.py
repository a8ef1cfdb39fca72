"""Signs of a bad customer that other modules see: red supervision reports (M19, A20)."""

from __future__ import annotations

from collections.abc import Callable, Collection

RedSource = Callable[[Collection[int]], Collection[int]]

_sources: list[RedSource] = []


def register_red_source(source: RedSource) -> None:
    """``source(customer_ids)``: those of them with a running loan whose last two supervision
    reports are red."""
    _sources.append(source)


def red_twice(customer_ids: Collection[int]) -> set[int]:
    """The customers of these that were red twice in a row."""
    return {pk for source in _sources for pk in source(customer_ids)}


def is_red_twice(customer_id: int) -> bool:
    return bool(red_twice([customer_id]))
