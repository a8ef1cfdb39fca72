"""Keep an upload; the row can then be attached to whatever it belongs to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.files.uploadedfile import UploadedFile

from documents.files.storage import keep
from documents.models import StoredFile

if TYPE_CHECKING:
    from staff.models import Employee


def store_upload(*, upload: UploadedFile, actor: Employee, now: datetime) -> StoredFile:
    """Check an upload, keep its bytes and return its row, attached to nothing yet.

    The same content is kept once, under whoever brought it first. Raises ATT-02 (422) when
    the file is not taken (type, size, content, archive) and FIL-01 (503) when the disk is
    full or not writable. Takes seconds for a large archive: call it before the transaction
    that locks a document.
    """
    kept = keep(upload)
    file, _is_new = StoredFile.objects.get_or_create(
        sha256=kept.sha256,
        defaults={
            "size": kept.size,
            "extension": kept.kind.extension,
            "mime": kept.kind.mime,
            "stored_by": actor,
            "stored_at": now,
        },
    )
    return file
