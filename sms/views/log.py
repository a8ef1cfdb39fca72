"""短信记录: what was sent to whom, by whom, and what became of it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from customers.forms.consents import RevealForm
from customers.views.request import status_of
from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from sms import errors, selectors
from sms.filters import MessageFilter
from sms.models import SmsMessage
from sms.rules.permissions import may_read_log, may_read_templates, may_reveal_number
from sms.services.sensitive import reveal_number
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of


@login_required
@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    if not may_read_log(user):
        raise PermissionDenied(errors.not_allowed().message)
    found = MessageFilter(request.GET, queryset=selectors.message_list(user), request=request)
    context = {
        "filter": found,
        "page": paginate(found.qs, cursor=request.GET.get("cursor")),
        "tab": "log",
        "is_reader": may_read_templates(user),
        "is_filtered": any(request.GET.get(name) for name in found.form.fields),
    }
    return render(request, "sms/log.html", context)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    message = _visible(request, pk)
    context = {"message": message, "may_reveal": may_reveal_number(user, message.customer)}
    return render(request, "sms/message.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason, then show the number once."""
    message = _visible(request, pk)
    if not may_reveal_number(actor_of(request), message.customer):
        raise PermissionDenied(errors.not_allowed().message)
    form = RevealForm(request.POST or None)
    value = ""
    if form.is_bound and form.is_valid():
        try:
            value = reveal_number(
                message=message,
                reason=form.cleaned_data["reason"],
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
    context = {
        "form": form,
        "record": message,
        "label": SmsMessage._meta.get_field("number").verbose_name,
        "value": value,
        "url": request.path,
    }
    name = "reveal_dialog" if request.htmx else "reveal_page"  # type: ignore[attr-defined]
    return render(request, f"customers/{name}.html", context, status=status_of(form))


def _visible(request: HttpRequest, pk: int) -> SmsMessage:
    rows = selectors.message_list(actor_of(request))
    return get_object_or_404(rows.select_related("customer__owner"), pk=pk)
