"""The variables of each kind of message: their types, how they are read and filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from string import Formatter
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError, refuse_all
from lending_crm.common.money import yuan
from lending_crm.common.text import clean_line
from sms import errors
from sms.choices import Kind

#: longer than any name or number that belongs into a message
_LONGEST_VALUE = 60


@dataclass(frozen=True)
class Type:
    """How a value is read from what was typed and written into a message.

    ``read`` raises ``ValueError`` for what it cannot read; ``wanted`` says what is expected.
    """

    read: Callable[[Any], Any]
    write: Callable[[Any], str]
    wanted: str | Promise


def _read_text(value: Any) -> str:
    text = clean_line(str(value))
    if not text or len(text) > _LONGEST_VALUE or "{" in text or "}" in text:
        raise ValueError
    return text


def _read_money(value: Any) -> Decimal:
    try:
        amount = value if isinstance(value, Decimal) else Decimal(str(value).replace(",", ""))
        if not amount.is_finite() or not 0 <= amount < 10**16:
            raise ValueError
        return yuan(amount)
    except InvalidOperation:
        raise ValueError from None


def _read_date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip())


def _read_days(value: Any) -> int:
    number = int(str(value).strip())
    if not 0 <= number <= 9999:
        raise ValueError
    return number


TEXT = Type(_read_text, str, _("a text of at most 60 characters"))
MONEY = Type(_read_money, lambda value: f"{value:,.2f}", _("an amount such as 1,000.00"))
DATE = Type(
    _read_date,
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    _("a date such as 2026-03-01"),
)
DAYS = Type(_read_days, str, _("a whole number of days"))


@dataclass(frozen=True)
class Variable:
    """``is_given`` ones follow from the record; the sender fills in the others."""

    name: str
    label: str | Promise
    type: Type
    sample: Any
    is_given: bool = False


_EVERYWHERE = (
    Variable("name", _("Name of the recipient"), TEXT, "张三", is_given=True),
    Variable("customer", _("Name of the customer"), TEXT, "北方商贸有限公司", is_given=True),
    Variable("manager", _("Account manager"), TEXT, "王客户", is_given=True),
)
VARIABLES: dict[str, tuple[Variable, ...]] = {
    Kind.NOTICE: (
        *_EVERYWHERE,
        Variable("doc_no", _("Document number"), TEXT, "YW-SY-20260302-001"),
        Variable("amount", _("Amount (yuan)"), MONEY, Decimal("300000.00")),
        Variable("date", _("Date"), DATE, date(2026, 3, 2)),
    ),
    Kind.COLLECTION: (
        *_EVERYWHERE,
        Variable("loan_no", _("Loan number"), TEXT, "JJ-SY-20260302-001"),
        Variable("amount", _("Amount due (yuan)"), MONEY, Decimal("12500.00")),
        Variable("due_date", _("Due date"), DATE, date(2026, 3, 5)),
        Variable("days", _("Days until or since the due date"), DAYS, 3),
    ),
    Kind.MARKETING: (
        *_EVERYWHERE,
        Variable("product", _("Product"), TEXT, "信用贷"),
        Variable("date", _("Date"), DATE, date(2026, 3, 31)),
    ),
    Kind.BIRTHDAY: _EVERYWHERE,
}


def names_in(text: str) -> list[str]:
    """The variables of a text in their order; SMS-05 when its braces are broken."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise errors.broken_braces() from None
    # Attributes, indexes, conversions and formats would reach into objects: none is a variable.
    if any(spec or conversion for _before, _name, spec, conversion in parts):
        raise errors.broken_braces()
    return list(dict.fromkeys(name for _before, name, _s, _c in parts if name is not None))


def check_text(kind: str, text: str) -> None:
    """Raises SMS-05 for broken braces, SMS-04 for variables that the kind does not declare."""
    known = [variable.name for variable in VARIABLES[kind]]
    unknown = [name for name in names_in(text) if name not in known]
    if unknown:
        raise errors.unknown_variables(unknown, known)


def asked_of_sender(kind: str, text: str) -> list[Variable]:
    """The variables of the text that do not follow from the record."""
    used = names_in(text)
    return [each for each in VARIABLES[kind] if each.name in used and not each.is_given]


def fill(kind: str, text: str, values: Mapping[str, Any]) -> str:
    """The text with its values; SMS-08 for every one that is missing or of the wrong type."""
    used, refused = names_in(text), list[DomainError]()
    written: dict[str, str] = {}
    for variable in VARIABLES[kind]:
        if variable.name not in used:
            continue
        try:
            written[variable.name] = variable.type.write(
                variable.type.read(values.get(variable.name, ""))
            )
        except ValueError:
            refused.append(errors.wrong_value(variable.name, variable.label, variable.type.wanted))
    refuse_all(refused)
    return text.format_map(written)


def sample_of(kind: str, text: str) -> str:
    """The text with the sample values of its variables."""
    return fill(kind, text, {each.name: each.sample for each in VARIABLES[kind]})
