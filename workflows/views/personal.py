"""Bulk approval with a preview and a result per item; saved filters."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from lending_crm.common.errors import DomainError
from workflows.forms import SavedFilterForm
from workflows.models import Case, WorkItem
from workflows.screens.inbox import InboxFilter
from workflows.services import bulk as bulk_service
from workflows.services import personal


@login_required
@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """First the preview of what was ticked, then (with ``confirm``) a result per item."""
    ticked = [int(pk) for pk in request.POST.getlist("item") if _is_number(pk)]
    is_confirmed = "confirm" in request.POST
    # Since the preview one may have gone; it gets its result too, and the service says why.
    found = (
        WorkItem.objects.filter(case__in=Case.objects.visible_to(request.user))
        if is_confirmed
        else WorkItem.objects.waiting_for(request.user)
    )
    items = list(
        found.filter(pk__in=ticked[: bulk_service.MOST_AT_ONCE])
        .select_related("case__handler", "stage")
        .order_by("-arrived_at", "-id")
    )
    if not items:
        raise DomainError("INB-06", _("Tick at least one case that waits for you."), status=422)
    if not is_confirmed:
        preview = {"items": items, "key": uuid4().hex}
        return render(request, "workflows/bulk.html", preview)
    results = bulk_service.approve_many(
        items=items,
        actor=request.user,
        now=timezone.now(),
        opinion=request.POST.get("opinion", ""),
        seen_versions=_seen(request),
        idempotency_key=request.POST.get("idempotency_key", "")[:60] or uuid4().hex,
    )
    context = {"results": results, "approved": sum(r.refusal is None for r in results)}
    return render(request, "workflows/bulk.html", context)


def _is_number(text: str) -> bool:
    """A row number or version that the database can hold."""
    return text.isdecimal() and len(text) < 19


def _seen(request: HttpRequest) -> dict[int, int]:
    """The version of each case as the preview showed it: ``seen-<item id>``."""
    return {
        int(name.removeprefix("seen-")): int(str(value))
        for name, value in request.POST.items()
        if _is_number(name.removeprefix("seen-")) and _is_number(str(value))
    }


@login_required
@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    wanted = InboxFilter.of(QueryDict(request.POST.get("query", "")))
    form = SavedFilterForm({"name": request.POST.get("name", ""), "query": wanted.query()})
    if form.is_valid():
        personal.save_filter(actor=request.user, **form.cleaned_data)
        messages.success(request, _("The filter is kept."))
    else:
        messages.error(request, " ".join(e for errors in form.errors.values() for e in errors))
    return redirect(f"{reverse('workflows:inbox')}?{wanted.query()}")


@login_required
@require_POST
def remove_filter(request: HttpRequest, filter_id: int) -> HttpResponse:
    personal.remove_filter(actor=request.user, filter_id=filter_id)
    return redirect("workflows:inbox")
