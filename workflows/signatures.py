"""The signature that a decision carries: found by what the history event says of it."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from django.db.models import Q

from staff.models import SignatureImage
from workflows.models import HistoryEvent


def signature_of(event: HistoryEvent) -> SignatureImage | None:
    bound = event.data.get("signature")
    if not bound:
        return None
    return SignatureImage.objects.filter(employee=bound["employee"], sha256=bound["sha256"]).first()


def signature_images(events: Iterable[HistoryEvent]) -> dict[int, str]:
    """By the event's number the image as a ``data:`` address, for print; one statement."""
    bound = {
        event.sequence: (event.data["signature"]["employee"], event.data["signature"]["sha256"])
        for event in events
        if event.data.get("signature")
    }
    if not bound:
        return {}
    wanted = Q()
    for employee, sha256 in set(bound.values()):
        wanted |= Q(employee=employee, sha256=sha256)
    rows = {(row.employee_id, row.sha256): row for row in SignatureImage.objects.filter(wanted)}
    return {
        sequence: "data:image/png;base64," + base64.b64encode(rows[key].image).decode()
        for sequence, key in bound.items()
        if key in rows
    }
