"""The 业务审批表 of one application, as a PDF in the browser."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from applications.choices import FORM
from applications.models import BusinessApplication
from documents.responses import file_response
from documents.services.printing import print_document
from documents.services.prints import fresh_print
from lending_crm.common.errors import not_found


@login_required
@require_GET
def print_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Counts the print; ``?reason=`` is kept with it."""
    application = (
        BusinessApplication.objects.visible_to(request.user)
        .select_related("customer", "case")
        .filter(pk=pk)
        .first()
    )
    if application is None:
        raise not_found()
    printed = print_document(
        form=FORM,
        document=application,
        actor=request.user,
        now=timezone.now(),
        reason=request.GET.get("reason", ""),
    )
    return file_response(fresh_print(printed))
