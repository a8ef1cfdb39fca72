"""批量导入还款: upload, look at each row, book, look at each result."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from documents.rules import refuse_unless
from funds.choices import RowState
from funds.forms.ledger import ImportForm
from funds.models import RepaymentImport
from funds.permissions import may_book
from funds.selectors.imports import import_rows, recent_imports
from funds.services.imports import COLUMNS, book_import, upload_repayments
from funds.views.loans import UNPROCESSABLE
from lending_crm.common.errors import DomainError
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    refuse_unless(may_book(user))
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            batch = upload_repayments(
                upload=form.cleaned_data["file"], actor=user, now=timezone.now()
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            return redirect("funds:import-detail", pk=batch.pk)
    context = {"form": form, "imports": recent_imports(), "columns": list(COLUMNS)}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return render(request, "funds/import_form.html", context, status=status)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    refuse_unless(may_book(actor_of(request)))
    batch = get_object_or_404(RepaymentImport.objects.select_related("uploaded_by"), pk=pk)
    rows = list(import_rows(batch))
    ready = [row for row in rows if row.state == RowState.READY]
    context = {
        "batch": batch,
        "rows": rows,
        "ready": ready,
        "booked": sum(1 for row in rows if row.state == RowState.BOOKED),
        "faulty": sum(1 for row in rows if row.fault),
    }
    return render(request, "funds/import_detail.html", context)


@login_required
@require_POST
def book(request: HttpRequest, pk: int) -> HttpResponse:
    refuse_unless(may_book(actor_of(request)))
    batch = get_object_or_404(RepaymentImport, pk=pk)
    rows = book_import(import_id=batch.pk, actor=actor_of(request), now=timezone.now())
    booked = sum(1 for row in rows if row.state == RowState.BOOKED)
    messages.success(
        request, ngettext("%(n)s row is booked.", "%(n)s rows are booked.", booked) % {"n": booked}
    )
    return redirect("funds:import-detail", pk=batch.pk)
