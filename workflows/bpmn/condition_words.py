"""Conditions in words: labels of facts and choices come from the document kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy

from workflows.bpmn.conditions import AllOf, AnyOf, Comparison, Condition, Operator
from workflows.bpmn.model import Definition, Gateway, GatewayKind
from workflows.kinds import Fact

_WORDS: Mapping[Operator, Promise] = {
    Operator.EQ: pgettext_lazy("condition", "%(fact)s is %(value)s"),
    Operator.NE: pgettext_lazy("condition", "%(fact)s is not %(value)s"),
    Operator.LT: pgettext_lazy("condition", "%(fact)s is less than %(value)s"),
    Operator.LE: pgettext_lazy("condition", "%(fact)s is at most %(value)s"),
    Operator.GT: pgettext_lazy("condition", "%(fact)s is more than %(value)s"),
    Operator.GE: pgettext_lazy("condition", "%(fact)s is at least %(value)s"),
    Operator.IN: pgettext_lazy("condition", "%(fact)s is one of %(value)s"),
    Operator.NOT_IN: pgettext_lazy("condition", "%(fact)s is none of %(value)s"),
    Operator.CONTAINS: pgettext_lazy("condition", "%(fact)s contains %(value)s"),
    Operator.NOT_CONTAINS: pgettext_lazy("condition", "%(fact)s does not contain %(value)s"),
}
_DATE_WORDS: Mapping[Operator, Promise] = {
    Operator.LT: pgettext_lazy("condition", "%(fact)s is before %(value)s"),
    Operator.LE: pgettext_lazy("condition", "%(fact)s is on or before %(value)s"),
    Operator.GT: pgettext_lazy("condition", "%(fact)s is after %(value)s"),
    Operator.GE: pgettext_lazy("condition", "%(fact)s is on or after %(value)s"),
}
#: short forms for the drawing
_SIGNS: Mapping[Operator, str] = {
    Operator.EQ: "=",
    Operator.NE: "≠",
    Operator.LT: "<",
    Operator.LE: "≤",
    Operator.GT: ">",
    Operator.GE: "≥",
}
_TEN_THOUSAND = Decimal(10_000)
_HUNDRED_MILLION = Decimal(100_000_000)


def condition_in_words(
    condition: Condition,
    facts: Sequence[Fact],
    *,
    language: str | None = None,
    is_short: bool = False,
) -> str:
    """'敞口 大于 3,000,000.00 元 且 担保方式 包含 信用'; short: '敞口 > 300万'.

    Facts and values that the kind does not know are shown as they are stored.
    """
    with translation.override(language or get_language()):
        return _words(condition, {fact.name: fact for fact in facts}, is_short)


def condition_words(
    definition: Definition, facts: Sequence[Fact], *, language: str | None = None
) -> dict[str, str]:
    """The short texts for the flows of a drawing, by flow id."""
    return {
        flow.id: condition_in_words(flow.condition, facts, language=language, is_short=True)
        for flow in definition.flows.values()
        if flow.condition is not None
    }


def why_skipped(
    definition: Definition,
    element_id: str,
    facts: Sequence[Fact],
    *,
    language: str | None = None,
) -> str:
    """Under which condition the route comes to an element; empty when it always does.

    The nearest gateway in front of the element decides what is told.
    """
    with translation.override(language or get_language()):
        seen: set[str] = set()
        current = element_id
        while current not in seen:
            seen.add(current)
            incoming = definition.incoming(current)
            if len(incoming) != 1:
                return ""
            flow = incoming[0]
            if flow.condition is not None:
                known = {fact.name: fact for fact in facts}
                return gettext("only when %(condition)s") % {
                    "condition": _words(flow.condition, known, False)
                }
            source = definition.elements[flow.source]
            if (
                isinstance(source, Gateway)
                and source.default == flow.id
                and source.kind is not GatewayKind.PARALLEL
            ):
                return gettext("only when no other branch applies")
            current = flow.source
    return ""


def value_in_words(value: Any, fact: Fact | None, *, is_short: bool = False) -> str:
    """A value of a fact as its reader writes it; several values as a list."""
    if isinstance(value, tuple | list):
        shown = [value_in_words(each, fact, is_short=is_short) for each in value]
        return pgettext("between values", ", ").join(shown)
    if isinstance(value, bool):
        return pgettext("value", "yes") if value else pgettext("value", "no")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | int):
        return _number(Decimal(value), fact, is_short)
    if fact is not None and fact.choices is not None:
        labels = {str(key): label for key, label in fact.choices()}
        return str(labels.get(str(value), value))
    return str(value)


def _words(condition: Condition, facts: Mapping[str, Fact], is_short: bool) -> str:
    if isinstance(condition, Comparison):
        return _comparison(condition, facts.get(condition.fact), is_short)
    if not condition.items:
        if isinstance(condition, AllOf):
            return pgettext("condition", "always")
        return pgettext("condition", "never")
    if isinstance(condition, AllOf):
        joint = pgettext("between conditions", " and ")
    else:
        joint = pgettext("between conditions", " or ")
    return joint.join(_item(item, facts, is_short) for item in condition.items)


def _item(item: Condition, facts: Mapping[str, Fact], is_short: bool) -> str:
    text = _words(item, facts, is_short)
    if isinstance(item, AllOf | AnyOf) and len(item.items) > 1:
        return pgettext("grouped condition", "(%(condition)s)") % {"condition": text}
    return text


def _comparison(comparison: Comparison, fact: Fact | None, is_short: bool) -> str:
    label = str(fact.label) if fact is not None else comparison.fact
    value = value_in_words(comparison.value, fact, is_short=is_short)
    operator = comparison.operator
    if is_short and operator in _SIGNS and not isinstance(comparison.value, bool):
        return f"{label} {_SIGNS[operator]} {value}"
    words = _WORDS[operator]
    if fact is not None and fact.type == "date":
        words = _DATE_WORDS.get(operator, words)
    return str(words) % {"fact": label, "value": value}


def _number(value: Decimal, fact: Fact | None, is_short: bool) -> str:
    if fact is None or fact.type != "money":
        return f"{value.normalize():,f}" if value else "0"
    if not is_short:
        return gettext("%(amount)s yuan") % {"amount": f"{value:,.2f}"}
    if (get_language() or "").startswith("zh"):
        for unit, word in ((_HUNDRED_MILLION, "亿"), (_TEN_THOUSAND, "万")):
            # A shortened amount must still be the exact one.
            if abs(value) >= unit and value / unit == round(value / unit, 2):
                return f"{(value / unit).normalize():f}{word}"
    return f"{value.normalize():,f}" if value else "0"
