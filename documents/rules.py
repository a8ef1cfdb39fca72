"""What a document's status allows, as plain questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from documents import errors
from documents.choices import EDITABLE_STATUSES, WfStatus
from lending_crm.common.errors import DomainError

if TYPE_CHECKING:
    from documents.models import Document


def refuse_unless(is_allowed: bool) -> None:
    """Raise DOC-05 (403): the page may be seen, the act is somebody else's."""
    if not is_allowed:
        raise DomainError("DOC-05", _("Your role does not include this action."), status=403)


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
