"""What the engine offers to the frame of the pages and to the organisation."""

from __future__ import annotations

from typing import Any

from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows.choices import LIVE
from workflows.models import WorkItem


def may_configure(user: Any) -> bool:
    """Flows are configured by information administrators."""
    return roles_of(user).has(RoleCode.ADM)


def open_items(employee: Employee) -> int:
    """Work items that an employee still holds; his account stays until they are given away."""
    return WorkItem.objects.filter(state__in=LIVE, assignee=employee).count()
