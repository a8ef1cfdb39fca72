"""The global search and the options of the pickers."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from customers.choices import CustomerType
from customers.forms.fields import OFFERED
from customers.models import Customer
from customers.search import search_everything
from customers.selectors.groups import group_list
from lending_crm.common.text import clean_line
from staff.models import Employee
from staff.views.request import actor_of

_LONGEST = 100


@login_required
@require_GET
def search(request: HttpRequest) -> HttpResponse:
    text = clean_line(request.GET.get("q", ""))[:_LONGEST]
    context = {"q": text, "found": search_everything(actor_of(request), text) if text else []}
    return render(request, "customers/search.html", context)


@login_required
@require_GET
def options(request: HttpRequest, source: str) -> HttpResponse:
    """The options of a picker that fit what was typed; the chosen one stays among them."""
    text = clean_line(request.GET.get("q", ""))[:_LONGEST]
    rows = _rows(actor_of(request), source, text)
    chosen = request.GET.get(request.GET.get("field", ""), "")
    kept = _rows(actor_of(request), source, "").filter(pk=int(chosen)) if _is_key(chosen) else ()
    context = {"rows": rows[:OFFERED], "kept": kept, "chosen": chosen}
    return render(request, "customers/widgets/options.html", context)


def _is_key(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 20


def _rows(user: Employee, source: str, text: str) -> QuerySet:
    if source == "group":
        return group_list(user, text=text).order_by("name")
    customers = Customer.objects.search(text) if text else Customer.objects.all()
    if source == "channel":
        found = customers.channels_for(user)
    elif source == "principal":
        found = customers.visible_to(user).exclude(customer_type=CustomerType.CHANNEL)
    elif source == "own":
        found = customers.filter(owner=user, pooled_at=None)
    elif source == "visible":
        found = customers.visible_to(user)
    else:
        raise Http404
    return found.order_by("name")
