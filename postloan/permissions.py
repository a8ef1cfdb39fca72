"""Who reads and changes the settings of supervision."""

from __future__ import annotations

from typing import Any

from staff.choices import RoleCode
from staff.selectors import roles_of


def may_see_settings(user: Any) -> bool:
    return roles_of(user).has_any(RoleCode.ADM, RoleCode.HRM, RoleCode.PLM, RoleCode.CEO)


def may_change_settings(user: Any) -> bool:
    return roles_of(user).has(RoleCode.ADM)
