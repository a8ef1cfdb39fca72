"""What became of a document: its approval, its prints, its changes; below every page of one."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from documents.desk.reading import hides_from
from documents.selectors import changes_of, prints_of, visible_document
from lending_crm.common.errors import not_found
from staff.views.request import actor_of
from workflows.screens.history import load_history

#: changes on the page; the API has all of them
_SHOWN = 50


@login_required
@require_GET
def record(request: HttpRequest, document_id: int) -> HttpResponse:
    user = actor_of(request)
    document = visible_document(document_id, user)
    if hides_from(document, user):
        raise not_found()
    case = document.case
    context: dict[str, Any] = {
        "case": case,
        "page": None if case is None else load_history(case, user),
        "prints": prints_of(document),
        "changes": list(changes_of(document, limit=_SHOWN)),
    }
    return render(request, "documents/panels/record.html", context)
