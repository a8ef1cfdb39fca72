"""Look into a zip (also docx and xlsx) without unpacking it, and refuse what could hurt a reader.

Nothing is written to disk and no more than a fixed number of bytes is ever inflated, so a
zip bomb costs a fraction of a second and no memory.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

from documents.files import refusals

MAX_ENTRIES = 5_000
MAX_UNPACKED_BYTES = 500 * 1024 * 1024
#: Text compresses to a tenth, scans not at all; beyond this ratio it is not paperwork.
MAX_RATIO = 150
#: Below this size the ratio says nothing (an empty spreadsheet is all repetition).
RATIO_COUNTS_FROM = 20 * 1024 * 1024
MAX_DEPTH = 2
MAX_NESTED = 20
_ENCRYPTED = 0x1
_LOCAL_HEADER = struct.Struct("<4s22xHH")
_CHUNK = 256 * 1024
_SPOOL_BYTES = 8 * 1024 * 1024
_ARCHIVE_NAMES = (".zip", ".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".jar")
#: Packed in a way that is not looked into here; one or two are paperwork, a heap is not.
_OPAQUE_NAMES = (".rar", ".7z", ".gz", ".bz2", ".xz", ".tar", ".zst", ".cab", ".iso")


@dataclass
class _Budget:
    """What may still be unpacked in the whole upload, archives within archives included."""

    entries: int = MAX_ENTRIES
    unpacked: int = MAX_UNPACKED_BYTES
    nested: int = MAX_NESTED

    def take(self, *, entries: int = 0, unpacked: int = 0, nested: int = 0) -> None:
        self.entries -= entries
        self.unpacked -= unpacked
        self.nested -= nested
        if self.entries < 0 or self.unpacked < 0 or self.nested < 0:
            raise refusals.bomb()


def inspect_archive(stream: IO[bytes], size: int) -> zipfile.ZipFile:
    """Check the archive and everything in it; returns it open for a look at its names.

    Raises ATT-02 for a damaged, encrypted or explosive archive.
    """
    return _inspect(stream, size, _Budget(), depth=1)


def _inspect(stream: IO[bytes], size: int, budget: _Budget, *, depth: int) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        raise refusals.damaged() from None
    infos = archive.infolist()
    if not infos:
        raise refusals.empty_archive()
    budget.take(entries=len(infos))
    # Entries that share their data (overlapping bombs) add up to more than the file holds.
    if sum(info.compress_size for info in infos) > size:
        raise refusals.bomb()
    declared = sum(info.file_size for info in infos)
    if declared > budget.unpacked:
        raise refusals.bomb()
    if declared > RATIO_COUNTS_FROM and declared > MAX_RATIO * size:
        raise refusals.bomb()
    for info in infos:
        if info.flag_bits & _ENCRYPTED:
            raise refusals.locked()
        name = info.filename.lower()
        if name.endswith(_OPAQUE_NAMES):
            budget.take(nested=1)
        nested = name.endswith(_ARCHIVE_NAMES)
        if nested and depth > MAX_DEPTH:
            raise refusals.bomb()
        with SpooledTemporaryFile(max_size=_SPOOL_BYTES) as copy:
            length = _unpack(stream, info, budget, copy if nested else None)
            if nested and zipfile.is_zipfile(copy):
                budget.take(nested=1 if name.endswith(".zip") else 0)
                copy.seek(0)
                _inspect(copy, length, budget, depth=depth + 1)  # type: ignore[arg-type]
    return archive


def _unpack(
    stream: IO[bytes], info: zipfile.ZipInfo, budget: _Budget, copy: IO[bytes] | None
) -> int:
    """Inflate one entry against the budget; the length it declares is not believed."""
    stream.seek(info.header_offset)
    header = stream.read(30)
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise refusals.damaged()
    _signature, name_length, extra_length = _LOCAL_HEADER.unpack(header)
    stream.seek(info.header_offset + 30 + name_length + extra_length)
    if info.compress_type == zipfile.ZIP_STORED:
        inflate = None
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    else:
        raise refusals.damaged()
    length, left = 0, info.compress_size
    while left > 0:
        chunk = stream.read(min(_CHUNK, left))
        if not chunk:
            raise refusals.damaged()
        left -= len(chunk)
        for piece in _inflated(inflate, chunk):
            length += len(piece)
            budget.take(unpacked=len(piece))
            if length > info.file_size:
                raise refusals.damaged()
            if copy is not None:
                copy.write(piece)
    if length != info.file_size:
        raise refusals.damaged()
    return length


def _inflated(inflate: zlib._Decompress | None, chunk: bytes):  # type: ignore[no-untyped-def]
    if inflate is None:
        yield chunk
        return
    try:
        while chunk:
            yield inflate.decompress(chunk, _CHUNK)
            chunk = inflate.unconsumed_tail
    except zlib.error:
        raise refusals.damaged() from None
