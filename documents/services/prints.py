"""Hand out a paper that was printed: at once, or later as it was then."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import translation

from documents.files import refusals
from documents.files.storage import open_stored
from documents.kinds import routed_kind
from documents.models import PrintRecord
from documents.services.downloads import HandedOut, hand_out

if TYPE_CHECKING:
    from staff.models import Employee

#: papers are in the language of record, and so are their names
_LANGUAGE = "zh-hans"


def paper_name(record: PrintRecord) -> str:
    document = record.document
    with translation.override(_LANGUAGE):
        title = routed_kind(document.kind).print_forms.get(record.form, record.form)
        return f"{title}_{document.doc_no}.pdf"


def fresh_print(record: PrintRecord) -> HandedOut:
    """The paper for whoever has just printed it; that is on record already."""
    if record.file is None:
        raise refusals.missing()
    return HandedOut(open_stored(record.file), paper_name(record), record.file.mime, True)


def open_print(
    *, record: PrintRecord, actor: Employee, now: datetime, ip: str | None = None
) -> HandedOut:
    """An earlier print as it was; that it was opened is logged. FIL-02 when it is gone."""
    if record.file is None:
        raise refusals.missing()
    return hand_out(
        file=record.file,
        file_name=paper_name(record),
        actor=actor,
        now=now,
        ip=ip,
        is_preview=True,
    )
