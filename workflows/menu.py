"""What the engine offers to the frame of the pages and to the organisation."""

from __future__ import annotations

from typing import Any

from lending_crm.common.pagination import CappedCount, capped_count
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows.choices import LIVE
from workflows.models import CaseCopy, WorkItem


def count_todo(user: Employee) -> CappedCount:
    return capped_count(WorkItem.objects.waiting_for(user))


def count_to_claim(user: Employee) -> CappedCount:
    return capped_count(WorkItem.objects.claimable_by(user))


def count_copied(user: Employee) -> CappedCount:
    """Copies that he has not opened yet."""
    return capped_count(CaseCopy.objects.filter(recipient=user, read_at=None))


#: the tabs of the inbox where something can wait for a person
COUNTED = {"todo": count_todo, "claim": count_to_claim, "copied": count_copied}


def may_configure(user: Any) -> bool:
    """Flows are configured by information administrators."""
    return roles_of(user).has(RoleCode.ADM)


def open_items(employee: Employee) -> int:
    """Work items that an employee still holds; his account stays until they are given away."""
    return WorkItem.objects.filter(state__in=LIVE, assignee=employee).count()
