"""A document's columns as typed, as stored and as read."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from lending_crm.common.accounts import AccountNumberField, compact_account
from lending_crm.common.errors import DomainError
from lending_crm.common.money import format_amount, format_rate
from lending_crm.common.text import clean_line, clean_text

#: texts from this length on are paragraphs and keep their line ends
_PARAGRAPH = 500
_MONEY_PLACES, _RATE_PLACES = 2, 4


def is_money(field: Any) -> bool:
    return isinstance(field, models.DecimalField) and field.decimal_places == _MONEY_PLACES


def is_rate(field: Any) -> bool:
    """A percentage: by the house rule the only decimals with four places (domain.md §0)."""
    return isinstance(field, models.DecimalField) and field.decimal_places == _RATE_PLACES


def is_number(field: Any) -> bool:
    """Shown with its digits in a column, to the right."""
    numbers = (models.DecimalField, models.IntegerField)
    return isinstance(field, numbers) and not field.choices


def is_paragraph(field: Any) -> bool:
    is_long = field.max_length is None or field.max_length >= _PARAGRAPH
    return isinstance(field, models.TextField) and is_long


def as_stored(model: type[models.Model], name: str, value: Any) -> Any:
    """A typed value as its column keeps it.

    Text is made storable; a number gets the decimals of its column, so that 8 and 8.0000 are
    no change.
    """
    field: Any = model._meta.get_field(name)
    if isinstance(value, str):
        text = (clean_text if is_paragraph(field) else clean_line)(value)
        return compact_account(text) if isinstance(field, AccountNumberField) else text
    if isinstance(field, models.DecimalField) and isinstance(value, Decimal):
        try:
            exact = value.quantize(Decimal(1).scaleb(-field.decimal_places))
        except InvalidOperation:  # too large for the column; its validation says so
            return value
        return exact if exact == value else value
    return value


def field_refusals(
    error: ValidationError, *, code: str = "DOC-06", prefix: str = "", otherwise: str = ""
) -> list[DomainError]:
    """Each message of a model's validation as a refusal bound to its field.

    ``otherwise`` is the field of an error that names none.
    """
    by_field = error.message_dict if hasattr(error, "error_dict") else {otherwise: error.messages}
    return [
        DomainError(code, message, status=422, field=f"{prefix}{name}")
        for name, messages in by_field.items()
        for message in messages
    ]


def bound_to(path: str, reason: DomainError) -> DomainError:
    """The refusal of one row's column, bound to the row's place in the form."""
    field = f"{path}.{reason.field}" if reason.field else path
    return DomainError(
        reason.code, reason.sentence, status=reason.status, field=field, params=reason.params
    )


def too_many_rows(name: str, limit: int) -> DomainError:
    return DomainError(
        "DOC-07",
        gettext_lazy("At most %(limit)s rows are possible in one list."),
        status=422,
        field=name,
        params={"limit": limit},
    )


def rows_are_fixed(name: str, count: int) -> DomainError:
    return DomainError(
        "DOC-08",
        gettext_lazy("This list has %(count)s rows; none can be added or removed."),
        status=422,
        field=name,
        params={"count": count},
    )


def displayed(record: models.Model, name: str) -> str:
    """What a reader sees of one attribute, in the active language; empty for no value."""
    choice = getattr(record, f"get_{name}_display", None)
    if callable(choice):
        shown = choice()
        return "" if shown is None else str(shown)
    value = getattr(record, name)
    field = next((each for each in record._meta.fields if each.name == name), None)
    if value is None:
        return ""
    if is_rate(field) and isinstance(value, Decimal):
        return f"{format_rate(value)}%"
    if is_money(field) and isinstance(value, Decimal):
        return format_amount(value)
    if isinstance(field, ArrayField) and field.base_field.choices:
        labels = dict(field.base_field.flatchoices)
        return gettext(", ").join(str(labels.get(each, each)) for each in value)
    return shown_value(value)


def shown_value(value: Any) -> str:
    """A value by itself, without a column that says what it means."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Decimal):
        return f"{value:,}"
    return str(value)
