"""导出: what an approved request lets out, for its applicant, while it lasts."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from documents.kinds import routed_kind
from lending_crm.common.exports.runs import Permit, book_list_export, made_at_once
from lending_crm.common.models import ExportRun
from privacy.kinds import KIND_CODE
from privacy.models import ExportRequest
from privacy.rules.exports import export_refusal
from privacy.selectors.exports import is_used, runs_of
from staff.models import Employee


def export_approved(
    *, request_id: int, actor: Employee, now: datetime, ip: str | None = None
) -> ExportRun:
    """Make the workbook that was approved; the log keeps who, when and by which request (N25).

    A number stays masked where the applicant may not open it himself: the approval adds to his
    right and never replaces it. Raises PEX-06 (not the applicant), PEX-07 (not approved), PEX-08
    (expired), PEX-09 (made already), PEX-01 (list lost meanwhile), EXP-01 (grown too long).
    """
    with transaction.atomic():
        request: ExportRequest = routed_kind(KIND_CODE).lock(request_id)
        made = runs_of(request)
        if reason := export_refusal(request, actor, is_used=is_used(made), now=now):
            raise reason
        assert request.expires_at is not None  # noqa: S101 - PEX-07 otherwise
        run, is_small = book_list_export(
            code=request.list_code,
            query=request.query,
            actor=actor,
            now=now,
            ip=ip,
            permit=Permit(
                request_no=request.doc_no,
                opens=tuple(request.numbers),
                reason=_purpose(request),
                until=request.expires_at,
            ),
        )
    return made_at_once(run, now=now) if is_small else run


def _purpose(request: ExportRequest) -> str:
    return _("%(purpose)s: %(reason)s") % {
        "purpose": request.get_purpose_display(),
        "reason": request.reason,
    }
