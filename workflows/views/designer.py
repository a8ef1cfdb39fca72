"""The designer of a draft: the page with the drawing, and the panel of one element."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from lending_crm.common.errors import not_found
from workflows.bpmn.chain import NotAChain, to_chain
from workflows.bpmn.fragment import element_xml
from workflows.bpmn.xml import write
from workflows.choices import VersionState
from workflows.definitions import parse
from workflows.element_forms import editor_for
from workflows.kinds import kind_for
from workflows.screens.designer import load_panel
from workflows.screens.designer_texts import drawing_texts
from workflows.services.definitions import read_route
from workflows.views.administration import administrators_only, version_or_404


@login_required
@require_safe
def designer(request: HttpRequest, version_id: int) -> HttpResponse:
    """The drawing of a draft; a published version is only shown."""
    administrators_only(request)
    draft = version_or_404(version_id)
    if draft.state != VersionState.DRAFT:
        return redirect("workflows:version", draft.pk)
    definition = parse(draft.bpmn, draft.definition.document_kind)
    context = {
        "version": draft,
        "is_list": not isinstance(to_chain(definition), NotAChain),
        "texts": drawing_texts(),
        "panel": load_panel(
            definition, "", draft.definition.document_kind,
            editor_for(definition, "", kind_for(draft.definition.document_kind)),
        ),
    }  # fmt: skip
    return render(request, "workflows/designer/page.html", context)


@login_required
@require_POST
def panel(request: HttpRequest, version_id: int) -> HttpResponse:
    """The settings of one element of the drawing as it stands in the browser."""
    return _panel(request, version_id, is_applied=False)


@login_required
@require_POST
def apply(request: HttpRequest, version_id: int) -> HttpResponse:
    """The element as it was typed, for the drawing to take over; nothing is saved yet."""
    return _panel(request, version_id, is_applied=True)


def _panel(request: HttpRequest, version_id: int, *, is_applied: bool) -> HttpResponse:
    administrators_only(request)
    draft = version_or_404(version_id)
    kind = kind_for(draft.definition.document_kind)
    definition = read_route(request.POST.get("bpmn", ""), kind.code)
    element_id = request.POST.get("element", "") or definition.process_id
    editor = editor_for(definition, element_id, kind, request.POST if is_applied else None)
    fragment, status = "", 200
    if is_applied:
        if editor is None:
            raise not_found()
        if editor.is_valid():
            # Once more through the reader: what it would refuse later is told now.
            definition = read_route(write(editor.changed()), kind.code)
            fragment = element_xml(definition, element_id)
            editor = editor_for(definition, element_id, kind)
        else:
            status = 422
    context = {
        "version": draft,
        "panel": load_panel(definition, element_id, kind.code, editor),
        "fragment": fragment,
    }
    return render(request, "workflows/designer/_panel.html", context, status=status)
