"""打印: count the print, then draw the form with its number."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import translation

from documents.kinds import routed_kind
from documents.models import PrintRecord
from documents.printing import PrintMark, content_hash, record_print, render_pdf, watermark_for
from documents.printing.forms import LANGUAGE
from lending_crm.common.errors import not_found
from workflows.field_rights import hidden_fields_of

if TYPE_CHECKING:
    from staff.models import Employee

_TEMPLATE = "documents/print/form.html"


@transaction.atomic
def print_document(
    *, document: Any, form: str, actor: Employee, now: datetime, reason: str = ""
) -> PrintRecord:
    """One of the kind's forms as PDF, counted and kept; the caller has checked that ``actor``
    sees the document.

    What his step hides from him is blank on it. Raises ``not_found()`` for a form that the
    document does not have; a print that cannot be drawn (PRT-01, PRT-02) is not counted.
    """
    kind = routed_kind(document.kind)
    if form not in kind.print_forms or not kind.may_print(document, form):
        raise not_found()
    hidden = hidden_fields_of(document.case, actor) if document.case else frozenset[str]()
    context = kind.print_context(document, form, hidden=hidden)
    digest = content_hash(_plain(context))
    with translation.override(LANGUAGE):
        watermark = watermark_for(kind.paper_status(document, form))
    entries = [entry for box in context.get("opinions", ()) for entry in box.entries]
    pictures = {entry.signature for entry in entries if entry.signature}

    def draw(number: int) -> bytes:
        mark = PrintMark(number, now, f"{actor.name}({actor.employee_no})", digest)
        return render_pdf(
            kind.print_templates.get(form, _TEMPLATE),
            {**context, "mark": mark},
            watermark=watermark,
            language=LANGUAGE,
            pictures=pictures,
        )

    return record_print(
        document=document,
        form=form,
        actor=actor,
        now=now,
        sha256=digest,
        reason=reason,
        draw=draw,
    )


def _plain(value: Any) -> Any:
    """The context as JSON takes it."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
