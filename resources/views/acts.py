"""执行移交 and 交还 on the page of a handover."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lending_crm.common.errors import not_found
from resources.choices import Outcome
from resources.desk import HANDOVER_DESK
from resources.forms import ExecutionForm, GiverForm
from resources.services.execution import execute_handover
from resources.services.returning import begin_return
from staff.views.request import actor_of, ip_of


@login_required
@require_POST
def execute(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    handover = get_object_or_404(HANDOVER_DESK.kind.visible_to(user), pk=pk)
    form = ExecutionForm(request.POST)
    done = execute_handover(
        handover_id=handover.pk,
        actor=user,
        now=timezone.now(),
        seen_version=form.cleaned_data["seen_version"] if form.is_valid() else 0,
        ip=ip_of(request),
    )
    moved = sum(item.outcome == Outcome.MOVED for item in done.listed)
    said = _("%(doc_no)s is carried out: %(moved)s things moved, %(skipped)s stayed.")
    counts = {"doc_no": done.doc_no, "moved": moved, "skipped": len(done.listed) - moved}
    messages.success(request, said % counts)
    return redirect(handover)


@login_required
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    handover = get_object_or_404(HANDOVER_DESK.kind.visible_to(user), pk=pk)
    form = GiverForm(request.POST)
    if not form.is_valid():
        raise not_found()
    draft = begin_return(
        handover_id=handover.pk,
        giver=form.cleaned_data["giver"],
        actor=user,
        now=timezone.now(),
        ip=ip_of(request),
    )
    messages.success(request, _("%(doc_no)s is ready to be checked.") % {"doc_no": draft.doc_no})
    return redirect(draft)
