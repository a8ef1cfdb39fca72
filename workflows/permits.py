"""May this person begin this act at all? Asked when what he sent cannot be read.

A service checks the person under its lock, before everything else. What a form or a
serializer cannot read never reaches the service; without this look first, whoever may not act
would be told what is wrong with his words instead of that he may not act.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from lending_crm.common.errors import not_found
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows import errors
from workflows.access import check_may_decide
from workflows.act import Act
from workflows.models import Case
from workflows.services import (
    administration,
    collaboration,
    corrections,
    decisions,
    items,
    signers,
    submission,
)

Permit = Callable[[Case, Employee], None]


def _handler(case: Case, actor: Employee) -> None:
    if actor.pk not in (case.handler_id, case.creator_id):
        raise errors.not_handler()


def _administrator(case: Case, actor: Employee) -> None:
    if not roles_of(actor).has(RoleCode.ADM):
        raise errors.administrators_only()


#: acts on a case, by their service
_ON_CASE: dict[Callable[..., Any], Permit] = {
    items.reassign: _administrator,
    administration.suspend_case: _administrator,
    administration.resume_case: _administrator,
    administration.jump_to_stage: _administrator,
    administration.terminate_case: _administrator,
    submission.withdraw_case: _handler,
    collaboration.urge: _handler,
    collaboration.comment: collaboration.check_may_share,
    collaboration.copy_case: collaboration.check_may_share,
}
#: acts on an item that only whoever decides on it may do
_BY_DECIDER = frozenset(
    {
        decisions.approve, decisions.reject, decisions.return_case, decisions.abstain,
        items.transfer, signers.add_signers, signers.delegate, collaboration.request_material,
        corrections.correct_document,
    }
)  # fmt: skip


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
    permit = _ON_CASE.get(service)
    if permit is not None:
        permit(case, actor)
    elif item_id is not None and service in _BY_DECIDER:
        act = Act(case, actor=actor, now=now)
        check_may_decide(act, act.item(item_id))
