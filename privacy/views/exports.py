"""完整导出 on the page of an approved request."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from privacy.desk import EXPORT_DESK
from privacy.services.exports import export_approved
from staff.views.request import actor_of, ip_of


@login_required
@require_POST
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the workbook; its page hands it out and counts each time."""
    user = actor_of(request)
    found = get_object_or_404(EXPORT_DESK.kind.visible_to(user), pk=pk)
    run = export_approved(request_id=found.pk, actor=user, now=timezone.now(), ip=ip_of(request))
    return redirect("exports:run", run.pk)
