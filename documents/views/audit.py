"""审计包: take a whole case out, see who did so before, fetch the file."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from documents.audit.rights import check_may_export
from documents.choices import ExportForm
from documents.responses import export_response
from documents.selectors import exports_of, visible_case
from documents.services.audit import open_export, request_export


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest, case_id: int) -> HttpResponse:
    """The exports of a case; a POST makes another one."""
    case = visible_case(case_id, request.user)
    if request.method == "POST":
        export = request_export(
            case_id=case.pk,
            form=request.POST.get("form", ""),
            actor=request.user,
            now=timezone.now(),
        )
        if not export.is_live and not export.error:
            messages.success(request, _("The export is ready."))
        return redirect("documents:exports", case.pk)
    check_may_export(case, request.user)
    found = exports_of(case)
    context = {"case": case, "exports": found, "forms": ExportForm.choices}
    context["is_making"] = any(export.is_live for export in found)
    template = "documents/_exports.html" if request.htmx else "documents/exports.html"
    return render(request, template, context)


@login_required
@require_safe
def download(request: HttpRequest, export_id: int) -> FileResponse:
    return export_response(*open_export(export_id=export_id, actor=request.user))
