"""导出: what leaves with which filter, its numbers masked, and the file."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from lending_crm.common.errors import DomainError
from lending_crm.common.exports import runs
from lending_crm.common.models import ExportRun
from lending_crm.common.pagination import capped_count

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportForm(forms.Form):
    """``query`` is the filter of the list that the export was opened from."""

    query = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, code: str) -> HttpResponse:
    export = runs.opened(code, request.user)
    query = request.META.get("QUERY_STRING", "") if request.method == "GET" else ""
    form = ExportForm(request.POST or None, initial={"query": query[:2000]})
    if request.method == "POST" and form.is_valid():
        try:
            run = runs.request_list_export(
                code=code,
                actor=request.user,
                now=timezone.now(),
                ip=request.META.get("REMOTE_ADDR") or None,
                **form.cleaned_data,
            )
        except DomainError as refusal:
            form.add_error(refusal.field, refusal.message)
        else:
            return redirect("exports:run", run.pk)
    shown = form.data.get("query", "") if form.is_bound else query
    found = runs.rows_of(export, request.user, shown[:2000], now=timezone.now())
    context = {
        "export": export,
        "form": form,
        "count": capped_count(found, cap=runs.MOST_ROWS),
        "columns": export.columns,
        "shown": shown[:2000],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "exports/new.html", context, status=status)


@login_required
@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far an export is; the page asks again while it is being made."""
    found = get_object_or_404(ExportRun, pk=pk, actor=request.user)
    context = {"run": found, "export": runs.opened(found.code, request.user)}
    is_fragment = getattr(request, "htmx", False)
    return render(request, "exports/_run.html" if is_fragment else "exports/run.html", context)


@login_required
@require_safe
def download(request: HttpRequest, pk: int) -> FileResponse:
    found, stream = runs.open_list_export(
        run_id=pk,
        actor=request.user,
        now=timezone.now(),
        ip=request.META.get("REMOTE_ADDR") or None,
    )
    name = f"{found.code}-{timezone.localtime(found.at):%Y%m%d-%H%M}.xlsx"
    response = FileResponse(stream, as_attachment=True, filename=name, content_type=XLSX)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
