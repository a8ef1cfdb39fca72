"""What a document's status allows, as plain questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from documents import errors
from documents.choices import EDITABLE_STATUSES, WfStatus

if TYPE_CHECKING:
    from documents.models import Document
    from lending_crm.common.errors import DomainError


def editing_refusal(document: Document) -> DomainError | None:
    """Why the document may not be changed in its status: WF-04, WF-05, or nothing against it."""
    if document.wf_status == WfStatus.IN_APPROVAL:
        return errors.under_approval()
    if document.wf_status not in EDITABLE_STATUSES:
        return errors.wrong_status(document.wf_status)
    return None


def attaching_refusal(document: Document) -> DomainError | None:
    """The same for its attachments, whose sentence under approval is ATT-01."""
    if document.wf_status == WfStatus.IN_APPROVAL:
        return errors.frozen_attachments()
    return editing_refusal(document)
