"""A case as plain data: its history with hashes, and what the history points at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from documents.models import Attachment
from lending_crm.common.errors import not_found
from staff.models import Employee, SignatureImage
from workflows.hashing import HASHED_FIELDS, canonical_json
from workflows.models import Case, FlowVersion, HistoryEvent, Snapshot
from workflows.signatures import kept_signatures, signed_with

FORMAT, VERSION = "lending-history", 1


@dataclass(frozen=True)
class CaseRecord:
    """A case as it stood at one moment; ``history`` is its exported form."""

    case: Case
    events: Sequence[HistoryEvent]
    snapshots: Sequence[Snapshot]
    versions: Sequence[FlowVersion]
    attachments: Sequence[Attachment]
    signatures: Sequence[SignatureImage]
    history: dict[str, Any]

    def history_bytes(self) -> bytes:
        return canonical_json(self.history).encode()


@transaction.atomic
def collect(case_id: int, *, reader: Employee, now: datetime) -> CaseRecord:
    """Everything of a case that its reader may open, under the lock of the case.

    The lock makes the history, its end and the snapshots fit together; it is released before
    anything is written. Snapshots come without their content.
    """
    case = (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .select_related("handler", "branch", "department", "flow_version__definition")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        raise not_found()
    events = list(case.events.order_by("sequence"))
    snapshots = list(case.snapshots.order_by("number").defer("content"))
    ids = {case.flow_version_id, *(event.flow_version_id for event in events)}
    versions = list(FlowVersion.objects.filter(pk__in=ids).select_related("definition"))
    attachments = list(
        Attachment.objects.readable_by(reader)
        .submitted()
        .filter(document=case.document_id)
        .select_related("file", "uploaded_by", "supplement")
        .order_by("id")
    )
    signed = {bound for event in events if (bound := signed_with(event))}
    signatures = list(kept_signatures(signed).values())
    history = _history(case, events, snapshots, versions, reader, now)
    return CaseRecord(case, events, snapshots, versions, attachments, signatures, history)


def case_facts(case: Case) -> dict[str, Any]:
    """What identifies the case to a person."""
    return {
        "id": case.pk,
        "doc_no": case.doc_no,
        "document_kind": case.document_kind,
        "document_id": case.document_id,
        "subject": case.subject,
        "party": case.party,
        "state": str(case.state),
        "handler": case.handler.name,
        "branch": case.branch.name,
        "department": case.department.name,
        "submitted_at": case.submitted_at,
    }


def _history(
    case: Case,
    events: Sequence[HistoryEvent],
    snapshots: Sequence[Snapshot],
    versions: Sequence[FlowVersion],
    reader: Employee,
    now: datetime,
) -> dict[str, Any]:
    history = {
        "format": FORMAT,
        "version": VERSION,
        "exported_at": now,
        "exported_by": f"{reader.name} ({reader.employee_no})",
        "case": case_facts(case),
        "event_count": case.event_count,
        "last_hash": case.last_hash,
        "events": [
            {name: getattr(event, name) for name in (*HASHED_FIELDS, "previous_hash", "hash")}
            for event in events
        ],
        "snapshots": [
            {
                "number": snapshot.number,
                "document_version": snapshot.document_version,
                "sha256": snapshot.sha256,
                "created_at": snapshot.created_at,
            }
            for snapshot in snapshots
        ],
        "versions": [
            {
                "id": version.pk,
                "flow": version.definition.code,
                "number": version.number,
                "sha256": version.sha256,
            }
            for version in versions
        ],
    }
    # As a reader of the file gets it: moments are text in their canonical form.
    plain: dict[str, Any] = json.loads(canonical_json(history))
    return plain
