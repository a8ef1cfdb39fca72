"""The counter of prints, and the papers themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from documents.models import Document, PrintRecord
from documents.services.files import store_upload
from lending_crm.common.errors import DomainError
from lending_crm.common.locks import lock_name
from lending_crm.common.text import clean_line
from staff.models import Employee

_REASON_LENGTH = 200


@transaction.atomic
def record_print(
    *,
    document: Document,
    form: str,
    actor: Employee,
    now: datetime,
    sha256: str,
    reason: str = "",
    draw: Callable[[int], bytes] | None = None,
) -> PrintRecord:
    """Book one print with its number, which the paper shows; the first is 1.

    ``draw(number)`` makes the paper, which is kept. A print that cannot be drawn is not
    counted. Others who print the same form wait for it; nobody who decides on the document
    does.
    """
    reason = clean_line(reason)
    if len(reason) > _REASON_LENGTH:
        raise DomainError(
            "PRT-03",
            _("The reason may have at most %(n)s characters."),
            status=422,
            field="reason",
            params={"n": _REASON_LENGTH},
        )
    lock_name(f"print {form} {document.pk}")
    prints = PrintRecord.objects.filter(document=document.pk, form=form)
    number = (prints.aggregate(last=Max("number"))["last"] or 0) + 1
    file = None
    if draw is not None:
        paper = SimpleUploadedFile(f"{form}.pdf", draw(number), "application/pdf")
        file = store_upload(upload=paper, actor=actor, now=now)
    return PrintRecord.objects.create(
        document_id=document.pk,
        form=form,
        number=number,
        printed_by=actor,
        printed_at=now,
        sha256=sha256,
        reason=reason,
        file=file,
    )
