"""A fee of a loan: charge it, or reverse it, on the page of the loan."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from documents.rules import refuse_unless
from funds.forms.ledger import FeeForm, ReversalForm
from funds.models import Loan, LoanCharge
from funds.permissions import may_book
from funds.services.fees import charge_fee, reverse_fee
from funds.views.loans import FEE_IDS, loan_page, visible_loan
from lending_crm.common.money import format_amount
from staff.forms.refusals import performed
from staff.views.request import actor_of


@login_required
@require_POST
def charge(request: HttpRequest, pk: int) -> HttpResponse:
    loan, user = visible_loan(request, pk), actor_of(request)
    refuse_unless(may_book(user))
    form = FeeForm(request.POST, auto_id=FEE_IDS)
    if form.is_valid() and performed(
        form, charge_fee, loan_id=loan.pk, actor=user, now=timezone.now(), **form.cleaned_data
    ):
        said = {"amount": format_amount(form.cleaned_data["amount"]), "no": loan.loan_no}
        messages.success(request, _("A fee of %(amount)s yuan is charged to %(no)s.") % said)
        return redirect(loan)
    return loan_page(request, loan, fee_form=form)


@login_required
@require_POST
def reverse(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    seen = LoanCharge.objects.filter(loan__in=Loan.objects.visible_to(user))
    fee = get_object_or_404(seen, pk=pk)
    refuse_unless(may_book(user))
    form = ReversalForm(request.POST, auto_id=f"id_fee_{fee.pk}_%s")
    if form.is_valid() and performed(
        form, reverse_fee, charge_id=fee.pk, actor=user, now=timezone.now(), **form.cleaned_data
    ):
        said = {"amount": format_amount(fee.amount)}
        messages.success(request, _("The fee of %(amount)s yuan is reversed.") % said)
        return redirect(fee.loan)
    return loan_page(request, visible_loan(request, fee.loan_id), fee_reversal=(fee.pk, form))
