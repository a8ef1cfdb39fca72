"""A case as one ZIP: every part as a file, and a manifest with the hash of each."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

from documents.audit.record import CaseRecord, case_facts
from documents.files.storage import open_stored
from documents.models import Attachment
from lending_crm.common.errors import DomainError
from workflows.hashing import canonical_json
from workflows.models import Snapshot

FORMAT, VERSION = "lending-audit-pack", 1
MANIFEST, HISTORY, PAPER = "manifest.json", "history.json", "case.pdf"
PIECE = 1024 * 1024
#: one moment for every entry: the same case gives the same bytes
_MOMENT = (2000, 1, 1, 0, 0, 0)

Progress = Callable[[int, int], None]


def parts_of(record: CaseRecord) -> int:
    """How many files the pack will hold, the manifest not counted."""
    listed = (record.snapshots, record.versions, record.signatures, record.attachments)
    return 2 + sum(len(parts) for parts in listed)


def write_pack(target: IO[bytes], record: CaseRecord, pdf: bytes, *, progress: Progress) -> str:
    """Write the pack; returns the SHA-256 of its manifest, which is its fingerprint.

    ``progress`` is told after each file how many of how many are done. Attachments are copied
    piece by piece, so that the memory does not grow with them. One whose bytes are gone from
    the store is named in the manifest instead.
    """
    writer = _Writer(target)
    total = parts_of(record)
    for done, _part in enumerate(_write_parts(writer, record, pdf), start=1):
        progress(done, total)
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "case": case_facts(record.case),
        "exported_at": record.history["exported_at"],
        "exported_by": record.history["exported_by"],
        "event_count": record.case.event_count,
        "last_hash": record.case.last_hash,
        "files": writer.files,
        "missing": writer.missing,
    }
    data = canonical_json(manifest).encode()
    writer.put(MANIFEST, [data])
    writer.close()
    return hashlib.sha256(data).hexdigest()


def _write_parts(writer: _Writer, record: CaseRecord, pdf: bytes) -> Iterator[None]:
    writer.add(HISTORY, [record.history_bytes()], kind="history")
    yield
    writer.add(PAPER, [pdf], kind="pdf")
    yield
    for snapshot in record.snapshots:
        _add_snapshot(writer, snapshot)
        yield
    for version in record.versions:
        writer.add(
            f"definitions/version-{version.number:04}-{version.pk}.bpmn",
            [version.bpmn.encode()],
            kind="definition",
            version_id=version.pk,
            title=str(version),
        )
        yield
    for number, signature in enumerate(record.signatures, start=1):
        writer.add(
            f"signatures/{number:04}.png",
            [bytes(signature.image)],
            kind="signature",
            employee_id=signature.employee_id,
            signed_sha256=signature.sha256,
            title=signature.employee.name,
        )
        yield
    for number, attachment in enumerate(record.attachments, start=1):
        _add_attachment(writer, attachment, number)
        yield


def _add_snapshot(writer: _Writer, snapshot: Snapshot) -> None:
    content = Snapshot.objects.values_list("content", flat=True).get(pk=snapshot.pk)
    writer.add(
        f"snapshots/{snapshot.number:04}.json",
        [canonical_json(content).encode()],
        kind="snapshot",
        number=snapshot.number,
    )


def _add_attachment(writer: _Writer, attachment: Attachment, number: int) -> None:
    file = attachment.file
    about = {
        "title": attachment.title,
        "file_name": attachment.file_name,
        "category": attachment.category,
        "attachment_id": attachment.pk,
        "attachment_version": attachment.version,
        "stored_sha256": file.sha256,
        "uploaded_by": attachment.uploaded_by.name,
        "uploaded_at": attachment.uploaded_at,
        "is_current": attachment.is_current,
    }
    try:
        stream = open_stored(file)
    except DomainError as gone:
        writer.missing.append({**about, "reason": gone.message})
        return
    extension = file.extension if file.extension.isalnum() and file.extension.isascii() else "bin"
    with stream:
        pieces = iter(lambda: stream.read(PIECE), b"")
        writer.add(f"attachments/{number:04}.{extension}", pieces, kind="attachment", **about)
    if writer.files[-1]["sha256"] != file.sha256:
        # The store itself is damaged: the pack must not vouch for what nobody uploaded.
        writer.missing.append({**about, "reason": "SHA-256"})


class _Writer:
    def __init__(self, target: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, allowZip64=True)
        self.files: list[dict[str, Any]] = []
        self.missing: list[dict[str, Any]] = []

    def add(self, path: str, pieces: Iterable[bytes], *, kind: str, **about: Any) -> None:
        size, digest = self.put(path, pieces)
        self.files.append({"path": path, "kind": kind, "size": size, "sha256": digest, **about})

    def put(self, path: str, pieces: Iterable[bytes]) -> tuple[int, str]:
        entry = zipfile.ZipInfo(path, _MOMENT)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o444 << 16
        digest, size = hashlib.sha256(), 0
        with self._zip.open(entry, "w", force_zip64=True) as stream:
            for piece in pieces:
                stream.write(piece)
                digest.update(piece)
                size += len(piece)
        return size, digest.hexdigest()

    def close(self) -> None:
        self._zip.close()
