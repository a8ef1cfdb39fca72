"""联系人: the list, the page of a contact, its form and its acts."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.choices import ContactType
from customers.filters import ContactFilter
from customers.forms.contacts import ContactForm, CustomerChoiceForm
from customers.models import Contact, Customer
from customers.rules.permissions import may_edit, may_enter
from customers.selectors.changes import changes_of
from customers.selectors.contacts import contact_list, contact_page
from customers.services.contacts import create_contact, delete_contact, update_contact
from customers.views.request import done, status_of
from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from staff.forms.refusals import show_refusals
from staff.models import Employee
from staff.views.request import actor_of, ip_of

SORTS = {"": ("-created_at", "-id"), "name": ("name", "id"), "-name": ("-name", "-id")}


@login_required
@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    found = ContactFilter(request.GET, queryset=contact_list(user), request=request)
    sort = request.GET.get("sort", "")
    context = {
        "filter": found,
        "page": paginate(
            found.qs, order=SORTS.get(sort, SORTS[""]), cursor=request.GET.get("cursor")
        ),
        "sort": sort,
        "may_enter": may_enter(user),
        "is_filtered": any(request.GET.get(name) for name in found.form.fields),
    }
    return render(request, "customers/contact_list.html", context)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    page = contact_page(actor_of(request), pk, today=timezone.localdate())
    if page is None:
        raise Http404
    context = {"page": page, "contact": page.contact, "tab": "overview"}
    return render(request, "customers/contact_detail.html", context)


@login_required
@require_GET
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(
        Contact.objects.visible_to(request.user).select_related("customer"), pk=pk
    )
    rows = paginate(changes_of(contact), order=("-id",), cursor=request.GET.get("cursor"))
    context = {"contact": contact, "subject": contact, "page": rows, "tab": "changes"}
    return render(request, "customers/changes.html", context)


@login_required
def choose_customer(request: HttpRequest) -> HttpResponse:
    """新建 from the list: first the company, then the form."""
    return choose_own_customer(
        request,
        title=_("New contact"),
        list_url=reverse("customers:contact-list"),
        next_name="customers:contact-new",
    )


def choose_own_customer(
    request: HttpRequest, *, title: str, list_url: str, next_name: str
) -> HttpResponse:
    """Ask for a customer of one's own, then open the page ``next_name`` for it."""
    user = actor_of(request)
    if not may_enter(user):
        raise PermissionDenied(_("Only account managers may enter new customers."))
    customers = Customer.objects.filter(owner=user, pooled_at=None).order_by("name")
    form = CustomerChoiceForm(request.POST or None, customers=customers)
    if request.method == "POST" and form.is_valid():
        return redirect(next_name, form.cleaned_data["customer"].pk)
    context = {"form": form, "title": title, "list_url": list_url}
    return render(request, "customers/choose_customer.html", context, status=status_of(form))


def own_customer(request: HttpRequest, pk: int) -> Customer:
    """A visible customer that the reader may change; 403 with the reason otherwise."""
    user: Employee = actor_of(request)
    customer = get_object_or_404(Customer.objects.visible_to(user), pk=pk)
    if not may_edit(user, customer):
        raise PermissionDenied(_("Only the account manager of this customer may change its data."))
    return customer


@login_required
def new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = own_customer(request, customer_pk)
    wanted = request.GET.get("type", "")
    kind = wanted if wanted in ContactType.values else ContactType.MAIN
    if _only_redraws(request):
        return _redraw(request, None, customer)
    form = ContactForm(request.POST or None, contact_type=kind)
    if request.method == "POST" and form.is_valid():
        try:
            contact = create_contact(
                customer=customer,
                data=form.values,
                creation_key=form.cleaned_data["creation_key"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return _saved(request, contact)
    return _form_page(request, form, customer, _("New contact"), customer.get_absolute_url())


@login_required
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(
        Contact.objects.visible_to(request.user).select_related("customer"), pk=pk
    )
    customer = own_customer(request, contact.customer_id)
    if _only_redraws(request):
        return _redraw(request, contact, customer)
    form = ContactForm(request.POST or None, contact=contact)
    if request.method == "POST" and form.is_valid():
        try:
            contact = update_contact(
                contact=contact,
                data=form.values,
                version=form.cleaned_data["version"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return _saved(request, contact)
    title = _("Edit %(name)s") % {"name": contact.name}
    return _form_page(request, form, customer, title, contact.get_absolute_url(), contact)


@login_required
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    contact = get_object_or_404(
        Contact.objects.visible_to(request.user).select_related("customer"), pk=pk
    )
    delete_contact(contact=contact, actor=actor_of(request), now=timezone.now(), ip=ip_of(request))
    return done(
        request,
        contact.customer.get_absolute_url(),
        _("%(name)s was deleted.") % {"name": contact.name},
    )


def _only_redraws(request: HttpRequest) -> bool:
    """Another contact type was chosen: the form is drawn anew, nothing is checked or saved."""
    return request.method == "POST" and request.GET.get("redraw") == "1"


def _redraw(request: HttpRequest, contact: Contact | None, customer: Customer) -> HttpResponse:
    form = ContactForm(typed=request.POST, contact=contact)
    context = {"form": form, "customer": customer, "contact": contact}
    return render(request, "customers/contact_fields.html", context)


def _form_page(
    request: HttpRequest,
    form: ContactForm,
    customer: Customer,
    title: str,
    cancel_url: str,
    contact: Contact | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "customer": customer,
        "contact": contact,
        "title": title,
        "cancel_url": cancel_url,
    }
    return render(request, "customers/contact_form.html", context, status=status_of(form))


def _saved(request: HttpRequest, contact: Contact) -> HttpResponse:
    back = contact.customer.get_absolute_url()
    url = contact.get_absolute_url() if "view" in request.POST else back
    return done(request, url, _("%(name)s was saved.") % {"name": contact.name})
