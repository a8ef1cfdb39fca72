"""补充材料 arrives while the case is under approval: it is told, nothing moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from staff.models import Employee
from workflows import errors
from workflows.act import Act, lock_case
from workflows.choices import CaseState, EventKind
from workflows.models import Case, MaterialRequest, WorkItem
from workflows.services.collaboration import waiting_people
from workflows.timing.clock import resume_clocks


@transaction.atomic
def record_supplement(
    *,
    case_id: int,
    actor: Employee,
    now: datetime,
    supplement_no: str,
    note: str,
    files: Sequence[dict[str, Any]],
) -> Case:
    """Book a submitted supplement: snapshot, history, answered requests, messages.

    The documents app calls it in the transaction that submits the supplement. ``files`` are
    plain dicts with ``title``, ``file_name`` and ``sha256``. Pages opened before are stale
    from here on: an opinion is given on what its author saw.
    """
    case = lock_case(pk=case_id)
    act = Act(case, actor=actor, now=now)
    if case.state != CaseState.IN_APPROVAL:
        raise errors.wrong_state(case.state)
    case.supplement_count += 1
    act.take_snapshot()
    act.moved()
    MaterialRequest.objects.filter(case=case, answered_at=None).update(
        answered_at=now, answered_by_supplement=supplement_no
    )
    resume_clocks(act)
    act.record(
        EventKind.SUPPLEMENTED,
        opinion=note,
        data={"supplement": supplement_no, "files": [dict(file) for file in files]},
    )
    past = WorkItem.objects.filter(case=case, decided_by__isnull=False)
    people = waiting_people(act) | set(past.values_list("decided_by", flat=True))
    act.notify("case.supplemented", people, supplement=supplement_no)
    return act.commit()
