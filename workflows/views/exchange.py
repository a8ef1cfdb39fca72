"""流程定义 · 导入: what a BPMN file would become, and making it the draft of a flow."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lending_crm.common.errors import not_found
from workflows import errors
from workflows.exchange_forms import BpmnFileForm, RouteForm
from workflows.menu import may_configure
from workflows.models import FlowDefinition
from workflows.screens.exchange import load_import
from workflows.services.definitions import import_route


def _flow(request: HttpRequest, definition_id: int) -> FlowDefinition:
    if not may_configure(request.user):
        raise errors.administrators_only()
    found = FlowDefinition.objects.filter(pk=definition_id).first()
    if found is None:
        raise not_found()
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_flow(request: HttpRequest, definition_id: int) -> HttpResponse:
    """Choose a file; POST shows what it would become and changes nothing."""
    flow = _flow(request, definition_id)
    if request.method != "POST":
        context = {"flow": flow, "form": BpmnFileForm()}
        return render(request, "workflows/import.html", context)
    form = BpmnFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "workflows/import.html", {"flow": flow, "form": form}, status=422)
    page = load_import(flow, form.data_of_file())
    context = {"flow": flow, "form": BpmnFileForm(), "page": page, "file": form.file_name()}
    return render(
        request, "workflows/import.html", context, status=200 if page.found.is_accepted else 422
    )


@login_required
@require_POST
def take_over(request: HttpRequest, definition_id: int) -> HttpResponse:
    """Make the route that the page has shown the draft of the flow."""
    flow = _flow(request, definition_id)
    form = RouteForm(request.POST)
    if not form.is_valid():
        return redirect("workflows:import_flow", flow.pk)
    draft = import_route(
        definition_id=flow.pk,
        actor=request.user,
        now=timezone.now(),
        data=form.cleaned_data["bpmn"],
        replaces_revision=form.cleaned_data["replaces_revision"],
    )
    messages.success(request, _("Imported as the draft %s.") % draft)
    return redirect("workflows:edit", draft.pk)
