"""A PDF of a history: the history is embedded in it, and a last line seals its bytes."""

from __future__ import annotations

import re
import zlib

from lending_verify.canonical import sha256_of
from lending_verify.history import BadFile
from lending_verify.words import Problem

#: the name of the embedded file
EMBEDDED = "history.json"
HELD_AT_MOST = 256 * 1024 * 1024
_SEAL = re.compile(rb"\n%lending-seal sha256 ([0-9a-f]{64})\n\Z")


def seal(pdf: bytes) -> bytes:
    """The PDF with a last line that holds the hash of all before it."""
    return pdf + f"\n%lending-seal sha256 {sha256_of(pdf)}\n".encode()


def is_sealed(pdf: bytes) -> bool:
    found = _SEAL.search(pdf)
    return found is not None and found.group(1).decode() == sha256_of(pdf[: found.start()])


def embedded_history(pdf: bytes, path: str) -> bytes:
    """The embedded history; raises ``BadFile`` when there is none or it is damaged."""
    for found in re.finditer(rb"/EmbeddedFile\b", pdf):
        start = pdf.find(b"stream", found.end())
        if start < 0:
            continue
        start += len(b"stream")
        start += 2 if pdf[start : start + 2] == b"\r\n" else 1
        data = _inflated(pdf, start)
        if data is not None and data.lstrip().startswith(b"{"):
            return data
    raise BadFile(Problem("pdf-without-history", {"path": path}))


def _inflated(pdf: bytes, start: int) -> bytes | None:
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(pdf[start:], HELD_AT_MOST)
    except zlib.error:
        return None
    return data if unpacker.eof else None
