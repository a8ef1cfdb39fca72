"""关系图: on the page of a customer or with a contact in the middle, and on paper."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.forms.graph import GraphFilterForm
from customers.models import Contact, Customer
from customers.own_panels import GRAPH
from customers.selectors.graph import relation_graph
from customers.services.graph_prints import print_relation_graph
from documents.panels import panels_of
from staff.views.request import actor_of, ip_of


@login_required
@require_GET
def of_customer(request: HttpRequest, pk: int) -> HttpResponse:
    customer = get_object_or_404(Customer.objects.visible_to(request.user).with_head(), pk=pk)
    return _page(request, customer, None)


@login_required
@require_GET
def of_contact(request: HttpRequest, pk: int) -> HttpResponse:
    contact = _contact(request, pk)
    return _page(request, contact.customer, contact)


@login_required
@require_POST
def print_graph(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer's graph as a PDF; printing is noted, so it is no plain link."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user), pk=pk)
    return _paper(request, customer, None)


@login_required
@require_POST
def print_contact_graph(request: HttpRequest, pk: int) -> HttpResponse:
    contact = _contact(request, pk)
    return _paper(request, contact.customer, contact)


def _contact(request: HttpRequest, pk: int) -> Contact:
    rows = Contact.objects.visible_to(request.user).select_related("customer__owner")
    contact: Contact = get_object_or_404(rows, pk=pk)
    return contact


def _page(request: HttpRequest, customer: Customer, contact: Contact | None) -> HttpResponse:
    user = actor_of(request)
    form = GraphFilterForm(request.GET)
    graph = relation_graph(user, customer, centre=contact, **form.chosen)
    context = {
        "graph": graph,
        "form": form,
        "customer": customer,
        "contact": contact,
        "subject": contact or customer,
        "tab": "graph",
        "panels": panels_of(GRAPH, customer, user) if contact is None else [],
    }
    return render(request, "customers/graph.html", context)


def _paper(request: HttpRequest, customer: Customer, contact: Contact | None) -> HttpResponse:
    pdf = print_relation_graph(
        customer=customer,
        centre=contact,
        actor=actor_of(request),
        now=timezone.now(),
        ip=ip_of(request),
    )
    name = f"{_('Customer relation graph')}_{customer.customer_no}.pdf"
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    return response
