"""The steps of intermediary business after its approval; each calls one service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from applications.desks import INTERMEDIARY
from applications.forms.intermediary import BookingForm, DayForm, ReasonForm
from applications.models import FeeBooking, IntermediaryApplication
from applications.services import intermediary as acts
from lending_crm.common.errors import DomainError, refuse_all
from staff.views.request import actor_of, ip_of


def _visible(request: HttpRequest, pk: int) -> IntermediaryApplication:
    found: IntermediaryApplication = get_object_or_404(
        INTERMEDIARY.kind.visible_to(actor_of(request)), pk=pk
    )
    return found


def _typed(form: forms.Form) -> dict[str, Any]:
    """What was typed, or every reason why it cannot be read."""
    if not form.is_valid():
        refuse_all(
            DomainError("DOC-06", str(text), status=422, field=name)
            for name, errors in form.errors.items()
            for text in errors
        )
    return form.cleaned_data


def _back(request: HttpRequest, document: IntermediaryApplication, text: str) -> HttpResponse:
    messages.success(request, text)
    return redirect(INTERMEDIARY.url("detail", document.pk))


@login_required
@require_POST
def book(request: HttpRequest, pk: int) -> HttpResponse:
    document = _visible(request, pk)
    typed = _typed(BookingForm(request.POST))
    line = get_object_or_404(document.sheet, pk=typed.pop("line"))
    booking = acts.book_fee(line_id=line.pk, actor=actor_of(request), now=timezone.now(), **typed)
    return _back(request, document, _("%(booking)s is booked.") % {"booking": booking})


@login_required
@require_POST
def reverse(request: HttpRequest, pk: int, booking_id: int) -> HttpResponse:
    document = _visible(request, pk)
    booking = get_object_or_404(FeeBooking, pk=booking_id, line__document=document)
    acts.reverse_booking(
        booking_id=booking.pk,
        actor=actor_of(request),
        now=timezone.now(),
        reason=_typed(ReasonForm(request.POST))["reason"],
    )
    return _back(request, document, _("The booking is reversed."))


def _funding(request: HttpRequest, **shared: Any) -> Any:
    return acts.confirm_funding(funded_on=_typed(DayForm(request.POST))["day"], **shared)


def _fee(request: HttpRequest, **shared: Any) -> Any:
    return acts.confirm_fee(received_on=_typed(DayForm(request.POST))["day"], **shared)


def _settlement(request: HttpRequest, **shared: Any) -> Any:
    return acts.settle(**shared)


def _termination(request: HttpRequest, **shared: Any) -> Any:
    return acts.terminate(reason=_typed(ReasonForm(request.POST))["reason"], **shared)


STEPS: dict[str, Callable[..., Any]] = {
    "funding": _funding,
    "fee": _fee,
    "settlement": _settlement,
    "termination": _termination,
}


@login_required
@require_POST
def step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """One step of the business: 已放款, 已收费, 已结清 or 终止."""
    document = _visible(request, pk)
    moved = STEPS[step](
        request,
        document_id=document.pk,
        actor=actor_of(request),
        now=timezone.now(),
        ip=ip_of(request),
    )
    return _back(
        request,
        document,
        _("The business is %(status)s now.") % {"status": moved.get_biz_status_display()},
    )
