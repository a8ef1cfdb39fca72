"""The hash chain of a case's history, and of what it points at."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from workflows.choices import EventKind
from workflows.news import is_news

#: The fields of an event that its hash covers, in no particular order: keys are sorted.
HASHED_FIELDS = (
    "case_id",
    "sequence",
    "kind",
    "stage_id",
    "node_id",
    "node_title",
    "node_title_en",
    "round",
    "actor_id",
    "actor_name",
    "on_behalf_of_id",
    "on_behalf_name",
    "opinion",
    "conditions",
    "data",
    "path",
    "flow_version_id",
    "document_version",
    "snapshot_number",
    "arrived_at",
    "at",
    "idempotency_key",
)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value).__name__} has no canonical form")


#: built once: making an encoder costs as much as using it
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
)


#: In an event's data: the hash of the snapshot that the event's act took.
SEAL = "snapshot_sha256"
#: In the data of a decision that was signed: who signed, and the hash of the image.
SIGNATURE = "signature"
#: In the data of ANONYMISED: by number the hash of what a snapshot holds since then.
REDACTED = "redacted_snapshots"


def canonical_json(value: Any) -> str:
    """One text for equal values: sorted keys, no blanks, moments in UTC with microseconds."""
    return _ENCODER.encode(value)


def content_hash(content: Any) -> str:
    """SHA-256 of a snapshot's content."""
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def redactions(event: Any) -> dict[int, str]:
    """The snapshots that the event replaced, with the hashes of what they hold since."""
    if event.kind != EventKind.ANONYMISED:
        return {}
    return {int(number): digest for number, digest in event.data.get(REDACTED, {}).items()}


def chain(case: Any, event: Any) -> None:
    """Make the event the next one of its case: number, version seen, hash of the one before."""
    case.event_count += 1
    event.sequence = case.event_count
    if is_news(event):
        case.news_sequence = event.sequence
    event.stage_id = event.stage.pk if event.stage else None
    event.document_version = case.document_version
    event.snapshot_number = case.snapshot_number
    event.previous_hash = case.last_hash
    event.hash = event_hash(event, case.last_hash)
    case.last_hash = event.hash


def event_hash(event: Any, previous_hash: str) -> str:
    """SHA-256 over the hash of the event before and all that this event says."""
    said = canonical_json({name: getattr(event, name) for name in HASHED_FIELDS})
    return hashlib.sha256(f"{previous_hash}\n{said}".encode()).hexdigest()
