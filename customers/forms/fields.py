"""Fields that forgive how people type, and pickers that never load a whole table."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import models
from django.db.models import QuerySet
from django.forms.renderers import TemplatesSetting
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from customers.rules.fields import is_empty
from lending_crm.common.errors import DomainError

#: how many rows a picker offers before something is typed
OFFERED = 30
_SEPARATORS = {ord(mark): None for mark in ",, \u3000"}


class AmountField(forms.DecimalField):
    """A number with or without separators: ``1,000,000``, ``1,000``."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.translate(_SEPARATORS) if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        return f"{value.normalize():f}" if hasattr(value, "normalize") else value


class Picker(forms.Select):
    """A select that holds the chosen row and the first few; typing asks the server for more."""

    template_name = "customers/widgets/picker.html"

    def __init__(self, queryset: QuerySet, source: str, attrs: dict[str, Any] | None = None):
        super().__init__(attrs)
        self.queryset = queryset
        self.source = source

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        chosen = [key for key in value if key.isascii() and key.isdigit()]
        rows = list(self.queryset[:OFFERED])
        offered = {str(row.pk) for row in rows}
        missing = [int(key) for key in chosen if key not in offered]
        if missing:
            rows = [*self.queryset.filter(pk__in=missing), *rows]
        options = [("", "—"), *((str(row.pk), str(row)) for row in rows)]
        return [
            (None, [self.create_option(name, key, label, key in value, index)], index)
            for index, (key, label) in enumerate(options)
        ]

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        # The form renderer of Django knows only the templates of apps, not those of the project.
        return super().render(name, value, attrs, TemplatesSetting())

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["search_url"] = reverse("customers:options", args=[self.source])
        return context


class PickerField(forms.ModelChoiceField):
    def __init__(self, queryset: QuerySet, *, source: str, **kwargs: Any) -> None:
        super().__init__(queryset, widget=Picker(queryset, source), **kwargs)
        self.error_messages["invalid_choice"] = _("Choose another customer from the list.")


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
