"""付款 of a refund or a rebate, and the 回单 of any payment, on the document's page."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from funds.desks.payment import PaymentDesk
from funds.desks.rebate import REBATE_DESK
from funds.desks.relief import RELIEF_DESK
from funds.forms.payments import PaymentForm, ReceiptForm
from funds.services.payments import add_receipt
from funds.services.rebates import pay_rebate
from funds.services.relief import pay_refund
from funds.views.acts import Act, perform


@login_required
@require_POST
def refund(request: HttpRequest, pk: int) -> HttpResponse:
    return _pay(request, pk, RELIEF_DESK, pay_refund)


@login_required
@require_POST
def rebate(request: HttpRequest, pk: int) -> HttpResponse:
    return _pay(request, pk, REBATE_DESK, pay_rebate)


@login_required
@require_POST
def receipt(request: HttpRequest, pk: int, desk: PaymentDesk) -> HttpResponse:
    form = ReceiptForm(request.POST, request.FILES)
    done = _("The bank receipt of %(doc_no)s is kept.")
    return perform(
        request, pk, desk, add_receipt, form, key="document_id", name="receipt", done=done
    )


def _pay(request: HttpRequest, pk: int, desk: PaymentDesk, act: Act) -> HttpResponse:
    form = PaymentForm(request.POST, request.FILES)
    done = _("%(doc_no)s is paid.")
    return perform(request, pk, desk, act, form, key="document_id", name="payment", done=done)
