"""What every print-out carries besides its content: where it comes from and how to check it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import pgettext

import qrcode
from qrcode.image.svg import SvgPathImage

from documents.choices import WfStatus
from staff.models import Branch


@dataclass(frozen=True)
class PrintMark:
    """``number`` counts the prints of this form; ``sha256`` is the hash of its content."""

    number: int
    printed_at: datetime
    printed_by: str
    sha256: str

    @property
    def qr_code(self) -> SafeString:
        """The hash as an inline SVG, so that a scanner can look the paper up."""
        image = qrcode.make(
            self.sha256,
            image_factory=SvgPathImage,
            error_correction=qrcode.ERROR_CORRECT_L,
            border=0,
            box_size=5,  # half a millimetre a module: small, and a phone still reads it
        )
        return mark_safe(image.to_string(encoding="unicode"))  # noqa: S308 - drawn from hex digits


def content_hash(content: Any) -> str:
    """SHA-256 of what a form says: the same content has the same hash at every print."""
    text = json.dumps(
        content, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def company_name() -> str:
    """The lender's name above every form; the head office's name where none is set."""
    configured = getattr(settings, "COMPANY_NAME", "")
    if configured:
        return str(configured)
    return Branch.objects.filter(is_head_office=True).values_list("name", flat=True).first() or ""


def watermark_for(wf_status: str) -> str | None:
    """The word across a form that is not approved (domain.md §7), in the active language."""
    if wf_status == WfStatus.APPROVED:
        return None
    return {
        WfStatus.DRAFT: pgettext("watermark", "Draft"),
        WfStatus.IN_APPROVAL: pgettext("watermark", "In approval"),
        WfStatus.REJECTED: pgettext("watermark", "Rejected"),
        WfStatus.RETURNED: pgettext("watermark", "Returned"),
        WfStatus.WITHDRAWN: pgettext("watermark", "Withdrawn"),
        WfStatus.VOID: pgettext("watermark", "Void"),
    }[WfStatus(wf_status)]
