"""FEEL and ``${…}`` text cut into lexemes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DIGITS_AT_MOST = 40

_ESCAPES = {'"': '"', "'": "'", "\\": "\\", "n": "\n", "t": "\t", "r": "\r"}


class ConditionTextError(ValueError):
    """The text is not a condition; ``position`` counts characters from 1."""

    def __init__(self, sentence: str | Promise, position: int, **params: Any) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence
        self.position = position
        self.params = {**params, "position": position}

    @property
    def message(self) -> str:
        return str(self.sentence) % self.params

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True)
class Lexeme:
    kind: str  # number, string, name, symbol
    text: str
    position: int
    value: Any = None


_LEXEMES = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?![\w.]))
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<name>bpmn:getDataObject\b|[^\W\d]\w*(?:\.[^\W\d]\w*)*)
    | (?P<symbol>&&|\|\||==|!=|<=|>=|[=<>!(),-])
    )""",
    re.VERBOSE | re.DOTALL,
)

_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_WORDS = frozenset({"and", "or", "not", "in", "list", "date", "true", "false"})


def is_name(text: str) -> bool:
    """Whether the text could be written as the name of a fact."""
    return _NAME.fullmatch(text) is not None and text not in _WORDS


def lexemes(text: str, offset: int) -> list[Lexeme]:
    found: list[Lexeme] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _LEXEMES.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise ConditionTextError(
                _("Position %(position)s: “%(text)s” cannot be used in a condition."),
                offset + at + 1,
                text=text[at : at + 10],
            )
        kind = str(match.lastgroup)
        raw = match.group(kind)
        position = offset + match.start(kind) + 1
        value: Any = None
        if kind == "number":
            if len(raw) > DIGITS_AT_MOST:
                raise ConditionTextError(
                    _("Position %(position)s: the number has too many digits."), position
                )
            value = Decimal(raw)
        elif kind == "string":
            value = _unescape(raw[1:-1], position)
        found.append(Lexeme(kind, raw, position, value))
        at = match.end()
    return found


def _unescape(text: str, position: int) -> str:
    def replace(match: re.Match[str]) -> str:
        mark = match.group(1)
        if mark.startswith("u"):
            number = int(mark[1:], 16)
            if 0xD800 <= number <= 0xDFFF:
                raise ConditionTextError(
                    _("Position %(position)s: the text holds half a character."), position
                )
            return chr(number)
        if mark in _ESCAPES:
            return _ESCAPES[mark]
        raise ConditionTextError(
            _("Position %(position)s: “%(text)s” cannot be used in a condition."),
            position,
            text=match.group(0),
        )

    return re.sub(r"\\(u[0-9A-Fa-f]{4}|.)", replace, text, flags=re.DOTALL)
