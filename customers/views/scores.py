"""客户价值与风险: the quadrant chart and the same in a table (X5)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from customers.rules.permissions import sees_business
from customers.selectors.scores import LABELS, RISK_PARTS, SHOWN, VALUE_PARTS, score_page
from staff.views.request import actor_of


@login_required
@require_GET
def scores(request: HttpRequest) -> HttpResponse:
    user = actor_of(request)
    if not sees_business(user):
        raise PermissionDenied
    text = request.GET.get("q", "")
    context = {
        "page": score_page(user, day=timezone.localdate(), text=text),
        "value_labels": [LABELS[code] for code in VALUE_PARTS],
        "risk_labels": [LABELS[code] for code in RISK_PARTS],
        "most": SHOWN,
        "q": text,
    }
    return render(request, "customers/scores.html", context)
