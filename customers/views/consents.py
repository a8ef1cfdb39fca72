"""个人信息授权书: upload, take out, withdraw."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from customers.forms.consents import ConsentForm
from customers.models import Consent, Customer
from customers.services.consents import add_consent, revoke_consent
from customers.views.contacts import own_customer
from customers.views.request import done, status_of, way_back
from documents.services.downloads import hand_out
from documents.views.attachments import file_response
from lending_crm.common.errors import DomainError
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of


@login_required
def new(request: HttpRequest, customer_pk: int) -> HttpResponse:
    customer = own_customer(request, customer_pk)
    initial = {"contact": request.GET.get("contact", "")}
    form = ConsentForm(
        request.POST or None, request.FILES or None, customer=customer, initial=initial
    )
    back = way_back(request, customer.get_absolute_url())
    if request.method == "POST" and form.is_valid():
        try:
            add_consent(
                customer=customer,
                contact=form.signer,
                upload=form.cleaned_data["upload"],
                purposes=form.cleaned_data["purposes"],
                granted_on=form.cleaned_data["granted_on"],
                valid_until=form.cleaned_data["valid_until"],
                creation_key=form.cleaned_data["creation_key"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, back, _("The consent was kept."))
    context = {"form": form, "customer": customer, "back": back}
    return render(request, "customers/consent_form.html", context, status=status_of(form))


@login_required
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The paper itself, watermarked and logged by ``documents``."""
    consent = _visible(request, pk)
    handed = hand_out(
        file=consent.file,
        file_name=consent.file_name,
        actor=actor_of(request),
        now=timezone.now(),
        ip=ip_of(request),
    )
    return file_response(handed)


@login_required
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    consent = _visible(request, pk)
    revoke_consent(consent=consent, actor=actor_of(request), now=timezone.now(), ip=ip_of(request))
    back = way_back(request, consent.customer.get_absolute_url())
    return done(request, back, _("The consent was marked as withdrawn."))


def _visible(request: HttpRequest, pk: int) -> Consent:
    visible = Customer.objects.visible_to(actor_of(request))
    return get_object_or_404(
        Consent.objects.filter(customer__in=visible).select_related("customer", "file", "contact"),
        pk=pk,
    )
