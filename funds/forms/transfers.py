"""Forms of what finance does with an approved transfer."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from funds.forms.payments import receipt_field
from funds.models import FundTransfer
from lending_crm.common.forms import MoneyField

_VERSION = {"min_value": 1, "max_value": 2**31 - 1}


class ExecutionForm(forms.Form):
    """执行: what the bank's receipt says."""

    executed_on = forms.DateField(
        label=capfirst(FundTransfer._meta.get_field("executed_on").verbose_name),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    paid_amount = MoneyField(label=_("Amount paid to the payee"))
    bank_ref = forms.CharField(
        label=capfirst(FundTransfer._meta.get_field("bank_ref").verbose_name), max_length=60
    )
    receipt = receipt_field(required=False)
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput, **_VERSION)


class OutcomeForm(forms.Form):
    """划拨失败 and 冲销: the reason."""

    reason = forms.CharField(label=_("Reason"), max_length=200)
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput, **_VERSION)
