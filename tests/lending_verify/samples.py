"""Packs made by hand from the documented format, without the product's own writer."""

from __future__ import annotations

import copy
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from lending_verify.canonical import (
    HASHED_FIELDS,
    SEAL,
    SIGNATURE,
    canonical_json,
    content_hash,
    event_hash,
)

SNAPSHOTS = {1: {"fields": [{"name": "amount", "value": "100.00"}]}, 2: {"fields": []}}
ATTACHMENT = "营业执照".encode() * 1000
SIGNED = b"\x89PNG a name"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def event(sequence: int, previous: str, **values: Any) -> dict[str, Any]:
    said: dict[str, Any] = dict.fromkeys(HASHED_FIELDS)
    said |= {
        "case_id": 7, "sequence": sequence, "kind": "APPROVED", "actor_id": sequence,
        "actor_name": f"王{sequence}", "at": f"2026-03-0{sequence}T01:00:00.000000+00:00",
        "opinion": "同意", "snapshot_number": 1 + sequence // 3, "flow_version_id": 5,
        "conditions": [], "data": _data(sequence), "path": ["flow_1"], "round": 1,
    } | values  # fmt: skip
    return {**said, "previous_hash": previous, "hash": event_hash(said, previous)}


def _data(sequence: int) -> dict[str, Any]:
    """The first entry of each snapshot names it by its hash; the second entry is signed."""
    number = {1: 1, 3: 2}.get(sequence)
    signed = {SIGNATURE: {"employee": 2, "sha256": sha256(SIGNED)}} if sequence == 2 else {}
    return {"ratio": 0.1} | ({SEAL: content_hash(SNAPSHOTS[number])} if number else signed)


def history() -> dict[str, Any]:
    events: list[dict[str, Any]] = []
    for sequence in range(1, 5):
        events.append(event(sequence, events[-1]["hash"] if events else ""))
    return {
        "format": "lending-history",
        "version": 1,
        "case": {"id": 7, "doc_no": "YW-1"},
        "event_count": len(events),
        "last_hash": events[-1]["hash"],
        "events": events,
        "snapshots": [
            {"number": number, "sha256": content_hash(content)}
            for number, content in SNAPSHOTS.items()
        ],
        "versions": [{"id": 5, "flow": "toy", "number": 1, "sha256": "0"}],
    }


class Pack:
    """The parts of a pack; change some, then ``write`` with or without a fresh manifest."""

    def __init__(self) -> None:
        self.history = history()
        self.parts: dict[str, bytes] = {
            f"snapshots/{number:04}.json": canonical_json(content).encode()
            for number, content in SNAPSHOTS.items()
        }
        self.parts["definitions/version-0001-5.bpmn"] = b"<definitions/>"
        self.parts["attachments/0001.pdf"] = ATTACHMENT
        self.parts["signatures/0001.png"] = SIGNED
        self.missing: list[dict[str, str]] = []
        self.seal()

    def seal(self) -> None:
        """Make the manifest of what the parts are now, as an attacker without care would not."""
        self.parts["history.json"] = canonical_json(self.history).encode()
        self.manifest: dict[str, Any] = {
            "format": "lending-audit-pack",
            "version": 1,
            "last_hash": self.history["last_hash"],
            "missing": self.missing,
            "files": [self._listed(path) for path in sorted(self.parts)],
        }

    def _listed(self, path: str) -> dict[str, Any]:
        data = self.parts[path]
        listed: dict[str, Any] = {"path": path, "size": len(data), "sha256": sha256(data)}
        match path.partition("/")[0]:
            case "snapshots":
                listed |= {"kind": "snapshot", "number": int(path[10:14])}
            case "definitions":
                listed |= {"kind": "definition", "version_id": 5}
            case "signatures":
                signed = {"employee_id": 2, "signed_sha256": sha256(SIGNED)}
                listed |= {"kind": "signature", **signed}
            case "attachments":
                listed |= {"kind": "attachment", "title": "营业执照"}
            case _:
                listed |= {"kind": "history"}
        return listed

    def bytes(self, **extra: bytes) -> bytes:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, data in {**self.parts, **extra}.items():
                archive.writestr(path, data)
            archive.writestr("manifest.json", json.dumps(self.manifest))
        return target.getvalue()

    def write(self, folder: Path, **extra: bytes) -> Path:
        path = folder / "pack.zip"
        path.write_bytes(self.bytes(**extra))
        return path


def changed_event(sequence: int, /, **values: Any) -> dict[str, Any]:
    """The history with one entry changed, its hash left as it was."""
    found = copy.deepcopy(history())
    found["events"][sequence - 1] |= values
    return found
