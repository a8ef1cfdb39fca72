"""What was typed, made storable: trimmed text, known choices, numbers that fit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from customers import errors
from lending_crm.common.errors import DomainError
from lending_crm.common.text import clean_line, clean_text

#: from this length on a field is a paragraph and keeps its line breaks
_PARAGRAPH = 500


def clean_values(
    model: type[models.Model], values: Mapping[str, Any]
) -> tuple[dict[str, Any], list[DomainError]]:
    """Each value in the type of its column, and the refusals of those that do not fit.

    Foreign keys must be given as objects or None; forms and serializers load them through
    ``visible_to``.
    """
    cleaned: dict[str, Any] = {}
    found: list[DomainError] = []
    for name, value in values.items():
        try:
            cleaned[name] = _clean(model._meta.get_field(name), value)
        except DomainError as refusal:
            found.append(refusal)
    return cleaned, found


def _clean(field: Any, value: Any) -> Any:
    if isinstance(field, models.ForeignKey):
        return value
    if isinstance(field, models.BooleanField):
        return bool(value)
    if value is None or value == "":
        return "" if isinstance(field, models.CharField | models.TextField) else None
    if isinstance(field, models.CharField | models.TextField):
        return _clean_text(field, value)
    if isinstance(field, models.DecimalField):
        return _clean_decimal(field, value)
    try:
        cleaned = field.to_python(value)
        field.run_validators(cleaned)  # the range of the integer column
    except ValidationError:
        raise errors.wrong_number(field.name) from None
    if field.choices and cleaned not in dict(field.flatchoices):
        raise errors.wrong_choice(field.name)
    return cleaned


def _clean_text(field: Any, value: Any) -> str:
    if not isinstance(value, str):
        raise errors.wrong_choice(field.name)
    limit = field.max_length
    text = clean_text(value) if limit and limit >= _PARAGRAPH else clean_line(value)
    if limit and len(text) > limit:
        raise errors.too_long(field.name, limit)
    if text and field.choices and text not in dict(field.flatchoices):
        raise errors.wrong_choice(field.name)
    return text


def _clean_decimal(field: Any, value: Any) -> Decimal:
    if isinstance(value, float | bool):
        raise TypeError(f"{field.name} is never a {type(value).__name__}")
    try:
        number = Decimal(value)
        if not number.is_finite():
            raise errors.wrong_number(field.name)
        number = number.quantize(Decimal(1).scaleb(-field.decimal_places), ROUND_HALF_UP)
    except InvalidOperation:
        raise errors.wrong_number(field.name) from None
    if abs(number) >= Decimal(10) ** (field.max_digits - field.decimal_places):
        raise errors.wrong_number(field.name)
    if number < 0:
        raise errors.negative(field.name)
    return number
