"""A version tried on a document: the chain it would take if it were submitted now."""

from __future__ import annotations

from datetime import datetime

from lending_crm.common.errors import not_found
from workflows.definitions import parse
from workflows.kinds import kind_for
from workflows.models import FlowVersion
from workflows.preview import PreviewStep, draft_case, preview_submission


def preview_version(
    version: FlowVersion, doc_no: str, *, now: datetime, language: str
) -> list[PreviewStep]:
    """The steps with people for the document of that number; nothing is changed.

    Any version, also a draft, and any document of the flow's kind, whatever its state. Raises
    ``not_found()`` and WF-10.
    """
    kind = kind_for(version.definition.document_kind)
    document = kind.by_number(doc_no.replace("\x00", "")[:40])
    if document is None:
        raise not_found()
    case = draft_case(kind, document, version.pk, now)
    return preview_submission(
        kind,
        document,
        case,
        language=language,
        now=now,
        definition=parse(version.bpmn, kind.code),
    )
