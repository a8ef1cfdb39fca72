"""Hand a file out: logged, watermarked, and never as a page of ours."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime
from typing import IO, TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from documents.files import refusals
from documents.files.storage import open_stored
from documents.files.watermark import watermark
from documents.models import Attachment, DownloadLog, StoredFile

if TYPE_CHECKING:
    from staff.models import Employee


@dataclass(frozen=True)
class HandedOut:
    """The bytes for one reader, with the name and type they are sent under."""

    stream: IO[bytes]
    file_name: str
    mime: str
    is_preview: bool


def hand_out(
    *,
    file: StoredFile,
    file_name: str,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
    attachment: Attachment | None = None,
    is_preview: bool = False,
) -> HandedOut:
    """Open a stored file for ``actor`` and log it (M9); the caller has checked his sight.

    Pictures carry his name, number and the time. Only pictures and PDF are shown in the
    page; anything else is sent as a download whatever was asked. Raises FIL-02 when the
    bytes are gone or unreadable.
    """
    stream = open_stored(file)
    if file.is_image:
        stream = _marked(stream, file, actor, now)
    is_preview = is_preview and file.is_previewable
    with transaction.atomic():
        DownloadLog.objects.create(
            file=file,
            attachment=attachment,
            file_name=file_name,
            actor=actor,
            at=now,
            ip=ip,
            is_preview=is_preview,
        )
    return HandedOut(stream, file_name, file.mime, is_preview)


def _marked(stream: IO[bytes], file: StoredFile, actor: Employee, now: datetime) -> IO[bytes]:
    with stream:
        try:
            marked = watermark(
                stream,
                mime=file.mime,
                name=actor.name,
                number=actor.employee_no,
                time=timezone.localtime(now).strftime("%Y-%m-%d %H:%M:%S"),
            )
        except (OSError, ValueError, SyntaxError) as error:
            raise refusals.missing() from error
    return io.BytesIO(marked)
