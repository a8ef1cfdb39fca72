"""Conditions are data: all-of and any-of over typed comparisons."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

Value = Decimal | int | str | bool | date | tuple[str, ...]


class Operator(StrEnum):
    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    NOT_IN = "not_in"
    CONTAINS = "contains"  # a ``choices`` fact holds this value
    NOT_CONTAINS = "not_contains"


@dataclass(frozen=True)
class Comparison:
    fact: str
    operator: Operator
    value: Value


@dataclass(frozen=True)
class AllOf:
    items: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    items: tuple[Condition, ...]


Condition = Comparison | AllOf | AnyOf


def holds(condition: Condition, facts: Mapping[str, Any]) -> bool:
    """Whether the condition is true of the facts.

    A fact without a value makes every comparison false except ``ne``, ``not_in`` and
    ``not_contains``.
    Raises KeyError for a fact that is not there at all.
    """
    if isinstance(condition, AllOf):
        return all(holds(item, facts) for item in condition.items)
    if isinstance(condition, AnyOf):
        return any(holds(item, facts) for item in condition.items)
    actual, expected = facts[condition.fact], condition.value
    test = _ORDERED.get(condition.operator)
    if test is not None:
        return actual is not None and bool(test(actual, expected))
    return _TESTS[condition.operator](actual, expected)


def fact_names(condition: Condition | None) -> set[str]:
    """Every fact that the condition reads."""
    if condition is None:
        return set()
    if isinstance(condition, Comparison):
        return {condition.fact}
    return set().union(*(fact_names(item) for item in condition.items))


def _values(value: Value) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


_ORDERED: Mapping[Operator, Callable[[Any, Any], Any]] = {
    Operator.LT: operator.lt,
    Operator.LE: operator.le,
    Operator.GT: operator.gt,
    Operator.GE: operator.ge,
}
_TESTS: Mapping[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQ: lambda actual, expected: bool(actual == expected),
    Operator.NE: lambda actual, expected: bool(actual != expected),
    Operator.IN: lambda actual, expected: actual in _values(expected),
    Operator.NOT_IN: lambda actual, expected: actual not in _values(expected),
    Operator.CONTAINS: lambda actual, expected: expected in (actual or ()),
    Operator.NOT_CONTAINS: lambda actual, expected: expected not in (actual or ()),
}
