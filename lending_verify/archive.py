"""A ZIP file from strangers: read in memory and in bounds, never unpacked to the disk."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lending_verify.words import CannotCheck

ENTRIES_AT_MOST = 20_000
#: manifest, history, snapshots and definitions; attachments are only hashed, piece by piece
HELD_AT_MOST = 256 * 1024 * 1024
TOTAL_AT_MOST = 64 * 1024 * 1024 * 1024
PIECE = 1024 * 1024
_FAULTS = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
    ValueError, OverflowError,
)  # fmt: skip


class Damaged(Exception):
    """An entry cannot be read, or holds more than it may."""


class Archive:
    """The entries of a pack by name. Raises ``CannotCheck`` for what the product never makes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
            entries = self._zip.infolist()
        except _FAULTS as error:
            raise CannotCheck("unreadable", path=path, reason=str(error)) from None
        if len(entries) > ENTRIES_AT_MOST:
            raise CannotCheck("hostile", reason=f"{len(entries)} entries")
        if sum(entry.file_size for entry in entries) > TOTAL_AT_MOST:
            raise CannotCheck("hostile", reason="more than 64 GB")
        counts = Counter(entry.filename for entry in entries)
        self.twice = sorted(name for name, count in counts.items() if count > 1)
        self.entries = {entry.filename: entry for entry in entries}
        for name in self.entries:
            if not is_plain(name):
                raise CannotCheck("hostile", reason=f"an entry is called “{name}”")

    def close(self) -> None:
        self._zip.close()

    def size_and_hash(self, name: str, limit: int) -> tuple[int, str]:
        """Raises ``Damaged`` when the entry is broken or holds more than ``limit`` bytes."""
        digest, size = hashlib.sha256(), 0
        for piece in self._pieces(name, limit):
            digest.update(piece)
            size += len(piece)
        return size, digest.hexdigest()

    def read(self, name: str, limit: int = HELD_AT_MOST) -> bytes:
        return b"".join(self._pieces(name, min(limit, HELD_AT_MOST)))

    def _pieces(self, name: str, limit: int) -> Iterator[bytes]:
        size = 0
        try:
            with self._zip.open(self.entries[name]) as stream:
                while piece := stream.read(min(PIECE, limit - size + 1)):
                    size += len(piece)
                    if size > limit:
                        raise Damaged(name)
                    yield piece
        except _FAULTS as error:
            raise Damaged(name) from error


def is_plain(name: str) -> bool:
    """Whether a name could be unpacked without leaving its folder."""
    parts = name.split("/")
    return (
        bool(name)
        and len(name) <= 255
        and name.isascii()
        and name.isprintable()
        and not any(part in ("", ".", "..") for part in parts)
        and not any(character in name for character in '\\:*?"<>|')
    )
