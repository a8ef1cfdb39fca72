"""Check the hash chain of histories against the rows that are stored."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from workflows import hashing
from workflows.models import Case
from workflows.signatures import Signed, kept_signatures, signed_with


@dataclass(frozen=True)
class BrokenLink:
    """The first thing wrong in one case's history; ``sequence`` counts events from 1."""

    case_id: int
    doc_no: str
    sequence: int
    reason: str


def verify_case(case: Case) -> BrokenLink | None:
    """Recompute every link of one case; None when nothing was touched."""
    snapshots = {s.number: s for s in case.snapshots.all()}
    previous, expected = "", 0
    signed: dict[Signed, int] = {}
    redacted: dict[int, str] = {}
    for event in case.events.order_by("sequence").iterator(chunk_size=500):
        expected += 1
        if event.sequence != expected:
            return _broken(case, expected, _("the event is missing"))
        if event.previous_hash != previous:
            return _broken(case, expected, _("it does not follow the event before it"))
        if event.hash != hashing.event_hash(event, previous):
            return _broken(case, expected, _("its content was changed"))
        if event.snapshot_number and event.snapshot_number not in snapshots:
            return _broken(case, expected, _("the snapshot it refers to is missing"))
        seal = event.data.get(hashing.SEAL)
        taken = snapshots.get(event.snapshot_number)
        if seal is not None and (taken is None or taken.sha256 != seal):
            return _broken(case, expected, _("the snapshot that it took was changed"))
        redacted |= hashing.redactions(event)
        bound = signed_with(event)
        if bound is not None:
            signed.setdefault(bound, expected)
        previous = event.hash
    if case.event_count != expected or case.last_hash != previous:
        return _broken(case, expected + 1, _("the end of the history was cut off"))
    for snapshot in snapshots.values():
        # What was removed by law is vouched for by the chain, in place of the first content.
        holds = redacted.get(snapshot.number, snapshot.sha256)
        if hashing.content_hash(snapshot.content) != holds:
            reason = _("snapshot %(number)s was changed") % {"number": snapshot.number}
            return _broken(case, expected, reason)
    return _broken_signature(case, signed)


def _broken_signature(case: Case, signed: Mapping[Signed, int]) -> BrokenLink | None:
    """The first event whose signature is gone or another one than when it was given."""
    images = kept_signatures(signed.keys())
    for bound, sequence in signed.items():
        if bound not in images:
            return _broken(case, sequence, _("the signature that it carries is missing"))
        if hashlib.sha256(images[bound].image).hexdigest() != bound[1]:
            return _broken(case, sequence, _("the signature that it carries was changed"))
    return None


def _broken(case: Case, sequence: int, reason: str) -> BrokenLink:
    return BrokenLink(case.pk, case.doc_no, sequence, reason)


def verify_all(
    case_ids: list[int] | None = None,
) -> Iterator[tuple[Case, BrokenLink | None]]:
    """Every case in turn, without holding them in memory."""
    cases = Case.objects.order_by("pk")
    if case_ids:
        cases = cases.filter(pk__in=case_ids)
    for case in cases.iterator(chunk_size=200):
        yield case, verify_case(case)
