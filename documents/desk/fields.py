"""Form fields for the columns of documents and their rows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.text import capfirst

from documents.values import is_money, is_paragraph, is_rate
from lending_crm.common.dictionary import list_of_column
from lending_crm.common.forms import MoneyField, PercentField, WordField

_LARGEST = 2**31 - 1


def column_field(column: Any, *, required: bool) -> forms.Field:
    """The form field of a column; its limits are the column's, the service judges again."""
    shared: dict[str, Any] = {
        "label": capfirst(column.verbose_name),
        "required": required,
        "help_text": column.help_text,
    }
    if column.has_default() and not isinstance(column, ArrayField):
        shared["initial"] = column.get_default()
    if is_money(column):
        return MoneyField(**shared)
    if is_rate(column):
        return PercentField(**shared, **_bounds(column))
    if isinstance(column, ArrayField):
        return forms.MultipleChoiceField(
            choices=list(column.base_field.choices or ()),
            widget=forms.CheckboxSelectMultiple,
            **shared,
        )
    if (words := list_of_column(column)) is not None:
        return WordField(words=words.choices, blank=not column.has_default(), **shared)
    if column.choices:
        blank = [] if column.has_default() else [("", "—")]
        return forms.ChoiceField(choices=[*blank, *column.choices], **shared)
    return _plain_field(column, shared)


def _plain_field(column: Any, shared: dict[str, Any]) -> forms.Field:
    match column:
        case models.ForeignKey():
            queryset = column.related_model._default_manager.none()
            return forms.ModelChoiceField(queryset, empty_label="—", **shared)
        case models.BooleanField():
            return forms.BooleanField(**{**shared, "required": False})
        case models.DateField():
            return forms.DateField(**shared)
        case models.TimeField():
            clock = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
            return forms.TimeField(widget=clock, **shared)
        case models.IntegerField():
            return forms.IntegerField(**shared, **_bounds(column))
    limit = column.max_length or 2000
    widget = forms.Textarea(attrs={"rows": 3}) if is_paragraph(column) else forms.TextInput()
    return forms.CharField(max_length=limit, widget=widget, **shared)


def _bounds(column: Any) -> dict[str, Any]:
    """The column's own validators, so that the browser's field and the message fit them."""
    found: dict[str, Any] = {"min_value": 0, "max_value": _LARGEST}
    if is_rate(column):
        found = {"min_value": Decimal(0), "max_value": Decimal(100)}
    for validator in column.validators:
        if isinstance(validator, MinValueValidator):
            found["min_value"] = max(found["min_value"], validator.limit_value)
        if isinstance(validator, MaxValueValidator):
            found["max_value"] = min(found["max_value"], validator.limit_value)
    return found
