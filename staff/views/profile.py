"""个人信息: what a person sees and changes about himself."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST
from rest_framework.authtoken.models import Token

from allauth.mfa.utils import is_mfa_enabled

from lending_crm.common.errors import DomainError
from staff.forms.account import PasswordForm, PreferencesForm
from staff.forms.refusals import show_refusals
from staff.selectors import directory
from staff.services import account
from staff.views.request import actor_of, ip_of


@login_required
@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    person = directory(request.user).get(pk=request.user.pk)
    return render(
        request,
        "staff/profile.html",
        {
            "person": person,
            "held": person.held_roles,  # type: ignore[attr-defined]
            "has_mfa": is_mfa_enabled(request.user),
            "token": Token.objects.filter(user=person).first(),
        },
    )


@sensitive_post_parameters()
@login_required
@never_cache
def password(request: HttpRequest) -> HttpResponse:
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changed = account.change_own_password(
                actor=actor_of(request),
                old_password=form.cleaned_data["old_password"],
                new_password=form.cleaned_data["new_password"],
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            # This browser stays logged in; every other one must log in again.
            update_session_auth_hash(request, changed)
            messages.success(request, _("Your password is changed."))
            return redirect("staff:profile")
    return render(
        request, "staff/password.html", {"form": form}, status=422 if form.is_bound else 200
    )


@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    form = PreferencesForm(
        request.POST if request.method == "POST" else None, employee=request.user
    )
    if request.method == "POST" and form.is_valid():
        account.set_preferences(actor=actor_of(request), preferences=form.chosen())
        messages.success(request, _("Saved."))
        return redirect("staff:profile")
    return render(request, "staff/preferences.html", {"form": form})


@login_required
@never_cache
@require_POST
def token_create(request: HttpRequest) -> HttpResponse:
    key = account.create_api_token(actor=actor_of(request), now=timezone.now(), ip=ip_of(request))
    return render(request, "staff/new_token.html", {"key": key})


@login_required
@require_POST
def token_revoke(request: HttpRequest) -> HttpResponse:
    account.revoke_api_token(actor=actor_of(request), now=timezone.now(), ip=ip_of(request))
    messages.success(request, _("The API token no longer works."))
    return redirect("staff:profile")
