"""The form of a value list: one row a code."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lending_crm.common.dictionary import ValueList
from staff.services.dictionary import LAST_POSITION, Kept


class WordForm(forms.Form):
    """One code; what it ships with stands in the empty fields."""

    zh = forms.CharField(label=_("Chinese"), max_length=40, required=False)
    en = forms.CharField(label=_("English"), max_length=80, required=False)
    position = forms.IntegerField(label=_("Order"), min_value=1, max_value=LAST_POSITION)
    is_offered = forms.BooleanField(label=_("Offered"), required=False)

    def __init__(self, *args: Any, of: ValueList, code: str, **kwargs: Any) -> None:
        word = of.word(code)
        stored = {name: getattr(word, name) for name in ("zh", "en", "position", "is_offered")}
        super().__init__(*args, prefix=code, initial=stored, **kwargs)
        self.code, self.is_fixed = code, code in of.fixed
        for name, shipped in of.shipped(code).items():
            self.fields[name].widget.attrs["placeholder"] = shipped
        if self.is_fixed:
            self.fields["is_offered"].disabled = True


class ValueListForm:
    """All rows of a list, in the order in which it is offered."""

    def __init__(self, of: ValueList, data: Any = None) -> None:
        self.of = of
        codes = sorted(of.choices.values, key=lambda code: of.word(code).position)
        self.forms = [WordForm(data, of=of, code=code) for code in codes]
        self.errors: list[str] = []

    def is_valid(self) -> bool:
        wrong = [form for form in self.forms if not form.is_valid()]
        return not wrong

    @property
    def words(self) -> dict[str, Kept]:
        return {form.code: Kept(**form.cleaned_data) for form in self.forms}

    def show(self, field: str | None, message: str) -> None:
        """A refusal at its field, or above the rows."""
        code, _dot, name = (field or "").partition(".")
        for form in self.forms:
            if form.code == code and name in form.fields:
                form.add_error(name, message)
                return
        self.errors.append(message)
