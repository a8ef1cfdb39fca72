"""个人信息匿名化 of a closed case: what its snapshots showed of a person goes, the history stays.

See docs/decisions/0015-anonymising-leaves-the-history-whole.md.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

import pgtrigger

from workflows import errors, hashing
from workflows.act import Act, lock_case
from workflows.choices import ALIVE, EventKind
from workflows.models import Snapshot


@transaction.atomic
def redact_case(*, case_id: int, scrub: Callable[[Any], Any], party: str, now: datetime) -> int:
    """Replace the case's copies of the document; returns how many snapshots changed.

    ``scrub`` gives a content back without the person. The first hash of a snapshot stays where
    the chain sealed it; one more event says which hash its content has since, so that the
    history still proves itself. Events are never touched. Raises WF-05 for a case that is alive.
    """
    act = Act(lock_case(pk=case_id), actor=None, now=now, while_suspended=True)
    case = act.case
    if case.state in ALIVE:
        raise errors.wrong_state(case.state)
    left: dict[str, str] = {}
    for snapshot in case.snapshots.order_by("number"):
        content = scrub(snapshot.content)
        if content != snapshot.content:
            _replace(snapshot, content)
            left[str(snapshot.number)] = hashing.content_hash(content)
    case.party, case.search = party, ""
    case.subject = scrub(case.subject)
    if left:
        act.record(EventKind.ANONYMISED, data={hashing.REDACTED: left}, by_system=True)
    act.commit()
    return len(left)


def _replace(snapshot: Snapshot, content: Any) -> None:
    with pgtrigger.ignore("workflows.Snapshot:append_only"):
        Snapshot.objects.filter(pk=snapshot.pk).update(content=content)
