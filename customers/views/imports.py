"""导入: the template, the workbook, what is wrong with which row, and what became of it."""

from __future__ import annotations

import io
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from customers import errors
from customers.models import ImportRun
from customers.rules.imports import TARGETS, target_for
from customers.rules.permissions import enters_for_others, may_import, sees_business
from customers.services.imports import (
    request_import,
    start_import,
    target_of,
    write_template,
)
from customers.views.request import status_of
from lending_crm.common.errors import DomainError
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of, ip_of

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN_FAULTS = 200


class ImportForm(forms.Form):
    code = forms.ChoiceField(label=_("What the workbook holds"))
    upload = forms.FileField(
        label=_("Workbook"), help_text=_("Excel (.xlsx), at most 5 MB and 5,000 rows.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].choices = [(each.code, each.title) for each in TARGETS.values()]


def _ensure_may_import(request: HttpRequest) -> None:
    if not may_import(actor_of(request)):
        raise PermissionDenied(errors.not_an_account_manager().message)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    _ensure_may_import(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["upload"]
        try:
            run = request_import(
                code=form.cleaned_data["code"],
                stream=upload,
                file_name=upload.name or "",
                size=upload.size or 0,
                actor=actor_of(request),
                now=timezone.now(),
                ip=ip_of(request),
            )
        except DomainError as refusal:
            show_refusals(form, refusal)
        else:
            return redirect("customers:import", run.pk)
    context = {
        "form": form,
        "targets": TARGETS.values(),
        "is_for_others": enters_for_others(actor_of(request)),
        "sees_customers": sees_business(actor_of(request)),
        "runs": ImportRun.objects.filter(actor=actor_of(request)).defer("content", "results")[:10],
    }
    return render(request, "customers/import_new.html", context, status=status_of(form))


@login_required
@require_GET
def template(request: HttpRequest, code: str) -> FileResponse:
    _ensure_may_import(request)
    target = target_for(target_of(code), actor_of(request))
    stream = io.BytesIO()
    write_template(stream, target=target)
    stream.seek(0)
    name = f"{target.title}.xlsx"
    return FileResponse(stream, as_attachment=True, filename=name, content_type=_XLSX)


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the workbook is; the page asks again while the worker is at it."""
    run = get_object_or_404(ImportRun, pk=pk, actor=actor_of(request))
    context = {
        "run": run,
        "sees_customers": sees_business(actor_of(request)),
        "target": TARGETS[run.target],
        "faulty": run.faulty[:_SHOWN_FAULTS],
        "kept": [each for each in run.results if "url" in each][:_SHOWN_FAULTS],
    }
    is_fragment = getattr(request, "htmx", False)
    name = "customers/_import.html" if is_fragment else "customers/import.html"
    return render(request, name, context)


@login_required
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(ImportRun, pk=pk, actor=actor_of(request))
    run = start_import(run_id=pk, actor=actor_of(request), now=timezone.now())
    return redirect("customers:import", run.pk)
