"""What a file really is, by its content; a name that says otherwise is refused (ATT-02)."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from typing import IO

import filetype  # type: ignore[import-untyped]
import olefile  # type: ignore[import-untyped]
from PIL import Image, UnidentifiedImageError

from documents.files import refusals
from documents.files.archives import inspect_archive
from documents.files.names import extension_of

#: Scans and phone photographs stay below; a picture of 50 MP takes 200 MB to watermark.
MAX_PIXELS = 50_000_000
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD_BYTES = 8192
_CONTENT_TYPES_LIMIT = 1024 * 1024
_WORD = b"wordprocessingml.document.main+xml"
_SHEET = b"spreadsheetml.sheet.main+xml"
_MACROS = (b"macroEnabled", b"vbaProject")


@dataclass(frozen=True)
class FileType:
    """An allowed type: the extension that stands for it and the MIME type it is served with."""

    extension: str
    mime: str


ALLOWED = {
    "pdf": FileType("pdf", "application/pdf"),
    "jpg": FileType("jpg", "image/jpeg"),
    "png": FileType("png", "image/png"),
    "doc": FileType("doc", "application/msword"),
    "docx": FileType(
        "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ),
    "xls": FileType("xls", "application/vnd.ms-excel"),
    "xlsx": FileType("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "zip": FileType("zip", "application/zip"),
}


@dataclass(frozen=True)
class UploadLimits:
    """What a file chooser offers and refuses; the server looks at the content all the same."""

    accept: str = ",".join(f".{name}" for name in (*ALLOWED, "jpeg"))
    max_bytes: int = refusals.MAX_UPLOAD_BYTES
    max_mb: int = refusals.MAX_UPLOAD_MB


LIMITS = UploadLimits()


def check_upload_name(name: str, size: int | None) -> FileType:
    """What can be refused before a byte is read: the extension, nothing in it, too much in it."""
    claimed = ALLOWED.get({"jpeg": "jpg"}.get(extension_of(name), extension_of(name)))
    if claimed is None or (size or 0) > refusals.MAX_UPLOAD_BYTES:
        raise refusals.not_allowed()
    if size == 0:
        raise refusals.empty()
    return claimed


def inspect_file(stream: IO[bytes], *, name: str, size: int) -> FileType:
    """The type of the file, found in its content and equal to what its name claims.

    Raises ATT-02 with the reason: not an allowed type, a content that is another type's,
    damaged, protected by a password, with macros, explosive, too many pixels.
    """
    claimed = check_upload_name(name, size)
    stream.seek(0)
    head = stream.read(_HEAD_BYTES)
    if head.startswith(_ZIP_MAGIC):
        found = _zip_type(stream, size)
    elif head.startswith(_OLE_MAGIC):
        found = _ole_type(stream)
    else:
        guess = filetype.guess(head)
        found = guess.extension if guess else ""
    if found != claimed.extension:
        raise refusals.lies(claimed.extension)
    if claimed.mime.startswith("image/"):
        _check_image(stream)
    return claimed


def _zip_type(stream: IO[bytes], size: int) -> str:
    with inspect_archive(stream, size) as archive:
        names = archive.namelist()
        if "[Content_Types].xml" not in names:
            return "zip"
        try:
            with archive.open("[Content_Types].xml") as part:
                types = part.read(_CONTENT_TYPES_LIMIT)
        except (zipfile.BadZipFile, EOFError, OSError):
            raise refusals.damaged() from None
    if any(mark in types for mark in _MACROS) or any(
        name.lower().endswith("vbaproject.bin") for name in names
    ):
        raise refusals.has_macros()
    if _WORD in types:
        return "docx"
    return "xlsx" if _SHEET in types else ""


def _ole_type(stream: IO[bytes]) -> str:
    stream.seek(0)
    try:
        with olefile.OleFileIO(stream) as ole:
            streams = {"/".join(path).lower() for path in ole.listdir(storages=True)}
    except (OSError, ValueError, IndexError, TypeError, RecursionError, MemoryError):
        raise refusals.damaged() from None
    if "encryptedpackage" in streams:
        raise refusals.locked()
    if "macros" in streams or any("vba_project" in name for name in streams):
        raise refusals.has_macros()
    if "worddocument" in streams:
        return "doc"
    return "xls" if streams & {"workbook", "book"} else ""


def _check_image(stream: IO[bytes]) -> None:
    stream.seek(0)
    try:
        with Image.open(stream, formats=["JPEG", "PNG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise refusals.too_many_pixels(MAX_PIXELS)
            image.verify()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError):
        raise refusals.damaged() from None
