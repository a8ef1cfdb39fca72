"""What head-office risk types into the register of related employees."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.choices import StaffTie
from customers.models import Customer
from staff.forms.organisation import PersonChoice
from staff.models import Employee


def _employee() -> PersonChoice:
    return PersonChoice(
        label=_("Employee"), queryset=Employee.objects.active().order_by("employee_no")
    )


class StaffRelationForm(forms.Form):
    """关联人登记 for one customer; without a contact the tie is to the customer itself."""

    contact = forms.ModelChoiceField(
        None, label=_("Contact"), required=False, empty_label=_("The customer itself")
    )
    tie = forms.ChoiceField(label=_("Kind of tie"), choices=[("", "—"), *StaffTie.choices])
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        help_text=_("What was declared, by whom, on which paper."),
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"] = _employee()
        self.order_fields(["employee", "contact", "tie", "reason"])
        self.fields["contact"].queryset = customer.contacts.order_by("name")  # type: ignore[attr-defined]


class StaffIdentityForm(forms.Form):
    """身份证指纹: only a fingerprint of the number is kept."""

    id_no = forms.CharField(
        label=_("ID number"),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-no-draft": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"] = _employee()
        self.order_fields(["employee", "id_no"])
