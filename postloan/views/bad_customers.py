"""What asset recovery writes down, on the page of a bad customer's handover."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from documents.desk.reading import page_context, page_document
from documents.rules import refuse_unless
from lending_crm.common.errors import DomainError
from postloan.desks.bad_customers import BAD_CUSTOMER_DESK
from postloan.forms.bad_records import RecordForm
from postloan.rules.collection import record_warning
from postloan.services.bad_records import may_record, write_record
from staff.forms.refusals import show_refusals
from staff.views.request import actor_of


@login_required
@require_POST
def add_record(request: HttpRequest, pk: int) -> HttpResponse:
    """Add one, or show the page again with what was typed in the dialog."""
    user = actor_of(request)
    handover = get_object_or_404(BAD_CUSTOMER_DESK.kind.visible_to(user), pk=pk)
    refuse_unless(may_record(handover, user))
    form = RecordForm(request.POST)
    if form.is_valid():
        try:
            record = write_record(
                handover_id=handover.pk, actor=user, now=timezone.now(), **form.cleaned_data
            )
        except DomainError as error:
            show_refusals(form, error)
        else:
            messages.success(request, _("The record is kept."))
            if warning := record_warning(record):
                messages.warning(request, warning)
            return redirect(handover)
    context = {
        "desk": BAD_CUSTOMER_DESK,
        **page_context(BAD_CUSTOMER_DESK, page_document(BAD_CUSTOMER_DESK, pk, user), user),
        "opens_submission": False,
        "key": uuid4().hex,
        "extras": [BAD_CUSTOMER_DESK.recovery(handover, user, form=form)],
    }
    return render(request, "documents/desk/detail.html", context, status=422)
