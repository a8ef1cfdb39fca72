"""Papers that were printed, as they were then."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest
from django.utils import timezone
from django.views.decorators.http import require_GET

from documents.responses import client_ip, file_response
from documents.selectors import readable_print
from documents.services.prints import open_print


@login_required
@require_GET
def paper(request: HttpRequest, document_id: int, print_id: int) -> FileResponse:
    handed = open_print(
        record=readable_print(document_id, print_id, request.user),
        actor=request.user,
        now=timezone.now(),
        ip=client_ip(request),
    )
    return file_response(handed)
