"""The page of an application: what it says, what hangs on it, what its handler does with it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from applications.assessment import local_day
from applications.costing import cost_of
from applications.kinds import BusinessApplicationKind
from applications.models import BusinessApplication
from applications.permissions import may_apply, may_ask_to_void_approval, may_void
from applications.selectors import open_customers, read_view
from applications.services.drafts import copy_application
from documents.desk.reading import attachments_in_work, case_context, hides_from, may_open
from documents.panels import panels_of
from documents.selectors import open_void_request
from lending_crm.common.errors import not_found
from staff.views.request import actor_of, ip_of


def visible_application(request: HttpRequest, pk: int) -> BusinessApplication:
    user = actor_of(request)
    rows = BusinessApplication.objects.visible_to(user).select_related(
        "customer__group",
        "opportunity",
        "borrower",
        "channel",
        "branch",
        "department",
        "handler",
        "copied_from",
        "reconsidered_by",
        "case__handler",
    )
    links = may_open(BusinessApplication, ("customer", "channel"), user)
    return get_object_or_404(rows.annotate(**links), pk=pk)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    application = visible_application(request, pk)
    if hides_from(application, user):
        # Who is asked at a step that hides something reads the document there.
        return redirect("workflows:case", application.case_id)
    is_handler = application.handler_id == user.pk
    context: dict[str, Any] = {
        **read_view(application),
        **case_context(application, user),
        "open_customers": open_customers(application),
        "is_handler": is_handler,
        "may_edit": is_handler and application.is_editable,
        "may_copy": application.is_over and may_apply(user),
        "may_void": may_void(user, application),
        "void_request": open_void_request(application),
        "may_ask_to_void": may_ask_to_void_approval(user, application),
        "opens_submission": is_handler and application.is_editable and "submit" in request.GET,
        "attachment_panel": attachments_in_work(application, user),
        "key": uuid4().hex,
    }
    context["cost"] = cost_of(context["lines"], context["fees"], start=local_day(timezone.now()))
    return render(request, "applications/application_detail.html", context)


@login_required
@require_GET
def related(request: HttpRequest, pk: int) -> HttpResponse:
    """What follows from the application, once its page is there."""
    application = visible_application(request, pk)
    if hides_from(application, actor_of(request)):
        raise not_found()
    found = panels_of(BusinessApplicationKind.code, application, actor_of(request), later=True)
    return render(request, "documents/panels/related.html", {"panels": found})


@login_required
@require_GET
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """还款计划试算, as if everything were paid out today."""
    application = visible_application(request, pk)
    if hides_from(application, actor_of(request)):
        raise not_found()
    view = read_view(application)
    cost = cost_of(view["lines"], view["fees"], start=local_day(timezone.now()))
    schedules = list(zip(view["lines"], cost.schedules, strict=True))
    context = {"schedules": schedules, "cost": cost, "is_open": True}
    return render(request, "applications/_schedules.html", context)


@login_required
@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    source = visible_application(request, pk)
    made = copy_application(
        application_id=source.pk, actor=actor_of(request), now=timezone.now(), ip=ip_of(request)
    )
    messages.success(
        request,
        _("Copied from %(old)s; attach current papers before you submit.") % {"old": source.doc_no},
    )
    return redirect("applications:edit", pk=made.pk)
