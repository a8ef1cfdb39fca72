"""移交清单: look at what is handed over, choose things and their receivers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from documents.services.guard import ensure_editable
from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from resources.desk import HANDOVER_DESK
from resources.forms import ItemsForm
from resources.models import WorkHandover
from resources.selectors import counts_of, items_of
from resources.services.items import assign_receiver, include_items, use_settings
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of

UNPROCESSABLE = 422
_PAGE = 100


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def items(request: HttpRequest, pk: int) -> HttpResponse:
    """The list with its counts; POST changes the ticked things."""
    user = actor_of(request)
    handover = get_object_or_404(HANDOVER_DESK.kind.visible_to(user), pk=pk)
    ensure_editable(handover, user)
    kind, words = request.GET.get("kind", "")[:30], request.GET.get("q", "")
    found = items_of(handover, kind=kind, words=words)
    form = ItemsForm(request.POST or None, handover=handover, user=user)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                count = _change(request, handover, form.cleaned_data, found)
            except DomainError as error:
                show_refusals(form, error)
            else:
                messages.success(request, _("%(count)s things are changed.") % {"count": count})
                return redirect(request.get_full_path())
    page = paginate(found, order=("position", "id"), cursor=request.GET.get("cursor"), size=_PAGE)
    context = {
        "desk": HANDOVER_DESK,
        "handover": handover,
        "form": form,
        "page": page,
        "counts": counts_of(handover),
        "kind": kind,
        "q": words,
    }
    return render(request, "resources/items.html", context, status=status)


def _change(request: HttpRequest, handover: WorkHandover, data: dict[str, Any], found: Any) -> int:
    ids = data["item"]
    if data["all_matching"]:
        ids = list(found.values_list("pk", flat=True))
    shared: dict[str, Any] = {
        "handover_id": handover.pk,
        "items": ids,
        "actor": actor_of(request),
        "now": timezone.now(),
        "seen_version": data["seen_version"],
        "ip": ip_of(request),
    }
    match data["act"]:
        case "assign":
            return assign_receiver(receiver=data["receiver"], **shared)
        case "settings":
            return use_settings(**shared)
        case act:
            return include_items(is_included=act == "include", **shared)
