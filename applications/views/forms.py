"""The form of the application: new, edit, and what the server says while somebody types."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from applications.assessment import local_day
from applications.drafting import TypedRows, assess_typed, line_hints
from applications.forms.application import ApplicationForms
from applications.kinds import BusinessApplicationKind
from applications.models import BusinessApplication, GuaranteeItem
from applications.rules.opening import refuse_new_application
from applications.rules.request import lendable
from applications.rules.submission import warnings
from applications.selectors import deciding_step, drafts_of
from applications.services.drafts import (
    create_application,
    update_application,
)
from customers.models import Contact, Opportunity
from documents.kinds import routed_kind
from documents.services.guard import ensure_editable
from lending_crm.common.errors import DomainError
from staff.views.request import actor_of, ip_of

UNPROCESSABLE = 422
_HAS_CONTACTS = Exists(Contact.objects.filter(customer=OuterRef("customer")))


def _opportunity(request: HttpRequest, pk: int) -> Opportunity:
    return get_object_or_404(
        Opportunity.objects.visible_to(request.user)
        .select_related("customer__group", "customer__channel", "channel")
        .annotate(has_contacts=_HAS_CONTACTS),
        pk=pk,
    )


def _application(request: HttpRequest, pk: int) -> BusinessApplication:
    return get_object_or_404(
        BusinessApplication.objects.visible_to(request.user)
        .select_related(
            "customer__group",
            "opportunity__customer",
            "borrower",
            "channel",
            "branch",
            "department",
            "handler",
        )
        .annotate(has_contacts=_HAS_CONTACTS),
        pk=pk,
    )


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    user, now = actor_of(request), timezone.now()
    opportunity = _opportunity(request, opportunity_id)
    posted = request.POST if request.method == "POST" else None
    if posted is None:
        refuse_new_application(opportunity, actor=user)
    forms = ApplicationForms(posted, opportunity=opportunity, user=user)
    status = 200
    if posted is not None:
        status = UNPROCESSABLE
        if forms.is_valid():
            try:
                made = create_application(
                    opportunity=opportunity,
                    actor=user,
                    now=now,
                    values=forms.values,
                    rows=forms.rows,
                    creation_key=forms.header.cleaned_data["creation_key"],
                    ip=ip_of(request),
                )
            except DomainError as error:
                forms.show_refusals(error)
                status = error.status
            else:
                return _after_saving(request, made)
    return _page(request, forms, opportunity, None, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    user = actor_of(request)
    application = _application(request, pk)
    posted = request.POST if request.method == "POST" else None
    if posted is None:
        ensure_editable(application, user)
    forms = ApplicationForms(
        posted, opportunity=application.opportunity, user=user, application=application
    )
    status = 200
    if posted is not None:
        status = UNPROCESSABLE
        if forms.is_valid():
            try:
                saved = update_application(
                    application_id=application.pk,
                    actor=user,
                    now=timezone.now(),
                    values=forms.values,
                    rows=forms.rows,
                    seen_version=forms.header.cleaned_data["version"],
                    ip=ip_of(request),
                )
            except DomainError as error:
                forms.show_refusals(error)
                status = error.status
            else:
                return _after_saving(request, saved)
    return _page(request, forms, application.opportunity, application, status=status)


def _after_saving(request: HttpRequest, application: BusinessApplication) -> HttpResponse:
    """保存 stays on the form, 保存并查看 opens the page, 提交审批 asks there for confirmation."""
    messages.success(request, _("%(doc_no)s is saved.") % {"doc_no": application.doc_no})
    page = reverse("applications:detail", args=[application.pk])
    if "submit" in request.POST:
        return redirect(f"{page}?submit=1")
    if "view" in request.POST:
        return redirect(page)
    return redirect("applications:edit", pk=application.pk)


def _page(
    request: HttpRequest,
    forms: ApplicationForms,
    opportunity: Opportunity,
    application: BusinessApplication | None,
    *,
    status: int,
) -> HttpResponse:
    user = actor_of(request)
    context = {
        "forms": forms,
        "opportunity": opportunity,
        "customer": opportunity.customer,
        "has_contacts": (application or opportunity).has_contacts,
        "application": application,
        "other_drafts": [] if application else list(drafts_of(opportunity, user)[:3]),
        "preview_url": reverse("applications:preview", args=[application.pk])
        if application
        else reverse("applications:preview_new", args=[opportunity.pk]),
    }
    return render(request, "applications/application_form.html", context, status=status)


@login_required
@require_POST
def preview_new(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    return _preview(request, _opportunity(request, opportunity_id), None)


@login_required
@require_POST
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    application = _application(request, pk)
    return _preview(request, application.opportunity, application)


def _preview(
    request: HttpRequest, opportunity: Opportunity, application: BusinessApplication | None
) -> HttpResponse:
    """Of everything typed that can be read already; stores nothing."""
    forms = ApplicationForms(
        request.POST, opportunity=opportunity, user=request.user, application=application
    )
    forms.is_valid()
    rows = TypedRows(
        lines=forms.lines.sound,
        guarantee_items=forms.guarantee_items.sound,
        fees=forms.fees.sound,
    )
    assessment = assess_typed(
        opportunity=opportunity,
        application=application,
        values=forms.values,
        rows=rows,
        day=local_day(timezone.now()),
    )
    draft = assessment.request.application
    kind = cast(BusinessApplicationKind, routed_kind(BusinessApplicationKind.code))
    context = {
        "assessment": assessment,
        "reasons": kind.readiness(draft, assessment),
        "warnings": warnings(assessment),
        "schedules": list(zip(assessment.request.lines, assessment.cost.schedules, strict=True)),
        "deciding": deciding_step(assessment.level),
        "hints": line_hints(forms.lines, assessment),
        "lendables": [
            (form.prefix, lendable(GuaranteeItem(**form.values)))
            for form in forms.guarantee_items.kept
            if form.is_valid()
        ],
        "unread_rows": len(forms.lines.kept) - len(rows.lines),
    }
    return render(request, "applications/_preview.html", context)
