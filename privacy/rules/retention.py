"""Who keeps the periods and the holds: information administrators (domain.md §1)."""

from __future__ import annotations

from privacy import retention_errors as errors
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of


def may_administer(user: Employee) -> bool:
    return user.is_active and roles_of(user).has(RoleCode.ADM)


def ensure_may_administer(user: Employee) -> None:
    """RET-01 for everybody else."""
    if not may_administer(user):
        raise errors.administrators_only()
