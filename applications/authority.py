"""审批权限表: which level may decide on an exposure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import pairwise

#: domain §2.3; the last level has no limit.
DEFAULT_LIMITS: tuple[Decimal | None, ...] = (
    Decimal("500000.00"),
    Decimal("3000000.00"),
    Decimal("10000000.00"),
    None,
)


def required_level(
    exposure: Decimal, limits: Mapping[int, Decimal | None], *, is_uplifted: bool
) -> int:
    """The lowest level whose limit covers the exposure (its own value included).

    An uplift asks for the next level, the highest stays the highest. Raises LookupError
    when there are no levels; an exposure above every limit needs the highest one.
    """
    levels = sorted(limits)
    if not levels:
        raise LookupError("the authority table is empty")
    position = len(levels) - 1
    for index, level in enumerate(levels):
        limit = limits[level]
        if limit is None or exposure <= limit:
            position = index
            break
    if is_uplifted:
        position = min(position + 1, len(levels) - 1)
    return levels[position]


def are_ascending(limits: Iterable[Decimal | None]) -> bool:
    """Each limit is above the one before, and only the last one may be open (and must be)."""
    found = list(limits)
    if not found or found[-1] is not None or None in found[:-1]:
        return False
    numbers = [limit for limit in found[:-1] if limit is not None]
    return all(low < high for low, high in pairwise(numbers))
