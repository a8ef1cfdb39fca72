"""How the hash of an event is computed: the definition that packs and histories follow.

The product has its own copy in ``workflows/hashing.py``; a test holds the two equal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

#: What the hash of an event covers; keys are sorted, so that their order says nothing.
HASHED_FIELDS = (
    "actor_id",
    "actor_name",
    "arrived_at",
    "at",
    "case_id",
    "conditions",
    "data",
    "document_version",
    "flow_version_id",
    "idempotency_key",
    "kind",
    "node_id",
    "node_title",
    "node_title_en",
    "on_behalf_name",
    "on_behalf_of_id",
    "opinion",
    "path",
    "round",
    "sequence",
    "snapshot_number",
    "stage_id",
)

#: In an event's data: the hash of the snapshot that the event's act took.
SEAL = "snapshot_sha256"
#: The kind of entry by which personal information was removed, and in its data by number the
#: hash of what a snapshot holds since then.
ANONYMISED, REDACTED = "ANONYMISED", "redacted_snapshots"

#: In the data of a decision that was signed: who signed, and the SHA-256 of the image.
SIGNATURE = "signature"


def canonical_json(value: Any) -> str:
    """One text for equal values: sorted keys, no blanks, every character as itself."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def content_hash(content: Any) -> str:
    """The hash of a snapshot's content."""
    return sha256_of(canonical_json(content).encode())


def event_hash(event: Mapping[str, Any], previous_hash: str) -> str:
    """Over the hash of the event before, a line end, and all that this event says."""
    said = canonical_json({name: event.get(name) for name in HASHED_FIELDS})
    return sha256_of(f"{previous_hash}\n{said}".encode())
