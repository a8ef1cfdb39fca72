"""还款登记: the form with its preview, and the reversal."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications.assessment import local_day
from documents.rules import refuse_unless
from funds.choices import Treatment
from funds.forms.ledger import PreviewForm, RepaymentForm, ReversalForm
from funds.models import Loan, Repayment
from funds.permissions import may_book
from funds.selectors.state import state_of
from funds.services.repayments import (
    preview_repayment,
    register_repayment,
    reverse_repayment,
)
from funds.views.loans import UNPROCESSABLE, loan_page, visible_loan
from lending_crm.common.errors import DomainError
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """The form; what is due today and the usual payer are offered, or what a link asks for."""
    loan = visible_loan(request, pk)
    user = actor_of(request)
    refuse_unless(may_book(user))
    today = local_day(timezone.now())
    position = state_of(loan).position(today)
    asked = PreviewForm(request.GET)
    asked.is_valid()  # what cannot be read is not asked for
    form = RepaymentForm(
        request.POST or None,
        initial={
            "paid_on": asked.cleaned_data.get("paid_on") or today,
            "amount": asked.cleaned_data.get("amount")
            or position.due_total
            or position.next_amount,
            "payer": loan.customer.acct_name or loan.customer.name,
            "treatment": request.GET.get("treatment", Treatment.DUE),
        },
    )
    if form.is_bound and form.is_valid():
        try:
            repayment = register_repayment(
                loan_id=loan.pk, actor=user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(
                request,
                _("%(amount)s yuan are booked on %(no)s.")
                % {"amount": f"{repayment.amount:,.2f}", "no": loan.loan_no},
            )
            return redirect(loan)
    context = {"loan": loan, "form": form, "position": position}
    status = UNPROCESSABLE if form.is_bound else 200
    return render(request, "funds/repayment_form.html", context, status=status)


@login_required
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the typed amount would go; nothing is written."""
    loan: Loan = visible_loan(request, pk)
    refuse_unless(may_book(actor_of(request)))
    form = PreviewForm(request.POST)
    context: dict[str, object] = {"loan": loan}
    if form.is_valid():
        try:
            context["plan"] = preview_repayment(
                loan=loan,
                amount=form.cleaned_data["amount"],
                paid_on=form.cleaned_data["paid_on"],
                treatment=form.cleaned_data["treatment"] or Treatment.DUE,
                now=timezone.now(),
            )
        except DomainError as error:
            context["refusals"] = error.reasons
    return render(request, "funds/_allocation_preview.html", context)


@login_required
@require_POST
def reverse(request: HttpRequest, pk: int) -> HttpResponse:
    repayment = get_object_or_404(
        Repayment.objects.visible_to(request.user).select_related("loan"), pk=pk
    )
    refuse_unless(may_book(actor_of(request)))
    form = ReversalForm(request.POST)
    if form.is_valid():
        try:
            reverse_repayment(
                repayment_id=repayment.pk,
                reason=form.cleaned_data["reason"],
                actor=actor_of(request),
                now=timezone.now(),
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(
                request, _("Repayment %(ref)s is reversed.") % {"ref": repayment.bank_ref}
            )
            return redirect(repayment.loan)
    loan = visible_loan(request, repayment.loan_id)
    return loan_page(request, loan, reversal=form)
