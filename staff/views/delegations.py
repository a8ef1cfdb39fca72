"""委托: one's own, and everybody's for the information administrator."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from staff.forms.delegations import DelegationForm
from staff.forms.refusals import show_refusals
from staff.handing import Moved
from staff.models import Delegation
from staff.rules import keeps_organisation
from staff.selectors.delegations import delegation_list
from staff.services.delegations import end_delegation, give_delegation
from staff.views.request import actor_of, ip_of


@login_required
def delegations(request: HttpRequest) -> HttpResponse:
    """The list, and the form for a new one."""
    actor = actor_of(request)
    now = timezone.now()
    form = DelegationForm(
        request.POST if request.method == "POST" else None,
        actor=actor,
        is_keeper=keeps_organisation(actor),
        initial=DelegationForm.proposed(now),
    )
    if request.method == "POST" and form.is_valid():
        try:
            given = give_delegation(actor=actor, now=now, ip=ip_of(request), **form.arguments())
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("The delegation is set."))
            if given.moved:
                return _results(request, given.moved)
            return redirect("staff:delegations")
    return _page(request, form)


def _page(request: HttpRequest, form: DelegationForm) -> HttpResponse:
    actor = actor_of(request)
    rows = delegation_list(actor, is_all="all" in request.GET)
    page = paginate(rows, order=("-starts_at", "-id"), cursor=request.GET.get("cursor"))
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "now": timezone.now(),
        "can_keep": keeps_organisation(actor),
        "shows_all": "all" in request.GET,
    }
    return render(request, "staff/delegations.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def delegation_end(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Delegation.objects.visible_to(request.user), pk=pk)
    moved = end_delegation(
        delegation=found, actor=actor_of(request), now=timezone.now(), ip=ip_of(request)
    )
    messages.success(request, _("The delegation is over."))
    return _results(request, moved) if moved else redirect("staff:delegations")


def _results(request: HttpRequest, moved: list[Moved] | Any) -> HttpResponse:
    context = {"moved": moved, "done": sum(one.refusal is None for one in moved)}
    return render(request, "staff/delegation_results.html", context)
