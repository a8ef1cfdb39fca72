"""What is typed about 公海: why a prospect goes there, and the lender's figures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.models import PoolSetting
from customers.services.pool_settings import FIELDS
from lending_crm.common.forms import field_of


class GiveBackForm(forms.Form):
    """收回公海."""

    reason = forms.CharField(label=_("Reason"), max_length=200)


class PoolSettingForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, setting: PoolSetting, **kwargs: Any) -> None:
        initial = {name: getattr(setting, name) for name in (*FIELDS, "version")}
        super().__init__(*args, initial=initial, **kwargs)
        for name in FIELDS:
            self.fields[name] = field_of(PoolSetting, name, required=name != "falls_by_itself")
