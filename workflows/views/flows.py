"""流程定义: look at versions, edit a draft as a list of nodes, publish it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from lending_crm.common.errors import DomainError, not_found
from workflows.bpmn.chain import Chain, ChainNode, from_chain, with_node
from workflows.bpmn.chain_edit import NodeKind, blank_node
from workflows.choices import VersionState
from workflows.flow_forms import NodeEditor
from workflows.models import FlowVersion
from workflows.screens.flows import (
    copy_targets,
    draw_version,
    flow_list,
    load_editor,
    version_marks,
    version_words,
)
from workflows.services import definitions
from workflows.views.administration import administrators_only as _administrators_only
from workflows.views.administration import version_or_404 as _version


@login_required
@require_safe
def flows(request: HttpRequest) -> HttpResponse:
    _administrators_only(request)
    return render(request, "workflows/flows.html", {"flows": flow_list()})


@login_required
@require_safe
def version(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version: the drawing, the same in words, the BPMN to take along."""
    _administrators_only(request)
    found = _version(version_id)
    context = {
        "version": found,
        "words": version_words(found),
        "editor": load_editor(found),
        "targets": copy_targets(),
    }
    return render(request, "workflows/version.html", context)


@login_required
@require_safe
def version_svg(request: HttpRequest, version_id: int) -> HttpResponse:
    _administrators_only(request)
    svg = draw_version(
        _version(version_id),
        theme="dark" if request.GET.get("theme") == "dark" else "light",
        is_vertical=request.GET.get("shape") == "vertical",
    )
    response = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@login_required
@require_safe
def version_bpmn(request: HttpRequest, version_id: int) -> HttpResponse:
    _administrators_only(request)
    found = _version(version_id)
    response = HttpResponse(found.bpmn, content_type="application/xml; charset=utf-8")
    name = f"{found.definition.code}-v{found.number}.bpmn"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@login_required
@require_safe
def marks(request: HttpRequest, version_id: int) -> JsonResponse:
    """What the drawing of a version marks: the conditions on its edges."""
    _administrators_only(request)
    return JsonResponse(version_marks(_version(version_id)))


def _number(text: str) -> int:
    """A row's number from a form; 0, which no row has, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


@login_required
@require_POST
def start_draft(request: HttpRequest, definition_id: int) -> HttpResponse:
    """A draft as a copy of the published version, or of the one that ``source`` names."""
    source = request.POST.get("source", "")
    draft = definitions.start_draft(
        definition_id=definition_id,
        actor=request.user,
        now=timezone.now(),
        source_id=_number(source) if source else None,
    )
    return redirect("workflows:edit", draft.pk)


@login_required
@require_safe
def edit(request: HttpRequest, version_id: int) -> HttpResponse:
    _administrators_only(request)
    found = _version(version_id)
    if found.state != VersionState.DRAFT:
        return redirect("workflows:version", found.pk)
    return _editor(request, found, node_id=request.GET.get("node", ""))


def _editor(
    request: HttpRequest,
    draft: FlowVersion,
    *,
    node_id: str,
    bound: NodeEditor | None = None,
    status: int = 200,
) -> HttpResponse:
    page = load_editor(draft)
    first = page.rows[0] if page.rows else None
    chosen = next((row for row in page.rows if row.node.id == node_id), first)
    node_editor = bound or (NodeEditor(chosen.node, page.kind) if chosen else None)
    context = {"page": page, "version": draft, "chosen": chosen, "node_editor": node_editor}
    template = "workflows/_editor.html" if request.htmx else "workflows/edit.html"
    return render(request, template, context, status=status)


@login_required
@require_POST
def change(request: HttpRequest, version_id: int, action: str) -> HttpResponse:
    """One change of the draft: save a node, add, remove or move one."""
    _administrators_only(request)
    draft = _version(version_id)
    page = load_editor(draft)
    if page.chain is None:
        raise DomainError("FLOW-03", _("This route cannot be edited as a list."), status=409)
    node_id = request.POST.get("node", "")
    revision = request.POST.get("revision", "")
    if action == "save":
        bound = NodeEditor(_node(page.chain, node_id), page.kind, request.POST)
        if not bound.is_valid():
            return _editor(request, draft, node_id=node_id, bound=bound, status=422)
        changed = bound.changed()
        nodes = tuple(changed if n.id == node_id else n for n in page.chain.nodes)
        definition = with_node(page.definition, changed)
    else:
        nodes, node_id = _rearranged(page.chain, action, node_id)
        definition = None
    draft = definitions.save_draft(
        version_id=draft.pk,
        actor=request.user,
        now=timezone.now(),
        definition=definition or from_chain(replace(page.chain, nodes=nodes)),
        seen_revision=int(revision) if revision.isdecimal() and len(revision) < 10 else -1,
    )
    if request.htmx:
        response = _editor(request, _version(draft.pk), node_id=node_id)
        response["HX-Push-Url"] = f"{reverse('workflows:edit', args=[draft.pk])}?node={node_id}"
        return response
    return redirect(f"{reverse('workflows:edit', args=[draft.pk])}?node={node_id}")


def _node(chain: Chain, node_id: str) -> ChainNode:
    try:
        return chain.node(node_id)
    except KeyError:
        raise not_found() from None


_ADDED: dict[str, NodeKind] = {"add": "stage", "add_copy": "copy", "add_service": "service"}
_NEW_TITLES: dict[NodeKind, tuple[str, str]] = {
    "stage": ("新节点", "New step"),
    "copy": ("抄送", "Copy"),
    "service": ("系统处理", "System step"),
}


def _rearranged(chain: Chain, action: str, node_id: str) -> tuple[tuple[ChainNode, ...], str]:
    """The nodes after the change, and which of them is chosen then."""
    nodes = list(chain.nodes)
    at = next((i for i, node in enumerate(nodes) if node.id == node_id), len(nodes) - 1)
    match action:
        case "add" | "add_copy" | "add_service":
            new = _new_node(chain, _ADDED[action])
            nodes.insert(at + 1, new)
            return tuple(nodes), new.id
        case "remove":
            removed = nodes.pop(at) if nodes else None
            following = nodes[min(at, len(nodes) - 1)].id if nodes and removed else ""
            return tuple(nodes), following
        case "up" | "down":
            to = max(0, min(len(nodes) - 1, at + (1 if action == "down" else -1)))
            nodes.insert(to, nodes.pop(at))
            return tuple(nodes), node_id
    raise not_found()


def _new_node(chain: Chain, kind: NodeKind) -> ChainNode:
    """A node with an id that this route never had; cases store ids."""
    known = {node.id for node in chain.nodes}
    number = next(n for n in range(1, 10_000) if f"{kind}_{n}" not in known)
    return blank_node(kind, f"{kind}_{number}", *_NEW_TITLES[kind])


@login_required
@require_POST
def publish(request: HttpRequest, version_id: int) -> HttpResponse:
    revision: Any = request.POST.get("revision", "")
    draft = definitions.publish_version(
        version_id=version_id,
        actor=request.user,
        now=timezone.now(),
        note=request.POST.get("note", ""),
        seen_revision=int(revision) if revision.isdecimal() and len(revision) < 10 else -1,
    )
    messages.success(
        request,
        _("Version %(n)s is published; new cases take it, running cases stay on theirs.")
        % {"n": draft.number},
    )
    return redirect("workflows:version", draft.pk)


@login_required
@require_POST
def discard(request: HttpRequest, version_id: int) -> HttpResponse:
    definitions.discard_draft(version_id=version_id, actor=request.user, now=timezone.now())
    messages.success(request, _("The draft was thrown away."))
    return redirect("workflows:flows")
