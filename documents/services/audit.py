"""Take a whole case out of the system: ask for it, make it, fetch it, forget its file."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

import structlog

from documents.audit.pack import parts_of, write_pack
from documents.audit.paper import case_pdf
from documents.audit.record import CaseRecord, collect
from documents.audit.rights import check_may_export
from documents.choices import ExportForm, ExportState
from documents.files import refusals
from documents.models import Attachment, AuditExport
from documents.printing import PrintMark
from lending_crm.common.errors import DomainError, not_found
from lending_crm.common.outbox import publish_all
from staff.models import Employee
from workflows.models import Case

log = structlog.get_logger(__name__)

TOPIC = "audit-export"
#: what is at most this large is made while its reader waits
AT_ONCE_BYTES = 20 * 1024 * 1024
AT_ONCE_EVENTS = 300
KEPT = timedelta(days=7)
ERROR_LENGTH = 300

Clock = Callable[[], datetime]


def export_is_gone() -> DomainError:
    return DomainError(
        "AUD-03",
        _("The file of this export is not kept any more; export the case again."),
        status=410,
    )


def request_export(*, case_id: int, form: str, actor: Employee, now: datetime) -> AuditExport:
    """Book an export; a small one is made at once, a large one by the worker.

    The row stays as the record of who took what out. Raises AUD-01, AUD-02, and AUD-04 for a
    form that there is none of.
    """
    if form not in ExportForm.values:
        raise DomainError("AUD-04", _("There is no such form of export."), status=422, field="form")
    with transaction.atomic():
        case = Case.objects.visible_to(actor).filter(pk=case_id).first()
        if case is None:
            raise not_found()
        check_may_export(case, actor)
        export = AuditExport.objects.create(
            case=case, form=form, requested_by=actor, requested_at=now
        )
        is_small = _is_small(case)
        if not is_small:
            publish_all([(TOPIC, {"export_id": export.pk})], now=now)
    if is_small:
        build_export(export_id=export.pk, clock=lambda: now)
        export.refresh_from_db()
    return export


def build_export(*, export_id: int, clock: Clock) -> None:
    """Make the file of an export; one that is finished is left alone.

    A worker that dies in between leaves the row as it is, and the task is delivered again. A
    refusal (a right that was lost, a store that is full) ends the export as failed.
    """
    export = AuditExport.objects.select_related("requested_by", "case").get(pk=export_id)
    if not export.is_live:
        return
    AuditExport.objects.filter(pk=export.pk).update(state=ExportState.RUNNING)
    try:
        check_may_export(export.case, export.requested_by)
        record = collect(export.case_id, reader=export.requested_by, now=export.requested_at)
        size, fingerprint = _write(export, record)
    except DomainError as refused:
        _end(export, clock(), state=ExportState.FAILED, error=refused.message[:ERROR_LENGTH])
        return
    except OSError as error:
        log.warning("audit_export_failed", export=export.pk, error=str(error))
        text = str(refusals.cannot_store().message)
        _end(export, clock(), state=ExportState.FAILED, error=text[:ERROR_LENGTH])
        return
    is_first = _end(
        export,
        clock(),
        state=ExportState.DONE,
        size=size,
        fingerprint=fingerprint,
        event_count=record.case.event_count,
        last_hash=record.case.last_hash,
        is_kept=True,
    )
    if not is_first:
        # Another worker was faster, with a file of its own: each has its fingerprint as name.
        winner = AuditExport.objects.values_list("fingerprint", flat=True).get(pk=export.pk)
        if winner != fingerprint:
            _path(export, fingerprint).unlink(missing_ok=True)


def open_export(*, export_id: int, actor: Employee) -> tuple[AuditExport, IO[bytes]]:
    """The file, for who asked for it and still has the right; AUD-03 when it is gone.

    Somebody else makes an export of his own, so that the record names him.
    """
    export = (
        AuditExport.objects.select_related("case")
        .filter(pk=export_id, requested_by=actor, state=ExportState.DONE)
        .first()
    )
    if export is None or not Case.objects.visible_to(actor).filter(pk=export.case_id).exists():
        raise not_found()
    check_may_export(export.case, actor)
    try:
        return export, _path(export, export.fingerprint).open("rb")
    except OSError as error:
        raise export_is_gone() from error


def forget_exports(*, now: datetime) -> int:
    """Remove the files of old exports; the rows stay. Returns how many went."""
    gone = 0
    for export in AuditExport.objects.filter(is_kept=True, finished_at__lt=now - KEPT).iterator():
        _path(export, export.fingerprint).unlink(missing_ok=True)
        AuditExport.objects.filter(pk=export.pk).update(is_kept=False)
        gone += 1
    return gone


def _is_small(case: Case) -> bool:
    sizes = Attachment.objects.filter(document=case.document_id).values_list(
        "file__size", flat=True
    )
    return sum(sizes) <= AT_ONCE_BYTES and case.event_count <= AT_ONCE_EVENTS


def _write(export: AuditExport, record: CaseRecord) -> tuple[int, str]:
    """Write the file beside its place and move it there; returns its size and fingerprint."""
    folder = Path(settings.MEDIA_ROOT) / "exports"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="making-", delete=False) as target:
        made = Path(target.name)
        try:
            fingerprint = _write_form(export, record, target)
            target.flush()
            os.fsync(target.fileno())
            size = target.tell()
            made.chmod(0o440)
            made.replace(_path(export, fingerprint))
        finally:
            made.unlink(missing_ok=True)
    return size, fingerprint


def _write_form(export: AuditExport, record: CaseRecord, target: IO[bytes]) -> str:
    if export.form == ExportForm.PACK:
        AuditExport.objects.filter(pk=export.pk).update(done=0, total=parts_of(record))
        return write_pack(target, record, _pdf(export, record), progress=_progress_of(export))
    data = record.history_bytes() if export.form == ExportForm.JSON else _pdf(export, record)
    target.write(data)
    return hashlib.sha256(data).hexdigest()


def _pdf(export: AuditExport, record: CaseRecord) -> bytes:
    number = AuditExport.objects.filter(case=export.case_id, pk__lte=export.pk).count()
    mark = PrintMark(number, export.requested_at, export.requested_by.name, record.case.last_hash)
    return case_pdf(record, mark)


def _progress_of(export: AuditExport) -> Callable[[int, int], None]:
    def tell(done: int, total: int) -> None:
        AuditExport.objects.filter(pk=export.pk).update(done=done, total=total)

    return tell


def _end(export: AuditExport, now: datetime, **values: Any) -> bool:
    """Finish the export; False when it is finished already."""
    live = AuditExport.objects.filter(
        pk=export.pk, state__in=(ExportState.WAITING, ExportState.RUNNING)
    )
    return bool(live.update(finished_at=now, **values))


def _path(export: AuditExport, fingerprint: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "exports" / f"{export.key}-{fingerprint}"
