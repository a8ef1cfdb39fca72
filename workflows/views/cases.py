"""The inbox and the case page."""

from __future__ import annotations

import re
from typing import Any, TypeVar
from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_POST, require_safe

from lending_crm.common.errors import not_found
from staff.models import Employee
from workflows.definitions import definition_of
from workflows.kinds import all_kinds
from workflows.models import Case, SavedFilter, Stage, WorkItem
from workflows.screens import pickers
from workflows.screens.case import load_case_page
from workflows.screens.diagram import case_marks, draw_case, load_panel
from workflows.screens.forecast import forecast_for, forecast_words
from workflows.screens.inbox import InboxFilter, load_inbox, tabs_for
from workflows.screens.items import case_items
from workflows.screens.route import load_route
from workflows.services import collaboration

Row = TypeVar("Row", bound=Model)


def case_or_404(request: HttpRequest, case_id: int) -> Case:
    case = (
        Case.objects.visible_to(request.user)
        .select_related("handler", "branch", "department", "flow_version")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        raise not_found()
    return case


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    wanted = InboxFilter.of(request.GET)
    now = timezone.now()
    chosen = request.GET.get("case", "")
    page = load_inbox(request.user, wanted, cursor=request.GET.get("cursor", ""), now=now)
    context = {
        "inbox": page,
        "tabs": [
            {
                "label": label,
                "url": f"?tab={tab}",
                "count": page.counts.get(tab, ""),
                "is_current": tab == wanted.tab,
            }
            for tab, label in tabs_for(request.user).items()
        ],
        "chosen": int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None,
        "query": wanted.query(),
        "kinds": all_kinds(),
        "saved": [
            {
                "pk": saved.pk,
                "name": saved.name,
                "url": f"?{saved.query}",
                "is_current": saved.query == wanted.query(),
            }
            for saved in SavedFilter.objects.filter(owner=request.user)
        ],
    }
    return render(request, "workflows/inbox.html", context)


@login_required
@require_safe
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """The whole page, or (for the inbox) only the pane."""
    found = case_or_404(request, case_id)
    return_to = request.GET.get("return_to", "")
    context = case_context(found, request.user, return_to) | {"is_pane": bool(request.htmx)}
    template = "workflows/_case.html" if request.htmx else "workflows/case.html"
    return render(request, template, context)


def case_context(case: Case, reader: Employee, return_to: str) -> dict[str, Any]:
    """What the templates of the case show, with a fresh key for the acts on it."""
    return {
        "page": load_case_page(case, reader),
        "case": case,
        "key": uuid4().hex,
        "return_to": return_to,
        "panel": "case",
    }


@login_required
@require_POST
def seen(request: HttpRequest, case_id: int) -> HttpResponse:
    """The page has been open for a moment: what it shows counts as seen."""
    found = case_or_404(request, case_id)
    through = request.POST.get("through", "")
    collaboration.note_reading(
        case_id=found.pk,
        reader=request.user,
        now=timezone.now(),
        through=int(through) if re.fullmatch(r"[0-9]{1,9}", through) else None,
    )
    return HttpResponse(status=204)


@login_required
@require_safe
def route(request: HttpRequest, case_id: int) -> HttpResponse:
    """The chain with people: who decided, who holds it, who comes next, who is skipped."""
    found = case_or_404(request, case_id)
    steps = load_route(
        found, case_items(found), language=translation.get_language(), now=timezone.now()
    )
    left = forecast_for(found, now=timezone.now())
    context = {"steps": steps, "case": found, "forecast": forecast_words(left) if left else ""}
    return render(request, "workflows/_route.html", context)


@login_required
@require_safe
def diagram(request: HttpRequest, case_id: int) -> HttpResponse:
    """The panel with the drawing, and the same in words."""
    found = case_or_404(request, case_id)
    panel = load_panel(
        found, case_items(found), now=timezone.now(), language=translation.get_language()
    )
    return render(request, "workflows/_diagram.html", {"case": found, "panel": panel})


@login_required
@require_safe
def diagram_svg(request: HttpRequest, case_id: int) -> HttpResponse:
    found = case_or_404(request, case_id)
    svg = draw_case(
        found,
        case_items(found),
        now=timezone.now(),
        language=translation.get_language(),
        theme="dark" if request.GET.get("theme") == "dark" else "light",
        is_vertical=request.GET.get("shape") == "vertical",
    )
    response = HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


@login_required
@require_safe
def bpmn(request: HttpRequest, case_id: int) -> HttpResponse:
    """The definition that this case runs on, as BPMN 2.0."""
    found = case_or_404(request, case_id)
    return HttpResponse(found.flow_version.bpmn, content_type="application/xml; charset=utf-8")


@login_required
@require_safe
def marks(request: HttpRequest, case_id: int) -> JsonResponse:
    """What the drawing in the page marks: states of nodes, edges taken, names and times."""
    found = case_or_404(request, case_id)
    return JsonResponse(
        case_marks(
            found, case_items(found), definition_of(found.flow_version_id), now=timezone.now()
        )
    )


@login_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Colleagues for a picker: of an ``item`` (transfer, delegate, signers), of a ``stage``
    (reassign), else of anything (copy, mention)."""
    text = request.GET.get("q", "").replace("\x00", "")[:40]
    context = {"people": _offered(request, text), "now": timezone.now()}
    return render(request, "workflows/_people.html", context)


def _offered(request: HttpRequest, text: str) -> list[Employee]:
    cases = Case.objects.visible_to(request.user)
    now = timezone.now()
    if "item" in request.GET:
        item = WorkItem.objects.select_related("case").filter(
            pk=_key(request, "item"), case__in=cases
        )
        signs = request.GET.get("act") == "add_signers"
        return pickers.recipients(request.user, text, item=_found(item), signs=signs, now=now)
    if "stage" in request.GET:
        stage = Stage.objects.select_related("process").filter(
            pk=_key(request, "stage"), process__in=cases
        )
        return pickers.successors(request.user, text, stage=_found(stage), now=now)
    return pickers.colleagues(request.user, text)


def _key(request: HttpRequest, name: str) -> int:
    text = request.GET[name]
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise not_found()
    return int(text)


def _found(rows: QuerySet[Row]) -> Row:
    found = rows.first()
    if found is None:
        raise not_found()
    return found
