"""Which comparisons a routing fact allows: known, with a fitting operator and value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.bpmn.conditions import Comparison, Condition, Operator
from workflows.kinds import Fact

_EQUAL = (Operator.EQ, Operator.NE)
_ORDERED = (Operator.EQ, Operator.NE, Operator.GT, Operator.GE, Operator.LT, Operator.LE)
_LISTED = (Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN)

#: the operators that each type of fact offers, in the order in which a form shows them
OPERATORS: Mapping[str, tuple[Operator, ...]] = {
    "money": _ORDERED,
    "number": _ORDERED,
    "integer": _ORDERED,
    "date": _ORDERED,
    "text": _LISTED,
    "choice": _LISTED,
    "boolean": _EQUAL,
    "choices": (Operator.CONTAINS, Operator.NOT_CONTAINS),
}
LISTS = (Operator.IN, Operator.NOT_IN)

TYPE_WORDS: Mapping[str, Promise] = {
    "money": pgettext_lazy("type of value", "an amount of money"),
    "number": pgettext_lazy("type of value", "a number"),
    "integer": pgettext_lazy("type of value", "a whole number"),
    "date": pgettext_lazy("type of value", "a date"),
    "text": pgettext_lazy("type of value", "text"),
    "choice": pgettext_lazy("type of value", "one of its choices"),
    "boolean": pgettext_lazy("type of value", "yes or no"),
    "choices": pgettext_lazy("type of value", "one of its choices"),
}


@dataclass(frozen=True)
class Problem:
    """Why one comparison cannot be used."""

    code: str
    sentence: Promise
    params: Mapping[str, Any]


def problems(condition: Condition, facts: Sequence[Fact]) -> Iterator[Problem]:
    """Every comparison that does not fit the facts, in reading order."""
    if isinstance(condition, Comparison):
        yield from _comparison_problems(condition, {fact.name: fact for fact in facts})
        return
    for item in condition.items:
        yield from problems(item, facts)


def has_type(value: Any, fact: Fact) -> bool:
    """Whether one value has the type of the fact; choices are not looked up."""
    match fact.type:
        case "money" | "number":
            return isinstance(value, Decimal | int) and not isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "date":
            return isinstance(value, date)
        case "boolean":
            return isinstance(value, bool)
    return isinstance(value, str)


def _comparison_problems(comparison: Comparison, facts: Mapping[str, Fact]) -> Iterator[Problem]:
    fact = facts.get(comparison.fact)
    if fact is None:
        yield Problem(
            "unknown-fact",
            _("the field “%(fact)s” is not known for this kind of document"),
            {"fact": comparison.fact},
        )
        return
    if comparison.operator not in OPERATORS[fact.type]:
        yield Problem(
            "wrong-operator",
            _("the field “%(fact)s” cannot be compared in this way (%(operator)s)"),
            {"fact": fact.label, "operator": comparison.operator.value},
        )
        return
    is_list = comparison.operator in LISTS
    if is_list != isinstance(comparison.value, tuple) or comparison.value == ():
        yield _wrong_type(fact)
        return
    values = comparison.value if isinstance(comparison.value, tuple) else (comparison.value,)
    known = {str(key) for key, _label in fact.choices()} if fact.choices is not None else None
    for value in values:
        if not has_type(value, fact):
            yield _wrong_type(fact)
            return
        if known is not None and value not in known:
            yield Problem(
                "unknown-choice",
                _("the field “%(fact)s” has no choice “%(value)s”"),
                {"fact": fact.label, "value": value},
            )


def _wrong_type(fact: Fact) -> Problem:
    return Problem(
        "wrong-type",
        _("the field “%(fact)s” must be compared with %(type)s"),
        {"fact": fact.label, "type": TYPE_WORDS[fact.type]},
    )
