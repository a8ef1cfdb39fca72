"""查看完整号码: click, reason, log (N25)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from customers.forms.consents import RevealForm
from customers.models import Contact, Customer
from customers.rules.fields import SENSITIVE
from customers.services.sensitive import ensure_may_reveal, reveal_value
from customers.views.request import status_of
from lending_crm.common.errors import DomainError
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of

_MODELS = {"customer": Customer, "contact": Contact}


@never_cache
@login_required
def reveal(request: HttpRequest, model: str, pk: int, field: str) -> HttpResponse:
    """Ask for the reason, then show the number once; as a dialog when htmx asked."""
    kind = _MODELS.get(model)
    if kind is None or field not in SENSITIVE[kind._meta.label_lower]:
        raise Http404
    rows = kind.objects.visible_to(actor_of(request))
    record = get_object_or_404(rows.select_related("customer") if kind is Contact else rows, pk=pk)
    ensure_may_reveal(record, {"field": field}, actor_of(request))
    form = RevealForm(request.POST or None)
    value = ""
    if request.method == "POST" and form.is_valid():
        try:
            value = reveal_value(
                record=record,
                field=field,
                reason=form.cleaned_data["reason"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
    context = {
        "form": form,
        "record": record,
        "label": kind._meta.get_field(field).verbose_name,
        "value": value,
        "url": request.path,
    }
    name = "reveal_dialog" if request.htmx else "reveal_page"  # type: ignore[attr-defined]
    return render(request, f"customers/{name}.html", context, status=status_of(form))
