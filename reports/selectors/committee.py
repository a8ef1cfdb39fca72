"""What waits for the risk committee: sessions that are held, cases without one."""

from __future__ import annotations

from dataclasses import dataclass

from reports.selectors.approvals import MOST_ROWS
from riskcommittee.choices import SessionState
from riskcommittee.models import CommitteeSession
from riskcommittee.selectors import to_convene
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows.models import Case


@dataclass(frozen=True)
class Committee:
    """``to_convene`` is None for those who sit in sessions and do not convene them."""

    sessions: list[CommitteeSession]
    to_convene: list[Case] | None


def committee(user: Employee) -> Committee | None:
    """None for whoever is not of the committee; 总部风控 convenes from the page of sessions."""
    roles = roles_of(user)
    if not roles.has_any(RoleCode.RC, RoleCode.RCC, RoleCode.RCS):
        return None
    held = CommitteeSession.objects.filter(
        seats__employee=user, state=SessionState.OPEN, stage__finished=None
    )
    sessions = held.select_related("case").order_by("held_on", "id")[: MOST_ROWS + 1]
    waiting = to_convene()[: MOST_ROWS + 1] if roles.has(RoleCode.RCS) else None
    return Committee(list(sessions), None if waiting is None else list(waiting))
