"""The forms of the handover list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from resources.desk import HANDOVER_DESK
from resources.models import WorkHandover
from staff.models import Employee

_VERSION = {"min_value": 1, "max_value": 2**31 - 1}


class ItemsForm(forms.Form):
    """Which things, and what is to be done with them."""

    ACTS = (
        ("assign", _("Give to the receiver")),
        ("settings", _("As the settings say")),
        ("include", _("Take into the list")),
        ("exclude", _("Leave out")),
    )
    act = forms.ChoiceField(choices=ACTS)
    item = forms.TypedMultipleChoiceField(coerce=int, required=False)
    all_matching = forms.BooleanField(label=_("All that fit the filter"), required=False)
    receiver = forms.ModelChoiceField(
        Employee.objects.none(), label=_("Receiver"), required=False, empty_label="—"
    )
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput, **_VERSION)

    def __init__(self, *args: Any, handover: WorkHandover, user: Employee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = HANDOVER_DESK.choices("to_employee", user, about=handover)
        self.fields["receiver"].queryset = people  # type: ignore[attr-defined]
        ids = handover.items.values_list("pk", flat=True) if self.is_bound else ()
        self.fields["item"].choices = [(pk, pk) for pk in ids]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("act") == "assign" and not found.get("receiver"):
            self.add_error(None, _("Name who takes it over."))
        if not found.get("item") and not found.get("all_matching"):
            self.add_error(None, _("Tick at least one thing."))
        return found


class GiverForm(forms.Form):
    """交还: whose part of the batch goes back."""

    giver = forms.ModelChoiceField(Employee.objects.none(), label=_("Gives back"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["giver"].queryset = Employee.objects.active()  # type: ignore[attr-defined]


class ExecutionForm(forms.Form):
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput, **_VERSION)
