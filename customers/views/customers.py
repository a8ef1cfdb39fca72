"""客户: the four lists, the page of a customer, its form and its acts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.choices import CustomerType
from customers.filters import CustomerFilter
from customers.forms.customers import CustomerForm, MembershipForm, OwnerForm
from customers.models import Customer
from customers.own_panels import HISTORY
from customers.rules.permissions import may_edit, may_enter, may_import
from customers.selectors.changes import changes_of
from customers.selectors.customers import (
    customer_list,
    customer_page,
    owners_on_offer,
    receivers,
)
from customers.services.customers import (
    change_owner,
    create_customer,
    delete_customer,
    update_customer,
)
from customers.services.groups import change_group
from customers.services.guards import ensure_may_regroup
from customers.views.request import done, status_of
from documents.panels import panels_of
from lending_crm.common.errors import DomainError
from lending_crm.common.identity import luhn_warning
from lending_crm.common.pagination import paginate
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of

KINDS = {
    "enterprises": CustomerType.ENTERPRISE,
    "channels": CustomerType.CHANNEL,
    "companies": CustomerType.UPDOWN,
    "persons": CustomerType.PERSON,
}
SLUGS = {kind: slug for slug, kind in KINDS.items()}
SORTS = {
    "": ("-created_at", "-id"),
    "created": ("created_at", "id"),
    "name": ("name", "id"),
    "-name": ("-name", "-id"),
}


def kind_of(slug: str) -> CustomerType:
    if slug not in KINDS:
        raise Http404
    return KINDS[slug]


@login_required
@require_GET
def list_page(request: HttpRequest, kind: str = "") -> HttpResponse:
    user = actor_of(request)
    customer_type = kind_of(kind) if kind else None
    found = CustomerFilter(
        request.GET, queryset=customer_list(user, customer_type=customer_type), request=request
    )
    sort = request.GET.get("sort", "")
    context = {
        "filter": found,
        "page": paginate(
            found.qs, order=SORTS.get(sort, SORTS[""]), cursor=request.GET.get("cursor")
        ),
        "owners": owners_on_offer(user, customer_type=customer_type),
        "sort": sort,
        "kind": kind,
        "customer_type": customer_type,
        "title": customer_type.label if customer_type else _("All customers"),
        "may_enter": may_enter(user),
        "may_import": may_import(user),
        "is_filtered": any(request.GET.get(name) for name in found.form.fields),
    }
    return render(request, "customers/customer_list.html", context)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    page = customer_page(user, pk, today=timezone.localdate())
    if page is None:
        raise Http404
    context: dict[str, Any] = {
        "page": page,
        "customer": page.customer,
        "tab": "overview",
        "list_url": list_url(page.customer.customer_type),
    }
    if page.may_reassign:
        context["owner_form"] = OwnerForm(receivers=receivers(page.customer))
    if page.may_regroup:
        context["membership_form"] = MembershipForm(initial={"group": page.customer.group_id})
    return render(request, "customers/customer_detail.html", context)


@login_required
@require_GET
def related(request: HttpRequest, pk: int) -> HttpResponse:
    """The related lists that apps above put on the customer, once its page is there."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    context = {"panels": panels_of("customer", customer, actor_of(request), later=True)}
    return render(request, "documents/panels/related.html", context)


@login_required
@require_GET
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.visible_to(request.user).with_head(), pk=pk)
    rows = paginate(changes_of(customer), order=("-id",), cursor=request.GET.get("cursor"))
    context = {
        "customer": customer,
        "page": rows,
        "tab": "changes",
        "subject": customer,
        "panels": panels_of(HISTORY, customer, actor_of(request)),
    }
    return render(request, "customers/changes.html", context)


@login_required
def new(request: HttpRequest, kind: str) -> HttpResponse:
    user, customer_type = actor_of(request), kind_of(kind)
    if not may_enter(user):
        raise PermissionDenied(_("Only account managers may enter new customers."))
    form = CustomerForm(
        request.POST or None,
        customer_type=customer_type,
        user=user,
        principal=request.GET.get("principal", ""),
    )
    if request.method == "POST" and form.is_valid():
        try:
            customer = create_customer(
                customer_type=customer_type,
                data=form.values,
                creation_key=form.cleaned_data["creation_key"],
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return _saved(request, customer, list_url(customer_type))
    context = {
        "form": form,
        "kind": kind,
        "title": _("New %(kind)s") % {"kind": customer_type.label},
        "list_title": customer_type.label,
        "cancel_url": list_url(customer_type),
    }
    return render(request, "customers/customer_form.html", context, status=status_of(form))


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    if not may_edit(user, customer):
        raise PermissionDenied(_("Only the account manager of this customer may change its data."))
    form = CustomerForm(
        request.POST or None,
        customer_type=customer.customer_type,
        user=user,
        customer=customer,
    )
    if request.method == "POST" and form.is_valid():
        try:
            customer = update_customer(
                customer=customer,
                data=form.values,
                version=form.cleaned_data["version"],
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return _saved(request, customer, list_url(customer.customer_type))
    context = {
        "form": form,
        "customer": customer,
        "kind": SLUGS[CustomerType(customer.customer_type)],
        "title": _("Edit %(name)s") % {"name": customer.name},
        "list_title": customer.get_customer_type_display(),
        "cancel_url": customer.get_absolute_url(),
    }
    return render(request, "customers/customer_form.html", context, status=status_of(form))


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    delete_customer(
        customer=customer, actor=actor_of(request), now=timezone.now(), ip=ip_of(request)
    )
    return done(
        request,
        list_url(customer.customer_type),
        _("%(name)s was deleted.") % {"name": customer.name},
    )


@login_required
@require_POST
def reassign(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    form = OwnerForm(request.POST, receivers=receivers(customer))
    form.is_valid()
    owner = form.cleaned_data.get("owner")
    change_owner(
        customer=customer,
        owner=owner or customer.owner,
        actor=actor_of(request),
        now=timezone.now(),
        ip=ip_of(request),
    )
    return done(
        request,
        customer.get_absolute_url(),
        _("The customer now belongs to %(name)s.") % {"name": owner},
    )


@login_required
@require_POST
def regroup(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    user = actor_of(request)
    ensure_may_regroup(customer, user)
    form = MembershipForm(request.POST)
    if form.is_valid():
        try:
            change_group(
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
    return render(request, "customers/membership_form.html", context, status=status_of(form))


def list_url(customer_type: str) -> str:
    return reverse("customers:customer-list", args=[SLUGS[CustomerType(customer_type)]])


def _saved(request: HttpRequest, customer: Customer, back: str) -> HttpResponse:
    """保存 goes back to the list, 保存并查看 opens what was saved."""
    sentence = _("%(name)s was saved.") % {"name": customer.name}
    if warning := luhn_warning(customer.acct_no):
        messages.warning(request, str(warning))
    return done(request, customer.get_absolute_url() if "view" in request.POST else back, sentence)
