"""Values of facts that stand for all values, as far as some conditions can tell them apart.

Conditions compare facts with constants, so a value on, just below and just above each
constant says everything: what holds for all samples holds for all values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import combinations, product
from math import prod
from typing import Any

from workflows.bpmn.conditions import Comparison, Condition
from workflows.kinds import Fact

SUBSETS_AT_MOST = 6
_STEPS = {"money": Decimal("0.01"), "number": Decimal("0.000001")}


class TooManySamples(Exception):
    """More combinations than may be tried; nothing is proved either way."""


def samples(
    conditions: Iterable[Condition], facts: Sequence[Fact], *, at_most: int
) -> list[dict[str, Any]]:
    """Facts for every case that the conditions can tell apart; other facts are left out.

    The conditions must fit the facts. A fact without a value is not among the samples: the
    preview before submission finds it. Raises ``TooManySamples``.
    """
    constants: dict[str, set[Any]] = {}
    for condition in conditions:
        for comparison in _comparisons(condition):
            value = comparison.value
            found = constants.setdefault(comparison.fact, set())
            found.update(value if isinstance(value, tuple) else (value,))
    known = {fact.name: fact for fact in facts}
    names = sorted(constants.keys() & known.keys())
    choices = [_values(known[name], constants[name]) for name in names]
    if prod(len(values) for values in choices) > at_most:
        raise TooManySamples
    return [dict(zip(names, each, strict=True)) for each in product(*choices)]


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    if isinstance(condition, Comparison):
        yield condition
        return
    for item in condition.items:
        yield from _comparisons(item)


def _values(fact: Fact, constants: set[Any]) -> list[Any]:
    match fact.type:
        case "boolean":
            return [False, True]
        case "money" | "number":
            return _around(constants, _STEPS[fact.type])
        case "integer":
            return _around(constants, 1)
        case "date":
            return _around(constants, timedelta(days=1))
        case "choices":
            return _subsets(constants)
    others = [value for value in _choice_values(fact) if value not in constants]
    if fact.choices is None:
        others = ["".join(sorted(constants)) + "?"]
    return [*sorted(constants), *others[:1]]


def _choice_values(fact: Fact) -> list[str]:
    return [str(value) for value, _label in fact.choices()] if fact.choices is not None else []


def _around(constants: set[Any], step: Any) -> list[Any]:
    found = set()
    for constant in constants:
        found.add(constant)
        for neighbour in (-1, 1):
            try:
                found.add(constant + step * neighbour)
            except OverflowError:  # the first and the last day of the calendar
                continue
    return sorted(found)


def _subsets(constants: set[str]) -> list[tuple[str, ...]]:
    values = sorted(constants)
    if len(values) > SUBSETS_AT_MOST:
        raise TooManySamples
    return [subset for size in range(len(values) + 1) for subset in combinations(values, size)]
