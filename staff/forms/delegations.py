"""What is typed for a standing delegation; the rules are the service's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from lending_crm.common.money import MAX_AMOUNT
from staff.forms.organisation import PersonChoice
from staff.handing import delegable_kinds
from staff.models import Employee
from staff.services.delegations import NOTE_LENGTH


class DelegationForm(forms.Form):
    """One's own delegation; an administrator also says whose."""

    principal = PersonChoice(label=_("Person away"), queryset=Employee.objects.none())
    delegate = PersonChoice(label=_("Delegate"), queryset=Employee.objects.none())
    starts_at = forms.DateTimeField(
        label=_("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    ends_at = forms.DateTimeField(
        label=_("Until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )
    kinds = forms.MultipleChoiceField(
        label=_("Only these documents"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing ticked means all."),
    )
    max_amount = forms.DecimalField(
        label=_("Amount ceiling (yuan)"), required=False, max_digits=18, decimal_places=2,
        max_value=MAX_AMOUNT, help_text=_("Cases above it stay with the person away."),
    )  # fmt: skip
    moves_open_items = forms.BooleanField(
        label=_("Also move what is waiting already"), required=False
    )
    note = forms.CharField(label=_("Remark"), required=False, max_length=NOTE_LENGTH)

    def __init__(self, *args: Any, actor: Employee, is_keeper: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        people = Employee.objects.active().order_by("employee_no")
        self.fields["delegate"].queryset = people
        if is_keeper:
            self.fields["principal"].queryset = people
        else:
            del self.fields["principal"]
        kinds = delegable_kinds()
        self.fields["kinds"].choices = list(kinds.items())
        if not kinds:
            del self.fields["kinds"]
        for name in ("starts_at", "ends_at"):
            # What a browser's own picker sends: no seconds, a T in the middle.
            self.fields[name].widget.format = "%Y-%m-%dT%H:%M"

    @classmethod
    def proposed(cls, now: datetime) -> dict[str, Any]:
        """From now until the end of the day."""
        local = timezone.localtime(now).replace(second=0, microsecond=0)
        return {"starts_at": local, "ends_at": local.replace(hour=23, minute=59)}

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of the service."""
        return {"principal": self.actor, **self.cleaned_data}
