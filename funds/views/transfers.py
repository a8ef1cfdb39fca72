"""执行, 划拨失败 and 冲销 on the page of a fund transfer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from documents.desk.reading import page_context
from documents.rules import refuse_unless
from funds.desks.transfer import TRANSFER_DESK
from funds.forms.transfers import ExecutionForm, OutcomeForm
from funds.models import FundTransfer
from funds.permissions import may_book
from funds.services.transfers import execute_transfer, report_failure, reverse_transfer
from funds.views.loans import UNPROCESSABLE
from lending_crm.common.errors import DomainError
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of

Act = Callable[..., FundTransfer]


@login_required
@require_POST
def execute(request: HttpRequest, pk: int) -> HttpResponse:
    form = ExecutionForm(request.POST)
    done = _("%(doc_no)s is transferred.")
    return _act(request, pk, execute_transfer, form, name="execution", done=done)


@login_required
@require_POST
def fail(request: HttpRequest, pk: int) -> HttpResponse:
    form = OutcomeForm(request.POST, prefix="failure")
    done = _("The failure of %(doc_no)s is kept; it can be executed again.")
    return _act(request, pk, report_failure, form, name="failure", done=done)


@login_required
@require_POST
def reverse(request: HttpRequest, pk: int) -> HttpResponse:
    form = OutcomeForm(request.POST, prefix="reversal")
    done = _("%(doc_no)s is reversed.")
    return _act(request, pk, reverse_transfer, form, name="reversal", done=done)


def _act(
    request: HttpRequest, pk: int, act: Act, form: forms.Form, *, name: str, done: str
) -> HttpResponse:
    """Perform the act, or show the page again with what was typed in its dialog."""
    user = actor_of(request)
    transfer = get_object_or_404(TRANSFER_DESK.kind.visible_to(user), pk=pk)
    refuse_unless(may_book(user))
    if form.is_valid():
        try:
            act(
                transfer_id=transfer.pk,
                actor=user,
                now=timezone.now(),
                ip=ip_of(request),
                **form.cleaned_data,
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, done % {"doc_no": transfer.doc_no})
            return redirect(transfer)
    context: dict[str, Any] = {
        "desk": TRANSFER_DESK,
        **page_context(TRANSFER_DESK, transfer, user),
        "opens_submission": False,
        "key": uuid4().hex,
        "extras": [TRANSFER_DESK.outcome(transfer, user, **{name: form})],  # type: ignore[arg-type]
    }
    return render(request, "documents/desk/detail.html", context, status=UNPROCESSABLE)
