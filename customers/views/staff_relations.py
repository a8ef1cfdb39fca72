"""关联人登记: the register, a new entry for a customer, the end of one (WF-17)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.forms.staff_relations import StaffIdentityForm, StaffRelationForm
from customers.models import Customer
from customers.selectors.related import register
from customers.services.staff_relations import (
    declare_relation,
    end_relation,
    ensure_may_keep_register,
    keep_identity,
)
from customers.views.request import done, status_of, way_back
from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of


@login_required
@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    ensure_may_keep_register(actor_of(request))
    return _list(request, StaffIdentityForm())


@login_required
@require_POST
def identity(request: HttpRequest) -> HttpResponse:
    """An employee's ID number, of which a fingerprint is kept."""
    user = actor_of(request)
    ensure_may_keep_register(user)
    form = StaffIdentityForm(request.POST)
    if form.is_valid():
        try:
            keep_identity(**form.cleaned_data, actor=user, now=timezone.now(), ip=ip_of(request))
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, reverse("customers:related-employees"), _("Saved."))
    return _list(request, form)


@login_required
def new(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    ensure_may_keep_register(user)
    form = StaffRelationForm(request.POST or None, customer=customer)
    if request.method == "POST" and form.is_valid():
        try:
            declare_relation(
                customer=customer,
                **form.cleaned_data,
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, customer.get_absolute_url(), _("Saved."))
    context = {"form": form, "customer": customer}
    return render(request, "customers/staff_relation_form.html", context, status=status_of(form))


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    ensure_may_keep_register(user)
    relation = get_object_or_404(register(), pk=pk)
    end_relation(relation=relation, actor=user, now=timezone.now(), ip=ip_of(request))
    back = way_back(request, reverse("customers:related-employees"))
    return done(request, back, _("The tie is ended; the entry stays on record."))


def _list(request: HttpRequest, form: StaffIdentityForm) -> HttpResponse:
    is_open = request.GET.get("state") != "ended"
    rows = paginate(register(is_open=is_open), order=("-id",), cursor=request.GET.get("cursor"))
    context = {"page": rows, "form": form, "is_open": is_open}
    return render(request, "customers/staff_relation_list.html", context, status=status_of(form))
