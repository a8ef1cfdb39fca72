"""公海: the pool, the prospects whose grade runs out, and the figures behind both (X2)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.forms.pool import GiveBackForm, PoolSettingForm
from customers.models import Customer
from customers.rules.permissions import may_enter, may_reassign, sees_business
from customers.selectors.pool import graded_prospects, pool_setting, pooled
from customers.services.pool import claim_from_pool, extend_grade, give_to_pool
from customers.services.pool_settings import ensure_may_set_pool, update_pool_setting
from customers.views.request import done, status_of, way_back
from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of


@login_required
@require_GET
def pool(request: HttpRequest) -> HttpResponse:
    """What may be claimed; of a prospect only what says whether it is worth asking for."""
    user = actor_of(request)
    if not sees_business(user):
        raise PermissionDenied
    rows = pooled(user)
    if text := request.GET.get("q", ""):
        rows = rows.search(text)  # type: ignore[attr-defined]
    page = paginate(rows, order=("-since", "-id"), cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "tab": "pool",
        "q": text,
        "claims_here": user.branch_id if may_enter(user) else None,
        "setting": pool_setting(),
    }
    return render(request, "customers/pool.html", context)


@login_required
@require_GET
def due(request: HttpRequest) -> HttpResponse:
    """Prospects by the day on which their grade runs out."""
    user = actor_of(request)
    if not sees_business(user):
        raise PermissionDenied
    rows = graded_prospects(user)
    page = paginate(rows, order=("due", "id"), cursor=request.GET.get("cursor"))
    context = {
        "page": page,
        "tab": "due",
        "today": timezone.localdate(),
        "mine": {each.pk for each in page if may_reassign(user, each)},
    }
    return render(request, "customers/pool_due.html", context)


@login_required
@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    customer = get_object_or_404(pooled(user), pk=pk)
    claim_from_pool(customer=customer, actor=user, now=timezone.now(), ip=ip_of(request))
    sentence = _("%(name)s is yours now.") % {"name": customer.name}
    return done(request, customer.get_absolute_url(), sentence)


@login_required
@require_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    extend_grade(customer=customer, actor=actor_of(request), now=timezone.now())
    return done(request, way_back(request, reverse("customers:pool-due")), _("Saved."))


@login_required
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """收回公海, with a reason."""
    user = actor_of(request)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    if not may_reassign(user, customer):
        raise PermissionDenied(
            _("Only the department head of this customer may extend its grade or give it back.")
        )
    form = GiveBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            give_to_pool(
                customer=customer,
                reason=form.cleaned_data["reason"],
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            sentence = _("%(name)s is in the public pool now.") % {"name": customer.name}
            return done(request, reverse("customers:pool"), sentence)
    context = {"form": form, "customer": customer}
    return render(request, "customers/pool_give_back.html", context, status=status_of(form))


@login_required
def settings(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    ensure_may_set_pool(user)
    form = PoolSettingForm(request.POST or None, setting=pool_setting())
    if request.method == "POST" and form.is_valid():
        try:
            update_pool_setting(
                values=form.cleaned_data,
                version=form.cleaned_data["version"],
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, reverse("customers:pool-settings"), _("Saved."))
    return render(request, "customers/pool_settings.html", {"form": form}, status=status_of(form))
