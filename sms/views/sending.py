"""Send a text message to a customer or contact; note what he said about them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from customers import errors as customer_errors
from customers.models import Contact, Customer
from customers.rules.permissions import may_edit
from customers.views.request import done, status_of
from lending_crm.common.errors import DomainError
from lending_crm.common.identity import mask_phone
from sms import errors, selectors
from sms.forms import ConsentForm, SendForm
from sms.rules.permissions import kinds_to_send
from sms.services.consents import note_consent
from sms.services.sending import Ready, prepare_message, send_message
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of


@login_required
@require_http_methods(["GET", "POST"])
def send(request: HttpRequest, model: str, pk: int) -> HttpResponse:
    """Choose a template, fill it in, look at the message, send it."""
    record, user = _record(request, model, pk), actor_of(request)
    kinds = kinds_to_send(user, record)
    if not kinds:
        raise PermissionDenied(errors.not_allowed().message)
    form = SendForm(
        request.POST or None,
        texts=selectors.texts_to_send(kinds),
        chosen=request.GET.get("template", ""),
    )
    ready: Ready | None = None
    if form.is_bound and form.is_valid():
        act = {
            "record": record,
            "template_id": int(form.cleaned_data["template"]),
            "values": form.values,
            "actor": user,
            "now": timezone.now(),
        }
        try:
            if "send" in request.POST:
                send_message(creation_key=form.cleaned_data["creation_key"], **act)
                return done(request, record.get_absolute_url(), _("The message is on its way."))
            ready = prepare_message(**act)
        except DomainError as refusal:
            show_refusals(form, refusal)
    context = {
        "form": form,
        "record": record,
        "number": mask_phone(record.mobile if isinstance(record, Contact) else record.phone),
        "ready": ready,
        "has_texts": len(form.fields["template"].choices) > 1,
    }
    return render(request, "sms/send.html", context, status=status_of(form))


@login_required
@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, model: str, pk: int) -> HttpResponse:
    """短信接收同意: yes or no, how, and where the proof lies."""
    record = _record(request, model, pk)
    customer = record.customer if isinstance(record, Contact) else record
    if not may_edit(actor_of(request), customer):
        raise PermissionDenied(customer_errors.not_the_owner().message)
    form = ConsentForm(
        request.POST or None, initial={"agrees": "no" if record.sms_consent else "yes"}
    )
    if form.is_bound and form.is_valid():
        try:
            note_consent(
                record=record,
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
                **form.cleaned_data,
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return done(request, record.get_absolute_url(), _("The consent was noted."))
    context = {"form": form, "record": record, "proofs": selectors.proofs_of(record)}
    return render(request, "sms/consent.html", context, status=status_of(form))


def _record(request: HttpRequest, model: str, pk: int) -> Customer | Contact:
    user = actor_of(request)
    if model == "customer":
        return get_object_or_404(Customer.objects.visible_to(user).select_related("owner"), pk=pk)
    if model == "contact":
        return get_object_or_404(
            Contact.objects.visible_to(user).select_related("customer__owner"), pk=pk
        )
    raise Http404
