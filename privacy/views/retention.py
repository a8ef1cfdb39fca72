"""系统设置 → 个人信息保留期: the figures, who is due, who is held back, what was done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from privacy.forms import HoldForm, LiftForm, PrivacySettingForm
from privacy.models import LegalHold
from privacy.rules.retention import ensure_may_administer
from privacy.selectors.retention import active_holds, acts, due_customers, explained, past_holds
from privacy.selectors.settings import privacy_setting
from privacy.services.holds import lift_hold, set_hold
from privacy.services.settings import update_privacy_setting
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of

_UNPROCESSABLE = 422


@login_required
@require_GET
def due(request: HttpRequest) -> HttpResponse:
    """Whose data the next run removes, by number; the masked name tells them apart."""
    ensure_may_administer(actor_of(request))
    rows = due_customers(now=timezone.now())
    page = paginate(rows, order=("id",), cursor=request.GET.get("cursor"))
    context = {
        "tab": "due",
        "page": page,
        "rows": explained(page.items),
        "setting": privacy_setting(),
    }
    return render(request, "privacy/due.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def holds(request: HttpRequest) -> HttpResponse:
    """Who is held back and why; the form holds back one more."""
    user = actor_of(request)
    ensure_may_administer(user)
    form = HoldForm(request.POST or None, initial={"customer_no": request.GET.get("customer", "")})
    if request.method == "POST" and form.is_valid():
        try:
            hold = set_hold(actor=user, now=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            number = hold.customer.customer_no
            messages.success(request, _("%(number)s is held back.") % {"number": number})
            return redirect("privacy:holds")
    rows = active_holds()
    page = paginate(rows, order=("-id",), cursor=request.GET.get("cursor"))
    context: dict[str, Any] = {
        "tab": "holds",
        "form": form,
        "page": page,
        "past": list(past_holds()[:50]),
    }
    return render(request, "privacy/holds.html", context, status=_status(form))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    ensure_may_administer(user)
    hold = get_object_or_404(LegalHold.objects.select_related("customer"), pk=pk)
    form = LiftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            lift_hold(hold_id=hold.pk, actor=user, now=timezone.now(), **form.cleaned_data)
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            number = hold.customer.customer_no
            messages.success(
                request, _("%(number)s is not held back any more.") % {"number": number}
            )
            return redirect("privacy:holds")
    context = {"tab": "holds", "form": form, "hold": hold}
    return render(request, "privacy/lift.html", context, status=_status(form))


@login_required
@require_GET
def record(request: HttpRequest) -> HttpResponse:
    """What was done, when and by which figures; nothing of the persons."""
    ensure_may_administer(actor_of(request))
    page = paginate(acts(), order=("-id",), cursor=request.GET.get("cursor"))
    context = {"tab": "record", "page": page}
    return render(request, "privacy/record.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    ensure_may_administer(user)
    form = PrivacySettingForm(request.POST or None, setting=privacy_setting())
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            update_privacy_setting(
                version=given.pop("version"),
                values=given,
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("privacy:settings")
    return render(
        request, "privacy/settings.html", {"tab": "settings", "form": form}, status=_status(form)
    )


def _status(form: Any) -> int:
    return _UNPROCESSABLE if form.is_bound and form.errors else 200
