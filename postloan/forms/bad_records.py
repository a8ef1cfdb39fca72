"""What asset recovery types about a bad customer."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lending_crm.common.forms import MoneyField
from postloan.choices.bad_customers import RecoveryKind


class RecordForm(forms.Form):
    kind = forms.ChoiceField(
        label=pgettext_lazy("recovery", "Kind of record"), choices=RecoveryKind.choices
    )
    done_on = forms.DateField(label=_("Date"))
    done_at = forms.TimeField(
        label=_("Time of the contact"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        help_text=_("For a call or visit of the collection."),
    )
    content = forms.CharField(
        label=_("What was planned or done"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    amount = MoneyField(
        label=_("Amount recovered (CNY)"),
        required=False,
        help_text=_("Finance books the repayment in the ledger; here it is only told."),
    )
    next_step_on = forms.DateField(label=_("Next step on"), required=False)
    creation_key = forms.UUIDField(widget=forms.HiddenInput)
