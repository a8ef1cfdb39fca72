"""Strict reading of JSON: every mistake is kept with the field that it is in."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.text import clean_line

CODE = "FLOW-01"
LIST_AT_MOST = 500
ERRORS_AT_MOST = 50

_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")

Choice = TypeVar("Choice", bound=StrEnum)


class JsonInput:
    """Reads values by path and collects what is wrong; each reader returns something usable."""

    def __init__(self) -> None:
        self.errors: list[DomainError] = []

    def refuse(self, path: str, sentence: str | Promise, **params: Any) -> None:
        if len(self.errors) < ERRORS_AT_MOST:
            self.errors.append(
                DomainError(CODE, sentence, status=422, field=path or None, params=params)
            )

    def finish(self) -> None:
        """Raise everything that was wrong, as one error."""
        refuse_all(self.errors)

    def mapping(self, data: Any, path: str, known: Collection[str]) -> Mapping[str, Any]:
        """An object without unknown keys; an empty one when it is none."""
        if not isinstance(data, Mapping):
            self.refuse(path, _("An object is expected here."))
            return {}
        for key in data:
            if key not in known:
                self.refuse(field_path(path, str(key)[:60]), _("This field is not known."))
        return data

    def items(self, data: Any, path: str, at_most: int = LIST_AT_MOST) -> list[Any]:
        if not isinstance(data, list | tuple):
            self.refuse(path, _("A list is expected here."))
            return []
        if len(data) > at_most:
            self.refuse(path, _("At most %(limit)s entries are allowed here."), limit=at_most)
            return []
        return list(data)

    def text(self, data: Any, path: str, at_most: int = 200) -> str:
        """One line of text, without control characters."""
        if not isinstance(data, str):
            self.refuse(path, _("Text is expected here."))
            return ""
        if len(data) > 10 * at_most or len(cleaned := clean_line(data)) > at_most:
            self.refuse(path, _("At most %(limit)s characters are allowed here."), limit=at_most)
            return ""
        return cleaned

    def identifier(self, data: Any, path: str) -> str:
        if not isinstance(data, str) or not _ID.fullmatch(data):
            self.refuse(
                path,
                _("An id begins with a letter and holds letters, digits, “_”, “-” and “.” only."),
            )
            return ""
        return data

    def boolean(self, data: Any, path: str) -> bool:
        if not isinstance(data, bool):
            self.refuse(path, _("Yes or no (true or false) is expected here."))
            return False
        return data

    def integer(self, data: Any, path: str, low: int, high: int) -> int:
        if isinstance(data, str) and re.fullmatch(r"-?[0-9]{1,18}", data.strip()):
            data = int(data)
        if isinstance(data, bool) or not isinstance(data, int):
            self.refuse(path, _("A whole number is expected here."))
            return low
        if not low <= data <= high:
            self.refuse(
                path, _("A number from %(low)s to %(high)s is expected here."), low=low, high=high
            )
            return low
        return data

    def decimal(self, data: Any, path: str, *, places: int, high: Decimal) -> Decimal:
        """A decimal number written as text or a whole number; never a float."""
        number: Decimal | None = None
        if isinstance(data, int) and not isinstance(data, bool):
            data = str(data)
        if isinstance(data, str) and len(data) <= 40:
            try:
                number = Decimal(data.strip().replace(",", ""))
            except InvalidOperation:
                number = None
        if number is None or not number.is_finite():
            self.refuse(path, _("A number is expected here, as text such as “0.50”."))
            return Decimal(0)
        if abs(number) > high:
            self.refuse(path, _("The number is too large."))
            return Decimal(0)
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > places:
            self.refuse(
                path, _("At most %(places)s decimal places are allowed here."), places=places
            )
            return Decimal(0)
        return number

    def share(self, data: Any, path: str) -> Fraction:
        """An exact share such as '2/3' or '0.5', more than 0 and at most 1."""
        found: Fraction | None = None
        if isinstance(data, str) and re.fullmatch(r"[0-9]{1,9}([./][0-9]{1,9})?", data.strip()):
            try:
                found = Fraction(data.strip())
            except ZeroDivisionError:
                found = None
        if found is None or not 0 < found <= 1:
            self.refuse(
                path, _("A share such as “2/3” is expected here, more than 0 and at most 1.")
            )
            return Fraction(1)
        return found

    def choice(self, data: Any, path: str, choices: type[Choice], default: Choice) -> Choice:
        try:
            return choices(data)
        except ValueError:
            self.refuse(path, _("This is not one of the choices."))
            return default


def field_path(path: str, name: str | int) -> str:
    """``nodes``, 2, ``name`` -> ``nodes.2.name``."""
    return f"{path}.{name}" if path else str(name)
