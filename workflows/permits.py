"""May this person begin this act at all? Asked when what he sent cannot be read.

A service checks the person under its lock, before everything else. What a form or a
serializer cannot read never reaches the service; without this look first, whoever may not act
would be told what is wrong with his words instead of that he may not act.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from lending_crm.common.errors import not_found
from staff.models import Employee
from workflows.access import check_administers, check_may_decide
from workflows.act import Act
from workflows.models import Case, WorkItem
from workflows.services import (
    administration,
    collaboration,
    corrections,
    decisions,
    items,
    signers,
    submission,
)

#: acts on a case, by their service
ON_CASE: dict[Callable[..., Any], Callable[[Case, Employee], None]] = {
    items.reassign: check_administers,
    administration.suspend_case: check_administers,
    administration.resume_case: check_administers,
    administration.jump_to_stage: check_administers,
    administration.terminate_case: check_administers,
    submission.withdraw_case: submission.check_may_withdraw,
    collaboration.urge: collaboration.check_may_urge,
    collaboration.comment: collaboration.check_may_share,
    collaboration.copy_case: collaboration.check_may_share,
}
#: acts on a work item, by their service
ON_ITEM: dict[Callable[..., Any], Callable[[Act, WorkItem], None]] = {
    decisions.approve: check_may_decide,
    decisions.reject: check_may_decide,
    decisions.return_case: check_may_decide,
    decisions.abstain: check_may_decide,
    decisions.close_vote: decisions.check_may_close,
    items.claim: items.check_may_claim,
    items.release: items.check_may_release,
    items.take_back: items.check_may_take_back,
    items.transfer: partial(check_may_decide, may_wait=True),
    signers.add_signers: check_may_decide,
    signers.remove_signers: signers.check_may_remove,
    signers.delegate: check_may_decide,
    signers.answer: signers.check_may_answer,
    collaboration.request_material: check_may_decide,
    corrections.correct_document: check_may_decide,
}


def check_permit(
    service: Callable[..., Any],
    *,
    actor: Employee,
    now: datetime,
    case_id: int | None = None,
    item_id: int | None = None,
) -> None:
    """Raise what ``service`` would refuse the person for, whatever was sent with the act."""
    lookup = {"pk": case_id} if item_id is None else {"items": item_id}
    case = Case.objects.select_related("handler").filter(**lookup).first()
    if case is None:
        raise not_found()
    if item_id is None:
        ON_CASE[service](case, actor)
        return
    act = Act(case, actor=actor, now=now)
    ON_ITEM[service](act, act.item(item_id))
