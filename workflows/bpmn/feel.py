"""Conditions as FEEL text and back, and the comparisons of ``${…}`` expressions.

The subset is what a condition can hold: comparisons of one fact with one value, lists,
``and``, ``or`` and ``not``. Everything else is refused with its position.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from workflows.bpmn.conditions import AllOf, AnyOf, Comparison, Condition, Operator, Value
from workflows.bpmn.feel_lexer import ConditionTextError, Lexeme, is_name, lexemes

TEXT_AT_MOST = 10_000
NESTING_AT_MOST = 40

_SYMBOLS = {
    Operator.EQ: "=",
    Operator.NE: "!=",
    Operator.LT: "<",
    Operator.LE: "<=",
    Operator.GT: ">",
    Operator.GE: ">=",
}
_OPERATORS = {
    **{symbol: operator for operator, symbol in _SYMBOLS.items()},
    "==": Operator.EQ,
    "eq": Operator.EQ,
    "ne": Operator.NE,
    "lt": Operator.LT,
    "le": Operator.LE,
    "gt": Operator.GT,
    "ge": Operator.GE,
}
_MIRRORED = {
    Operator.LT: Operator.GT,
    Operator.LE: Operator.GE,
    Operator.GT: Operator.LT,
    Operator.GE: Operator.LE,
}
_OPPOSITES = {
    Operator.EQ: Operator.NE,
    Operator.LT: Operator.GE,
    Operator.LE: Operator.GT,
    Operator.IN: Operator.NOT_IN,
    Operator.CONTAINS: Operator.NOT_CONTAINS,
}
_OPPOSITES |= {opposite: operator for operator, opposite in _OPPOSITES.items()}

#: how expressions of other tools ask a variable: ``risk.equals('A')``
_METHODS = {".contains": Operator.CONTAINS, ".equals": Operator.EQ}
#: and how they name one: ``execution.getVariable('risk') == 'A'``
_VARIABLES = frozenset({"execution.getVariable", "getVariable", "bpmn:getDataObject"})


def to_feel(condition: Condition) -> str:
    """The condition as a FEEL expression.

    Raises ValueError for a number that is not finite. A group of one is written as its item.
    """
    if isinstance(condition, Comparison):
        return _comparison_text(condition)
    if not condition.items:
        return "true" if isinstance(condition, AllOf) else "false"
    if len(condition.items) == 1:
        return to_feel(condition.items[0])
    word = " and " if isinstance(condition, AllOf) else " or "
    return word.join(
        to_feel(item) if isinstance(item, Comparison) or not item.items else f"({to_feel(item)})"
        for item in condition.items
    )


def from_feel(text: str, fact_types: Mapping[str, str]) -> Condition:
    """Read FEEL, or one ``${…}`` or ``#{…}`` expression of comparisons.

    Values become what the fact's type asks for (``Decimal`` for money and number, ``int``,
    ``date``); a value that does not fit, or of an unknown fact, keeps its own type for the
    publish checks to name. Raises ``ConditionTextError``.
    """
    if len(text) > TEXT_AT_MOST:
        raise ConditionTextError(
            _("The condition is longer than %(limit)s characters."), 1, limit=TEXT_AT_MOST
        )
    body, offset = _unwrap(text)
    parser = _Parser(lexemes(body, offset), fact_types, offset + len(body) + 1)
    return parser.parse()


def _comparison_text(comparison: Comparison) -> str:
    fact, value = comparison.fact, comparison.value
    match comparison.operator:
        case Operator.IN:
            return f"{fact} in ({_list_text(value)})"
        case Operator.NOT_IN:
            return f"not({fact} in ({_list_text(value)}))"
        case Operator.CONTAINS:
            return f"list contains({fact}, {_value_text(value)})"
        case Operator.NOT_CONTAINS:
            return f"not(list contains({fact}, {_value_text(value)}))"
    return f"{fact} {_SYMBOLS[comparison.operator]} {_value_text(value)}"


def _list_text(value: Value) -> str:
    values = value if isinstance(value, tuple) else (value,)
    return ", ".join(_value_text(each) for each in values)


def _value_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return f'date("{value.isoformat()}")'
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no value of a condition")
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no value of a condition")
    return f'"{"".join(_escaped(character) for character in value)}"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    # XML cannot hold control characters, and turns line ends into spaces or \n.
    if ord(character) < 0x20 or 0x7F <= ord(character) <= 0x9F or character in "\ufffe\uffff":
        return f"\\u{ord(character):04X}"
    return character


def _unwrap(text: str) -> tuple[str, int]:
    """The expression inside ``${…}``, ``#{…}`` or behind ``=``, and where it begins."""
    start = len(text) - len(text.lstrip())
    body = text.strip()
    if body[:2] in ("${", "#{") and body.endswith("}"):
        return body[2:-1], start + 2
    if body.startswith("=") and not body.startswith("=="):
        return body[1:], start + 1
    return body, start


