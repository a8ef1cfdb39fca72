"""The lists of a document's form. Rows left empty are no rows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.forms.formsets import DELETION_FIELD_NAME
from django.forms.utils import ErrorDict

from documents.desk.fields import column_field
from documents.rows import MAX_ROWS, RowTable


class RowForm(forms.Form):
    """One row; it is no row while nothing but its preset fields has a value.

    A row that the document laid down is always one, ticked or not.
    """

    preset: frozenset[str] = frozenset()
    is_laid_down = False

    def __init__(
        self, *args: Any, choices: Mapping[str, QuerySet] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, queryset in (choices or {}).items():
            self.fields[name].queryset = queryset  # type: ignore[attr-defined]

    @property
    def is_left_empty(self) -> bool:
        if self.is_laid_down or not self.is_bound:
            return False
        return not any(
            str(self.data.get(self.add_prefix(name), "")).strip()
            for name in self.fields
            if name not in self.preset and name != DELETION_FIELD_NAME
        )

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_left_empty:
            self._errors = ErrorDict()
            self.cleaned_data = {}

    @property
    def values(self) -> dict[str, Any]:
        return {
            name: value for name, value in self.cleaned_data.items() if name != DELETION_FIELD_NAME
        }


class RowFormSet(forms.BaseFormSet):
    """Rows that were removed or left empty are dropped; the others keep their order."""

    table: RowTable | None = None

    @property
    def kept(self) -> list[RowForm]:
        """Rows with something in them that were not removed, right or wrong."""
        return [
            form for form in self.forms if not form.is_left_empty and not self._is_removed(form)
        ]

    def _is_removed(self, form: forms.Form) -> bool:
        # Django's own list of removed forms is empty while anything in the formset is wrong.
        return self.can_delete and self._should_delete_form(form)  # type: ignore[attr-defined]

    @property
    def sound(self) -> list[dict[str, Any]]:
        """Values of the rows that can be computed with already, for the live preview."""
        return [form.values for form in self.kept if form.is_valid()]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [form.values for form in self.kept]

    def show_refusal(self, field: str, message: str) -> bool:
        """Whether ``lines.0.amount`` or the list itself is ours; the message then stands there."""
        if field == self.prefix:
            self.non_form_errors().append(message)
            return True
        match = re.fullmatch(rf"{self.prefix}\.(\d+)\.(\w+)", field)
        if match is None or int(match[1]) >= len(self.kept):
            return False
        form = self.kept[int(match[1])]
        form.add_error(match[2] if match[2] in form.fields else None, message)
        return True


def formset_of(form: type[RowForm], *, is_fixed: bool = False) -> type[RowFormSet]:
    made = forms.formset_factory(
        form,
        formset=RowFormSet,
        extra=0,
        can_delete=not is_fixed,
        max_num=MAX_ROWS,
        validate_max=True,
        absolute_max=MAX_ROWS + 20,
    )
    return cast(type[RowFormSet], made)


def table_formset(table: RowTable) -> type[RowFormSet]:
    """The formset of a declared list; its fields are the columns that a person types."""
    fields: dict[str, Any] = {
        name: column_field(table.field(name), required=table.needs(name)) for name in table.columns
    }
    for name in table.preset if table.is_fixed else ():
        fields[name].disabled = True  # laid down: whatever is sent for it is not looked at
    form = type(
        f"{table.model.__name__}Form",
        (RowForm,),
        {**fields, "preset": table.preset, "is_laid_down": table.is_fixed},
    )
    made = formset_of(form, is_fixed=table.is_fixed)
    made.table = table
    return made


def initial_rows(table: RowTable, document: Any) -> Sequence[dict[str, Any]]:
    """The stored rows as the forms show them; foreign keys by id."""
    return [
        {name: getattr(value, "pk", value) for name, value in row.items()}
        for row in table.typed(document)
    ]
