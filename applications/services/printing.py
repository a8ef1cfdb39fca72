"""打印业务审批表: count the print, then draw the form with its number."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import translation

from applications.models import BusinessApplication
from applications.printing import LANGUAGE, approval_form_context
from documents.printing import PrintMark, content_hash, record_print, render_pdf, watermark_for

if TYPE_CHECKING:
    from staff.models import Employee

FORM = "approval_form"
_TEMPLATE = "applications/print/approval_form.html"


@dataclass(frozen=True)
class PrintedForm:
    pdf: bytes
    file_name: str
    number: int


@transaction.atomic
def print_approval_form(
    *, application: BusinessApplication, actor: Employee, now: datetime, reason: str = ""
) -> PrintedForm:
    """The form as PDF; the caller has checked that ``actor`` sees the application.

    A print that cannot be drawn (PRT-01, PRT-02) is not counted.
    """
    context = approval_form_context(application)
    digest = content_hash(_plain(context))
    number = record_print(
        document=application,
        form=FORM,
        actor=actor,
        now=now,
        sha256=digest,
        reason=reason,
    )
    mark = PrintMark(number, now, f"{actor.name}({actor.employee_no})", digest)
    with translation.override(LANGUAGE):
        watermark = watermark_for(application.wf_status)
    pdf = render_pdf(_TEMPLATE, {**context, "mark": mark}, watermark=watermark, language=LANGUAGE)
    return PrintedForm(pdf, f"{context['form_title']}_{application.doc_no}.pdf", number)


def _plain(context: dict[str, Any]) -> dict[str, Any]:
    return {**context, "opinions": [asdict(box) for box in context["opinions"]]}
