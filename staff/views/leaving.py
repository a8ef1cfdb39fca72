"""离岗移交: look at what somebody holds, see what would become of it, move it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from lending_crm.common.errors import DomainError
from staff.forms.leaving import HandoverForm
from staff.forms.refusals import show_refusals
from staff.rules import require_keeper
from staff.selectors import directory
from staff.services.leaving import HandoverResult, hand_over_all, holdings_of
from staff.views.request import actor_of, ip_of


@login_required
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """GET lists; POST previews, and with ``confirm`` moves."""
    employee = get_object_or_404(directory(request.user), pk=pk)
    actor = actor_of(request)
    require_keeper(actor)
    data = request.POST if request.method == "POST" else None
    groups = holdings_of(employee, now=timezone.now())
    form = HandoverForm(data, employee=employee, groups=groups)
    result: HandoverResult | None = None
    if data is not None and form.is_valid():
        try:
            result = hand_over_all(
                employee=employee,
                parts=form.parts(),
                actor=actor,
                now=timezone.now(),
                is_preview="confirm" not in data,
                closes_account=form.cleaned_data["closes_account"],
                ip=ip_of(request),
            )
        except DomainError as error:
            show_refusals(form, error)
    if result is not None and not result.is_preview:
        context: dict[str, Any] = {"person": employee, "result": result}
        return render(request, "staff/handover_done.html", context)
    context = {"person": employee, "form": form, "result": result}
    status = 422 if form.is_bound and result is None else 200
    return render(request, "staff/handover.html", context, status=status)
