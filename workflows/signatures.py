"""The signature that a decision carries: found by what the history event says of it."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable

from django.db.models import Q

from staff.models import SignatureImage
from workflows.hashing import SIGNATURE
from workflows.models import HistoryEvent

#: the id of the person and the SHA-256 of the image
Signed = tuple[int, str]


def signed_with(event: HistoryEvent) -> Signed | None:
    """What the event says of the signature that it carries; None when it carries none."""
    bound = event.data.get(SIGNATURE)
    return (bound["employee"], bound["sha256"]) if bound else None


def kept_signatures(wanted: Collection[Signed]) -> dict[Signed, SignatureImage]:
    """The images that are there of those that events name; one statement, none for nothing."""
    if not wanted:
        return {}
    named = Q()
    for employee, sha256 in set(wanted):
        named |= Q(employee=employee, sha256=sha256)
    found = SignatureImage.objects.filter(named).select_related("employee").order_by("id")
    return {(row.employee_id, row.sha256): row for row in found}


def signature_of(event: HistoryEvent) -> SignatureImage | None:
    bound = signed_with(event)
    return kept_signatures([bound]).get(bound) if bound else None


def signature_images(events: Iterable[HistoryEvent]) -> dict[int, str]:
    """By the event's number the image as a ``data:`` address, for print; one statement."""
    bound = {event.sequence: signed for event in events if (signed := signed_with(event))}
    rows = kept_signatures(bound.values())
    return {
        sequence: "data:image/png;base64," + base64.b64encode(rows[key].image).decode()
        for sequence, key in bound.items()
        if key in rows
    }
