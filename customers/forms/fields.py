"""Pickers of customers and contacts that never load a whole table."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.renderers import TemplatesSetting
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

#: how many rows a picker offers before something is typed
OFFERED = 30


class Picker(forms.Select):
    """A select that holds the chosen row and the first few; typing asks the server for more."""

    template_name = "customers/widgets/picker.html"

    def __init__(self, queryset: QuerySet, source: str, attrs: dict[str, Any] | None = None):
        super().__init__(attrs)
        self.queryset = queryset
        self.source = source

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        chosen = [key for key in value if key.isascii() and key.isdigit()]
        found = self.queryset[:OFFERED]
        if chosen:
            found = self.queryset.filter(pk__in=chosen).order_by().union(found, all=True)
        rows = {str(row.pk): str(row) for row in found}  # the chosen first, and once
        options = [("", "—"), *rows.items()]
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
