"""Two versions of a route side by side."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lending_crm.common.errors import not_found
from workflows.models import FlowVersion
from workflows.screens.compare import compare_marks, load_comparison, usual_partner
from workflows.views.administration import administrators_only, version_or_404


def _two(request: HttpRequest) -> tuple[FlowVersion, FlowVersion]:
    """The versions that the address names; without ``before``, the usual one."""
    after = version_or_404(_number(request.GET.get("after", "")))
    if not request.GET.get("before"):
        before = usual_partner(after)
        return (before or after), after
    return version_or_404(_number(request.GET["before"])), after


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise not_found()
    return int(text)


@login_required
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """What differs, marked on both drawings and in words."""
    administrators_only(request)
    return render(request, "workflows/compare.html", {"page": load_comparison(*_two(request))})


@login_required
@require_safe
def marks(request: HttpRequest, side: str) -> JsonResponse:
    administrators_only(request)
    if side not in ("before", "after"):
        raise not_found()
    return JsonResponse(compare_marks(*_two(request), side))
