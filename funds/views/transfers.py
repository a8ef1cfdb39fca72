"""执行, 划拨失败 and 冲销 on the page of a fund transfer."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from funds.desks.transfer import TRANSFER_DESK
from funds.forms.transfers import ExecutionForm, OutcomeForm
from funds.services.transfers import execute_transfer, report_failure, reverse_transfer
from funds.views.acts import Act, perform


@login_required
@require_POST
def execute(request: HttpRequest, pk: int) -> HttpResponse:
    form = ExecutionForm(request.POST, request.FILES)
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
    request: HttpRequest,
    pk: int,
    act: Act,
    form: ExecutionForm | OutcomeForm,
    *,
    name: str,
    done: str,
) -> HttpResponse:
    return perform(request, pk, TRANSFER_DESK, act, form, key="transfer_id", name=name, done=done)
