"""附件类别 of the documents that finance pays."""

from __future__ import annotations

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from documents.categories import AttachmentCategory, categories_of
from documents.choices import WfStatus

RECEIPT: Final = AttachmentCategory("BANK_RECEIPT", _("Bank receipt"))
INVOICE: Final = AttachmentCategory("REBATE_INVOICE", _("Invoice of the channel"))
AGREEMENT: Final = AttachmentCategory("REBATE_AGREEMENT", _("Channel agreement"))


def offered(document: Any) -> tuple[AttachmentCategory, ...]:
    """What the document's page lists: the receipt has its place once there is an approval."""
    found = categories_of(document.kind)
    if document.wf_status == WfStatus.APPROVED:
        return found
    return tuple(each for each in found if each != RECEIPT)
