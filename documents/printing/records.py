"""The counter of prints."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from documents.models import Document, PrintRecord
from lending_crm.common.errors import DomainError
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
) -> int:
    """Book one print and return its number, which the paper shows; the first is 1.

    Render inside the same transaction, so that a print that fails is not counted. Others
    who print the same form wait for that; nobody who decides on the document does.
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
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"print {form} {document.pk}"],
        )
    prints = PrintRecord.objects.filter(document=document.pk, form=form)
    number = (prints.aggregate(last=Max("number"))["last"] or 0) + 1
    PrintRecord.objects.create(
        document_id=document.pk,
        form=form,
        number=number,
        printed_by=actor,
        printed_at=now,
        sha256=sha256,
        reason=reason,
    )
    return number