class _Parser:
    def __init__(self, lexemes: list[Lexeme], fact_types: Mapping[str, str], end: int) -> None:
        self.lexemes = lexemes
        self.fact_types = fact_types
        self.end = end
        self.at = 0
        self.depth = 0

    def parse(self) -> Condition:
        condition = self._any_of()
        if (left := self._peek()) is not None:
            raise self._unexpected(left)
        return condition

    # -- grammar -------------------------------------------------------------------------

    def _any_of(self) -> Condition:
        items = [self._all_of()]
        while self._accept("or", "||"):
            items.append(self._all_of())
        return items[0] if len(items) == 1 else AnyOf(tuple(items))

    def _all_of(self) -> Condition:
        items = [self._unary()]
        while self._accept("and", "&&"):
            items.append(self._unary())
        return items[0] if len(items) == 1 else AllOf(tuple(items))

    def _unary(self) -> Condition:
        self.depth += 1
        if self.depth > NESTING_AT_MOST:
            raise ConditionTextError(
                _("Position %(position)s: the condition is nested too deeply."),
                self._position(),
            )
        try:
            if self._accept("not", "!"):
                return _negated(self._unary())
            if self._accept("("):
                inner = self._any_of()
                self._expect(")")
                return inner
            return self._comparison()
        finally:
            self.depth -= 1

    def _comparison(self) -> Condition:
        first = self._peek()
        if first is None:
            raise self._missing()
        if first.text == "list" and self._peek(1, "contains"):
            return self._list_contains()
        if first.kind == "name" and first.text not in ("true", "false", "date"):
            return self._about_fact()
        if first.text in ("true", "false") and not self._peek(1, *_OPERATORS):
            self.at += 1
            return AllOf(()) if first.text == "true" else AnyOf(())
        value = self._literal()
        operator = self._operator()
        name = self._name()
        return Comparison(name, _MIRRORED.get(operator, operator), self._typed(name, value))

    def _about_fact(self) -> Condition:
        name = self._name()
        for method, operator in _METHODS.items():
            if name.endswith(method) and self._accept("("):
                fact = name.removesuffix(method)
                value = self._literal()
                self._expect(")")
                return Comparison(fact, operator, self._typed(fact, value))
        if self._accept("in"):
            self._expect("(")
            return self._in_list(name)
        if self._peek(0, *_OPERATORS):
            operator = self._operator()
            return Comparison(name, operator, self._typed(name, self._literal()))
        return Comparison(name, Operator.EQ, True)

    def _in_list(self, name: str) -> Condition:
        values: list[Any] = []
        if not self._accept(")"):
            values.append(self._typed(name, self._literal()))
            while self._accept(","):
                values.append(self._typed(name, self._literal()))
            self._expect(")")
        if all(isinstance(value, str) for value in values):
            return Comparison(name, Operator.IN, tuple(values))
        items = tuple(Comparison(name, Operator.EQ, value) for value in values)
        return items[0] if len(items) == 1 else AnyOf(items)

    def _list_contains(self) -> Condition:
        self.at += 2
        self._expect("(")
        fact = self._name()
        self._expect(",")
        value = self._literal()
        self._expect(")")
        return Comparison(fact, Operator.CONTAINS, self._typed(fact, value))

    def _literal(self) -> Any:
        lexeme = self._peek()
        if lexeme is None:
            raise self._missing()
        self.at += 1
        if lexeme.kind in ("number", "string"):
            return lexeme.value
        if lexeme.text in ("true", "false"):
            return lexeme.text == "true"
        if lexeme.text == "-":
            number = self._peek()
            if number is not None and number.kind == "number":
                self.at += 1
                return -number.value
        if lexeme.text == "date":
            self._expect("(")
            day = self._literal()
            self._expect(")")
            try:
                return date.fromisoformat(day)
            except (TypeError, ValueError):
                raise ConditionTextError(
                    _("Position %(position)s: “%(text)s” is not a date like 2026-01-31."),
                    lexeme.position,
                    text=str(day)[:20],
                ) from None
        raise self._unexpected(lexeme)

    def _operator(self) -> Operator:
        lexeme = self._peek()
        if lexeme is None:
            raise self._missing()
        if lexeme.text not in _OPERATORS or lexeme.kind == "string":
            raise self._unexpected(lexeme)
        self.at += 1
        return _OPERATORS[lexeme.text]

    def _name(self) -> str:
        lexeme = self._peek()
        if lexeme is None:
            raise self._missing()
        if lexeme.kind != "name":
            raise self._unexpected(lexeme)
        self.at += 1
        if lexeme.text in _VARIABLES and self._accept("("):
            fact = self._literal()
            self._expect(")")
            if not isinstance(fact, str) or not is_name(fact):
                raise self._unexpected(lexeme)
            return fact
        return lexeme.text

    # -- values --------------------------------------------------------------------------

    def _typed(self, fact: str, value: Any) -> Any:
        match self.fact_types.get(fact):
            case "integer" if isinstance(value, Decimal) and value == value.to_integral_value():
                return int(value)
            case "date" if isinstance(value, str):
                try:
                    return date.fromisoformat(value)
                except ValueError:
                    return value
        return value

    # -- lexemes -------------------------------------------------------------------------

    def _peek(self, ahead: int = 0, *texts: str) -> Lexeme | None:
        at = self.at + ahead
        lexeme = self.lexemes[at] if at < len(self.lexemes) else None
        if (
            lexeme is not None
            and texts
            and (lexeme.text not in texts or lexeme.kind not in ("name", "symbol"))
        ):
            return None
        return lexeme

    def _accept(self, *texts: str) -> bool:
        if self._peek(0, *texts) is None:
            return False
        self.at += 1
        return True

    def _expect(self, text: str) -> None:
        if self._accept(text):
            return
        found = self._peek()
        if found is None:
            raise self._missing()
        raise ConditionTextError(
            _("Position %(position)s: “%(expected)s” is expected, not “%(text)s”."),
            found.position,
            expected=text,
            text=found.text[:20],
        )

    def _position(self) -> int:
        lexeme = self._peek()
        return lexeme.position if lexeme is not None else self.end

    def _missing(self) -> ConditionTextError:
        return ConditionTextError(
            _("Position %(position)s: the condition ends too early."), self.end
        )

    def _unexpected(self, lexeme: Lexeme) -> ConditionTextError:
        return ConditionTextError(
            _("Position %(position)s: “%(text)s” cannot be used in a condition."),
            lexeme.position,
            text=lexeme.text[:20],
        )


def _negated(condition: Condition) -> Condition:
    """The opposite of a condition, with the negation moved down to the comparisons."""
    if isinstance(condition, AllOf):
        return AnyOf(tuple(_negated(item) for item in condition.items))
    if isinstance(condition, AnyOf):
        return AllOf(tuple(_negated(item) for item in condition.items))
    if isinstance(condition.value, bool) and condition.operator is Operator.EQ:
        return Comparison(condition.fact, Operator.EQ, not condition.value)
    return Comparison(condition.fact, _OPPOSITES[condition.operator], condition.value)
