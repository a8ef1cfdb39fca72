"""系统设置 → 贷后监管设置."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.selectors import setting_changes
from documents.rules import refuse_unless
from lending_crm.common.errors import DomainError
from postloan.models import SupervisionSetting
from postloan.permissions import may_change_settings, may_see_settings
from postloan.selectors.supervision import current_setting
from postloan.services.supervision_settings import SETTING_FIELDS, update_supervision_setting
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of

UNPROCESSABLE = 422


class SettingForm(forms.Form):
    version = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1
    )

    def __init__(self, *args: Any, setting: SupervisionSetting, **kwargs: Any) -> None:
        kwargs["initial"] = {name: getattr(setting, name) for name in (*SETTING_FIELDS, "version")}
        super().__init__(*args, **kwargs)
        for name in SETTING_FIELDS:
            column: Any = SupervisionSetting._meta.get_field(name)
            self.fields[name] = forms.IntegerField(
                label=capfirst(column.verbose_name), min_value=1, max_value=90
            )

    @property
    def values(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in SETTING_FIELDS}


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    refuse_unless(may_see_settings(user))
    form = SettingForm(request.POST or None, setting=current_setting())
    if form.is_bound and form.is_valid():
        try:
            update_supervision_setting(
                values=form.values,
                seen_version=form.cleaned_data["version"],
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("postloan:supervision-settings")
    context = {
        "form": form,
        "may_change": may_change_settings(user),
        "changes": setting_changes("postloan.supervisionsetting"),
    }
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "postloan/supervision_settings.html", context, status=status)
