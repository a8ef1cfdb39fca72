"""工作台: what each person has to do today."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reports.selectors import load_workbench
from reports.tiles import tiles_of
from staff.views.request import actor_of


@login_required
@require_safe
def workbench(request: HttpRequest) -> HttpResponse:
    """The parts that the person's roles have, the most urgent rows of each."""
    bench = load_workbench(actor_of(request), now=timezone.now())
    return render(request, "reports/workbench.html", {"bench": bench, "tiles": tiles_of(bench)})
