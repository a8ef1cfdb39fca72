"""回避: a register of related people has changed; bring a running case in line with it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from staff.models import Employee
from workflows.act import Act, lock_case
from workflows.choices import CaseState, EventKind
from workflows.conflicts import abstaining
from workflows.models import Case
from workflows.services.branches import step_down


@transaction.atomic
def review_recusals(*, case_id: int, now: datetime) -> Case:
    """Ask the registers again; who is related now leaves the open steps, as the system's act.

    Where others are asked they go on without him; where he was the only one the step is asked
    anew (his superior, else the policy for nobody found). A case that is not running only
    keeps the answer.
    """
    act = Act(lock_case(pk=case_id), actor=None, now=now, while_suspended=True)
    case = act.case
    found = abstaining(act.kind, act.kind.get(case.document_id), case)
    if found == case.recusals:
        return case
    new = set(found) - set(case.recusals)
    case.recusals = found
    if case.state == CaseState.IN_APPROVAL:
        for person in Employee.objects.filter(pk__in=new).order_by("pk"):
            if not step_down(act, person, EventKind.RECUSED):
                act.record(EventKind.RECUSED, by_system=True, data={"person": person.name})
        act.moved()
    return act.commit()
