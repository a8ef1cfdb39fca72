"""Where the bytes of uploads live: by their SHA-256 under ``MEDIA_ROOT/files``.

A name is made of the hash alone, so nothing a user types reaches the file system, the
same content is kept once, and a file can be checked against its name at any time. Files
are written before the transaction that refers to them; one that is rolled back leaves a
file without a row, which harms nobody.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from documents.files import refusals
from documents.files.inspection import FileType, check_upload_name, inspect_file
from documents.files.names import clean_file_name
from documents.models import StoredFile


@dataclass(frozen=True)
class Kept:
    """Bytes that are on the disk now: their hash, their size and what they are."""

    sha256: str
    size: int
    kind: FileType


def keep(upload: UploadedFile) -> Kept:
    """Check an upload and put its bytes in their place; needs no transaction.

    Raises ATT-02 (422) when the file is not taken and FIL-01 (503) when it cannot be kept.
    """
    name = clean_file_name(upload.name or "")
    check_upload_name(name, upload.size)
    incoming = None
    try:
        root = Path(settings.MEDIA_ROOT) / "files"
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=root, prefix="incoming-", delete=False) as copy:
            incoming = Path(copy.name)
            digest, size = _copy(upload, copy)
            kind = inspect_file(copy, name=name, size=size)
            os.fsync(copy.fileno())
        target = path_of(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming.chmod(0o440)
        # Atomic, and harmless when somebody has just stored the same content.
        incoming.replace(target)
    except OSError as error:
        raise refusals.cannot_store() from error
    finally:
        if incoming is not None:
            incoming.unlink(missing_ok=True)
    return Kept(digest, size, kind)


def path_of(sha256: str) -> Path:
    """Where the content with this hash is kept; two levels keep the folders small."""
    return Path(settings.MEDIA_ROOT) / "files" / sha256[:2] / sha256[2:4] / sha256


def open_stored(file: StoredFile) -> IO[bytes]:
    """The stored bytes, open for reading; FIL-02 when they are gone or cut short."""
    path = path_of(file.sha256)
    try:
        if path.stat().st_size != file.size:
            raise refusals.missing()
        return path.open("rb")
    except OSError as error:
        raise refusals.missing() from error


def _copy(upload: UploadedFile, copy: IO[Any]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in upload.chunks():
        size += len(chunk)
        if size > refusals.MAX_UPLOAD_BYTES:
            raise refusals.not_allowed()
        digest.update(chunk)
        copy.write(chunk)
    copy.flush()
    return digest.hexdigest(), size
