"""By what somebody holds a work item: the one reader of that question in the item's ``reason``."""

from __future__ import annotations

from enum import Enum, auto

from staff.models import Employee
from staff.selectors import roles_of
from workflows.bpmn.model import AssigneeKind, AssigneeRule, RoleReach
from workflows.choosing import CHOSEN
from workflows.finding import is_held
from workflows.models import Case, WorkItem


class Basis(Enum):
    """What lets somebody hold an item."""

    #: a pool that he has claimed it from
    POOL = auto()
    #: his duty line and level: it was given to him, or he decides for somebody who is away
    GIVEN = auto()
    #: any role that decides: a colleague asked him to sign or to answer
    ASKED = auto()
    #: the role that the step asks
    ROLE = auto()
    #: his place among those from whom the step's people are chosen
    CHOSEN = auto()
    #: himself: the step names him, or he is somebody's superior
    PERSON = auto()


_GIVEN = ("transfer", "overdue", "successor")


def basis_of(item: WorkItem, holder: Employee) -> Basis:
    """By what the ``holder`` has the item: its assignee, or whom that one stands in for."""
    if item.pool_role_id is not None:
        return Basis.POOL
    rule, because = item.reason.get("rule"), item.reason.get("because")
    if rule == "ASKED":
        return Basis.ASKED
    stands_in = item.on_behalf_of_id not in (None, holder.pk)
    if stands_in or because in _GIVEN or rule == "REASSIGNED":
        return Basis.GIVEN
    if because == "empty" or "instead_of" in item.reason:
        return Basis.PERSON
    if rule == AssigneeKind.ROLE:
        return Basis.ROLE
    return Basis.CHOSEN if rule in CHOSEN else Basis.PERSON


def holds_role(item: WorkItem, holder: Employee, case: Case) -> bool:
    """Whether the holder of an item by ``Basis.ROLE`` has that role now, where the step asks it."""
    reach = RoleReach(item.reason["reach"])
    rule = AssigneeRule(AssigneeKind.ROLE, role=item.reason["role"], reach=reach)
    return any(is_held(held, rule, case) for held in roles_of(holder).assignments)
