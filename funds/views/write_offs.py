"""提出核销, 核销 and 不予核销 on the page of a loan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from documents.rules import refuse_unless
from funds.forms.ledger import WriteOffForm
from funds.permissions import may_book, may_classify
from funds.services.write_offs import book_write_off, drop_write_off, propose_write_off
from funds.views.loans import loan_page, visible_loan
from staff.forms.refusals import performed
from staff.views.request import actor_of


@login_required
@require_POST
def propose(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("The write-off of %(no)s is proposed; finance books it.")
    form = WriteOffForm(request.POST)
    return _act(request, pk, propose_write_off, form, may=may_classify, done=done)


@login_required
@require_POST
def book(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("%(no)s is written off.")
    form = WriteOffForm(request.POST, asks_why=False)
    return _act(request, pk, book_write_off, form, may=may_book, done=done)


@login_required
@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    done = _("The write-off of %(no)s is not booked.")
    form = WriteOffForm(request.POST)
    return _act(request, pk, drop_write_off, form, may=_may_drop, done=done)


def _may_drop(user: Any) -> bool:
    """Finance, and 总部风控 what is its own; the service looks whose it is."""
    return may_book(user) or may_classify(user)


def _act(
    request: HttpRequest,
    pk: int,
    act: Callable[..., Any],
    form: WriteOffForm,
    *,
    may: Callable[[Any], bool],
    done: str,
) -> HttpResponse:
    loan, user = visible_loan(request, pk), actor_of(request)
    refuse_unless(may(user))
    if form.is_valid() and performed(
        form, act, loan_id=loan.pk, actor=user, now=timezone.now(), **form.cleaned_data
    ):
        messages.success(request, done % {"no": loan.loan_no})
        return redirect(loan)
    return loan_page(request, loan, write_off_form=form)
