"""The signature of one decision, for whoever may read that decision."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from lending_crm.common.errors import not_found
from workflows.definitions import definition_of
from workflows.screens.history import BALLOTS, secret_stages
from workflows.screens.items import case_items
from workflows.signatures import signature_of
from workflows.veil import is_veiled
from workflows.views.cases import case_or_404


@login_required
@require_safe
def signature(request: HttpRequest, case_id: int, sequence: int) -> HttpResponse:
    """Not of a ballot that is still secret, and not for who helps a case on only."""
    case = case_or_404(request, case_id)
    event = case.events.filter(sequence=sequence).first() if sequence < 2**31 else None
    if event is None or is_veiled(case, request.user):
        raise not_found()
    if event.kind in BALLOTS:
        definition = definition_of(case.flow_version_id)
        secret = secret_stages(case_items(case), definition, reader_id=request.user.pk)
        if event.stage_id in secret:
            raise not_found()
    image = signature_of(event)
    if image is None:
        raise not_found()
    response = HttpResponse(bytes(image.image), content_type="image/png")
    response["Cache-Control"] = "private, max-age=3600"
    return response
