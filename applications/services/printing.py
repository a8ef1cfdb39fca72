"""打印业务审批表: count the print, then draw the form with its number."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import translation

from applications.choices import FORM
from applications.models import BusinessApplication
from applications.printing import LANGUAGE, approval_form_context
from documents.models import PrintRecord
from documents.printing import PrintMark, content_hash, record_print, render_pdf, watermark_for
from workflows.field_rights import hidden_fields_of

if TYPE_CHECKING:
    from staff.models import Employee

_TEMPLATE = "applications/print/approval_form.html"


@transaction.atomic
def print_approval_form(
    *, application: BusinessApplication, actor: Employee, now: datetime, reason: str = ""
) -> PrintRecord:
    """The form as PDF, counted and kept; the caller has checked that ``actor`` sees the
    application.

    What his step hides from him is blank on it.

    A print that cannot be drawn (PRT-01, PRT-02) is not counted.
    """
    hidden = hidden_fields_of(application.case, actor) if application.case else frozenset[str]()
    context = approval_form_context(application, hidden=hidden)
    digest = content_hash(_plain(context))
    with translation.override(LANGUAGE):
        watermark = watermark_for(application.wf_status)

    entries = [entry for box in context["opinions"] for entry in box.entries]
    pictures = {entry.signature for entry in entries if entry.signature}

    def draw(number: int) -> bytes:
        mark = PrintMark(number, now, f"{actor.name}({actor.employee_no})", digest)
        return render_pdf(
            _TEMPLATE,
            {**context, "mark": mark},
            watermark=watermark,
            language=LANGUAGE,
            pictures=pictures,
        )

    return record_print(
        document=application,
        form=FORM,
        actor=actor,
        now=now,
        sha256=digest,
        reason=reason,
        draw=draw,
    )


def _plain(context: dict[str, Any]) -> dict[str, Any]:
    return {**context, "opinions": [asdict(box) for box in context["opinions"]]}
