"""Form fields that forgive how people type: ``300万``, ``1,000,000``, ``14.4%``, wide digits."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django import forms
from django.db import models
from django.utils.functional import lazy
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from lending_crm.common.dictionary import DictionaryChoices, list_of
from lending_crm.common.errors import DomainError
from lending_crm.common.text import is_empty

_SEPARATORS = {ord(mark): None for mark in ",, \u3000"}
_AMOUNT = re.compile(r"[¥元\s,]|人民币|CNY|RMB", re.IGNORECASE)
_UNITS = (("亿", Decimal(100_000_000)), ("万", Decimal(10_000)))
_LONGEST = 40  # no number of ours has more characters; longer text is not worth parsing


class AmountField(forms.DecimalField):
    """A number with or without separators: ``1,000,000``, ``1,000``."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.translate(_SEPARATORS) if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if hasattr(value, "normalize") else value


def _folded(value: str) -> str:
    return unicodedata.normalize("NFKC", value[: _LONGEST + 1]).strip()


class MoneyField(AmountField):
    """Yuan with at most two decimals; ``万`` and ``亿`` behind the number multiply it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"max_digits": 18, "decimal_places": 2, "min_value": Decimal(0)} | kwargs
        )

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return super().to_python(value)
        text = _AMOUNT.sub("", _folded(value))
        for unit, factor in _UNITS:
            if text.endswith(unit):
                number = super().to_python(text[: -len(unit)])
                return None if number is None else (number * factor).quantize(Decimal("0.01"))
        return super().to_python(text)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,.2f}" if isinstance(value, Decimal) else value


class PercentField(AmountField):
    """A percentage with at most four decimals; a typed ``%`` is dropped."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "max_digits": 9,
                "decimal_places": 4,
                "min_value": Decimal(0),
                "max_value": Decimal(100),
            }
            | kwargs
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(
            _folded(value).rstrip("%").rstrip() if isinstance(value, str) else value
        )


class MonthsField(forms.IntegerField):
    """A whole number of months."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": 600} | kwargs)
        self.error_messages["invalid"] = _("Enter a whole number of months.")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = _folded(value).removesuffix("个月").removesuffix("月")
        return super().to_python(value)


def field_of(model: type[models.Model], name: str, *, required: bool) -> forms.Field:
    """The form field of a column; the browser's and the form's own limits are the column's."""
    column: Any = model._meta.get_field(name)
    label = capfirst(column.verbose_name)
    shared = {"label": label, "required": required}
    if isinstance(column, models.DecimalField):
        return AmountField(
            max_digits=column.max_digits,
            decimal_places=column.decimal_places,
            min_value=0,
            **shared,
        )
    if column.choices:
        return forms.ChoiceField(choices=[("", "—"), *column.choices], **shared)
    if isinstance(column, models.BooleanField):
        return forms.BooleanField(label=label, required=False)
    if isinstance(column, models.DateField):
        return forms.DateField(**shared)
    if isinstance(column, models.IntegerField):
        return forms.IntegerField(min_value=0, max_value=32767, **shared)
    limit = column.max_length or 60
    widget = forms.Textarea(attrs={"rows": 3}) if limit >= 500 else forms.TextInput()
    return forms.CharField(max_length=limit, widget=widget, **shared)


def sentence_of(refusal: DomainError) -> Any:
    """The refusal's sentence for the form's own check, in the language of whoever reads it."""
    return lazy(lambda: refusal.message, str)()


class WordField(forms.ChoiceField):
    """A choice from a list of the dictionary: what it offers now, and what is chosen already."""

    def __init__(
        self, *, words: type[DictionaryChoices], blank: bool = True, **kwargs: Any
    ) -> None:
        self._words, self._blank = words, blank
        super().__init__(choices=self._offered, **kwargs)

    def _offered(self, kept: Collection[str] = ()) -> list[tuple[str, Any]]:
        blank: list[tuple[str, Any]] = [("", "—")] if self._blank else []
        return [*blank, *list_of(self._words).offered(kept)]

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        kept = form.get_initial_for_field(self, field_name)
        self.choices = self._offered({kept} if kept else ())
        return super().get_bound_field(form, field_name)


class RecordForm(forms.Form):
    """A form over some columns of a record; the services judge, the form only reads.

    ``shown`` are the names in the sections; ``version`` makes a stale tab visible (WF-12),
    ``creation_key`` makes a double click one record.
    """

    version = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1
    )
    creation_key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    required_to_submit: frozenset[str] = frozenset()

    @property
    def values(self) -> dict[str, Any]:
        """What a service takes as ``data``."""
        hidden = {"version", "creation_key"}
        return {name: value for name, value in self.cleaned_data.items() if name not in hidden}

    def hide_number(self, name: str) -> None:
        """A number that is shown masked: kept out of drafts and of the browser's memory."""
        self.fields[name].widget.attrs.update({"autocomplete": "off", "data-no-draft": True})


def initial_of(record: models.Model | None, names: Any) -> dict[str, Any]:
    """The stored values of the named columns, foreign keys by id."""
    if record is None:
        return {}
    return {
        name: value
        for name in names
        if not is_empty(value := getattr(record, record._meta.get_field(name).attname))  # type: ignore[union-attr]
    }
