"""引擎健康 and 办理时限: what administrators see of the engine's time and queues."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from workflows.screens.health import load_health
from workflows.screens.limits import limit_rows
from workflows.services import limits, timers
from workflows.views.administration import administrators_only, version_or_404


class LimitForm(forms.Form):
    """One stage's limit; without hours the route's own holds again."""

    node = forms.CharField(max_length=100)
    hours = forms.DecimalField(
        max_digits=7, decimal_places=2, min_value=Decimal("0.01"), required=False
    )
    reason = forms.CharField(max_length=200, required=False)


@login_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    administrators_only(request)
    return render(request, "workflows/engine.html", {"health": load_health(now=timezone.now())})


@login_required
@require_POST
def retry_timer(request: HttpRequest, timer_id: int) -> HttpResponse:
    timers.retry_timer(timer_id=timer_id, actor=request.user, now=timezone.now())
    messages.success(request, _("The timer rings again in a moment."))
    return redirect("workflows:engine")


@login_required
@require_POST
def drop_timer(request: HttpRequest, timer_id: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    timers.drop_timer(timer_id=timer_id, actor=request.user, now=timezone.now(), reason=reason)
    messages.success(request, _("The timer was dropped; the case's history says so."))
    return redirect("workflows:engine")


@login_required
@require_POST
def retry_message(request: HttpRequest, message_id: int) -> HttpResponse:
    timers.retry_message(message_id=message_id, actor=request.user, now=timezone.now())
    messages.success(request, _("The message is sent again in a moment."))
    return redirect("workflows:engine")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def time_limits(request: HttpRequest, version_id: int) -> HttpResponse:
    """The limits of a version's stages; a POST changes one for the cases that run on it."""
    administrators_only(request)
    version = version_or_404(version_id)
    form = LimitForm(request.POST) if request.method == "POST" else None
    if form is not None and form.is_valid():
        limits.change_limit(
            version_id=version.pk,
            node_id=form.cleaned_data["node"],
            hours=form.cleaned_data["hours"],
            actor=request.user,
            now=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, _("The limit is changed; open items are re-timed now."))
        return redirect("workflows:time_limits", version.pk)
    context = {"version": version, "rows": limit_rows(version), "form": form}
    return render(request, "workflows/limits.html", context, status=422 if form else 200)
