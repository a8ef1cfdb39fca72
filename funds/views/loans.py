"""资金管理 → 借据台账: the list, a loan's page, the settlement figure and the print-out."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from applications.assessment import local_day
from documents.panels import panels_of
from documents.responses import file_response
from documents.rules import refuse_unless
from documents.services.prints import fresh_print
from funds.choices import BAD_CLASSES
from funds.filters import LoanFilter
from funds.forms.ledger import ClassForm, DayForm, FeeForm, ReversalForm, WriteOffForm
from funds.models import Loan
from funds.permissions import may_book, may_classify, may_see_ledger
from funds.selectors import loans as selectors
from funds.selectors.state import lines_in_force, state_of
from funds.services.classification import set_class_by_hand
from funds.services.printing import print_schedule
from lending_crm.common.errors import DomainError
from lending_crm.common.pagination import paginate
from staff.forms.refusals import show_refusals
from staff.models import Employee
from staff.selectors import roles_of
from staff.views.request import actor_of

UNPROCESSABLE = 422
SORTS = {
    "": ("-created_at", "-pk"),
    "due": ("due_date", "pk"),
    "-overdue": ("-overdue_days", "-pk"),
    "-unpaid": ("-unpaid_principal", "-pk"),
}
_SHOWN_ENTRIES = 100
#: other dialogs of the page have fields of the same names
FEE_IDS = "id_fee_%s"


def visible_loan(request: HttpRequest, pk: int) -> Loan:
    rows = Loan.objects.visible_to(request.user).select_related(
        "customer", "application", "branch", "product"
    )
    return get_object_or_404(selectors.with_proposal(rows), pk=pk)


@login_required
@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    refuse_unless(may_see_ledger(user))
    found = LoanFilter(
        request.GET,
        queryset=selectors.loan_list(user),
        user=user,
        sees_all=roles_of(user).sees_all,
    )
    sort = request.GET.get("sort", "")
    page = paginate(found.qs, order=SORTS.get(sort, SORTS[""]), cursor=request.GET.get("cursor"))
    context = {
        "filter": found,
        "page": page,
        "sort": sort,
        "may_book": may_book(user),
        "is_filtered": any(request.GET.get(name) for name in found.form.fields),
    }
    return render(request, "funds/loan_list.html", context)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return loan_page(request, visible_loan(request, pk))


def loan_page(
    request: HttpRequest,
    loan: Loan,
    *,
    reversal: ReversalForm | None = None,
    class_form: ClassForm | None = None,
    write_off_form: WriteOffForm | None = None,
    fee_form: FeeForm | None = None,
    fee_reversal: tuple[int, ReversalForm] | None = None,
) -> HttpResponse:
    """The page; with a form that was refused, the page that shows why.

    ``fee_reversal`` names the fee by its id.
    """
    user = actor_of(request)
    today = local_day(timezone.now())
    in_force = lines_in_force(loan)
    given = (reversal, class_form, write_off_form, fee_form, fee_reversal)
    refused = any(form is not None for form in given)
    context: dict[str, Any] = {
        "loan": loan,
        "position": state_of(loan, in_force).position(today),
        "version": in_force[0].version if in_force else None,
        "lines": in_force,
        "may_book": may_book(user) and not loan.is_ended,
        "may_classify": may_classify(user) and not loan.is_ended,
        "class_form": class_form or ClassForm(initial={"risk_class": loan.risk_class}),
        "reversal": reversal,
        "fee_form": fee_form or new_fee_form(today),
        "is_refused": refused,
        **_write_off(loan, user, write_off_form),
    }
    if refused:
        # What was typed stays in its dialog, so nothing is left for a second request.
        context |= _records(loan, user, reversal, fee_reversal)
    return render(
        request, "funds/loan_detail.html", context, status=UNPROCESSABLE if refused else 200
    )


def _write_off(loan: Loan, user: Employee, form: WriteOffForm | None) -> dict[str, Any]:
    """The open proposal, and who may do what about it."""
    context: dict[str, Any] = {"write_off_form": form or WriteOffForm()}
    if loan.risk_class not in BAD_CLASSES or loan.is_ended:
        return context
    proposal = loan.proposal and {**loan.proposal, "at": parse_datetime(loan.proposal["at"])}
    is_own = proposal is not None and proposal["by_id"] == user.pk
    return context | {
        "proposal": proposal,
        "is_own_write_off": is_own,
        "may_answer_write_off": proposal is not None and may_book(user) and not is_own,
        "may_propose_write_off": proposal is None and may_classify(user),
    }


def new_fee_form(today: date) -> FeeForm:
    return FeeForm(initial={"due_on": today, "creation_key": uuid4()}, auto_id=FEE_IDS)


def _records(
    loan: Loan,
    user: Employee,
    reversal: ReversalForm | None = None,
    fee_reversal: tuple[int, ReversalForm] | None = None,
) -> dict[str, Any]:
    repayments = list(selectors.repayments_of(loan))
    standing = [each.pk for each in repayments if each.reversed_at is None]
    return {
        "old_schedules": list(selectors.old_schedules_of(loan)),
        "repayments": repayments,
        "reversible": max(standing, default=None),
        "may_reverse": may_book(user),
        "reversal": reversal or ReversalForm(),
        "fees": _fees(loan, fee_reversal),
        "entries": list(selectors.journal_of(loan, _SHOWN_ENTRIES)),
        "history": list(selectors.classifications_of(loan)),
        "changes": selectors.loan_changes(loan),
    }


def _fees(loan: Loan, refused: tuple[int, ReversalForm] | None) -> list[dict[str, Any]]:
    """Each fee, with the form that reverses it; the form that was refused keeps what it says."""
    bound = dict([refused] if refused else [])
    return [
        {
            "charge": charge,
            "form": bound.get(charge.pk) or ReversalForm(auto_id=f"id_fee_{charge.pk}_%s"),
            "is_reversible": charge.is_reversible and not loan.is_ended,
        }
        for charge in selectors.charges_of(loan)
    ]


@login_required
@require_GET
def records(request: HttpRequest, pk: int) -> HttpResponse:
    """Older schedules, repayments, 台账流水 and 分类历史, when the page is there."""
    loan = visible_loan(request, pk)
    context = {"loan": loan, **_records(loan, actor_of(request))}
    return render(request, "funds/_records.html", context)


@login_required
@require_GET
def related(request: HttpRequest, pk: int) -> HttpResponse:
    """The related lists that apps above the ledger put on the loan, when the page is there."""
    loan = visible_loan(request, pk)
    context = {"panels": panels_of("loan", loan, actor_of(request), later=True)}
    return render(request, "documents/panels/related.html", context)


@login_required
@require_POST
def classify(request: HttpRequest, pk: int) -> HttpResponse:
    loan = visible_loan(request, pk)
    form = ClassForm(request.POST)
    refuse_unless(may_classify(actor_of(request)))
    if form.is_valid():
        try:
            set_class_by_hand(
                loan_id=loan.pk,
                risk_class=form.cleaned_data["risk_class"],
                reason=form.cleaned_data["reason"],
                actor=actor_of(request),
                now=timezone.now(),
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("The class of %(no)s is set.") % {"no": loan.loan_no})
            return redirect(loan)
    return loan_page(request, loan, class_form=form)


@login_required
@require_GET
def settlement(request: HttpRequest, pk: int) -> HttpResponse:
    """结清试算 for a day; today without one."""
    loan = visible_loan(request, pk)
    form = DayForm(request.GET or None)
    today = local_day(timezone.now())
    day = form.day_or(today)
    context = {
        "loan": loan,
        "form": form if form.is_bound else DayForm(initial={"day": today}),
        "day": day,
        "is_past": day < loan.booked_to,
        "figure": selectors.settlement_figure(loan, day),
        # A day to come is only looked at: money is booked when it is there (REP-05).
        "may_book": may_book(actor_of(request)) and not loan.is_ended and day <= today,
    }
    return render(request, "funds/settlement.html", context)


@login_required
@require_GET
def print_page(request: HttpRequest, pk: int) -> HttpResponse:
    """还款计划表; counts the print, ``?reason=`` is kept with it."""
    printed = print_schedule(
        loan=visible_loan(request, pk),
        actor=actor_of(request),
        now=timezone.now(),
        reason=request.GET.get("reason", ""),
    )
    return file_response(fresh_print(printed))
