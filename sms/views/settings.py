"""系统设置 → 短信 → 规则: caps, quiet hours, reminders, retention."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers.views.request import status_of
from lending_crm.common.errors import DomainError
from sms import errors, selectors
from sms.forms import SettingForm
from sms.rules.permissions import may_change_settings, may_read_templates
from sms.services.settings import update_sms_setting
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of


def ensure_reader(request: HttpRequest) -> None:
    """403 for whoever has nothing to do with the settings of text messages."""
    refuse_unless(may_read_templates(actor_of(request)))


def refuse_unless(is_allowed: bool) -> None:
    """403 before anything that was sent is judged."""
    if not is_allowed:
        raise PermissionDenied(errors.may_not_configure().message)


@login_required
@require_http_methods(["GET", "POST"])
def rules_page(request: HttpRequest) -> HttpResponse:
    ensure_reader(request)
    refuse_unless(request.method == "GET" or may_change_settings(actor_of(request)))
    setting = selectors.current_setting()
    form = SettingForm(request.POST or None, setting=setting)
    if form.is_bound and form.is_valid():
        try:
            update_sms_setting(
                values=form.values,
                seen_version=form.cleaned_data["version"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            messages.success(request, _("The settings are saved."))
            return redirect("sms:settings")
    context = {
        "form": form,
        "tab": "rules",
        "may_change": may_change_settings(actor_of(request)),
        "changes": selectors.changes_of("sms.smssetting", setting.pk),
    }
    return render(request, "sms/settings.html", context, status=status_of(form))
