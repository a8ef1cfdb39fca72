"""Who may do what in the ledger; the services ask here, pages too."""

from __future__ import annotations

from typing import Any

from staff.choices import RoleCode
from staff.selectors import roles_of

_READERS = (
    RoleCode.AM,
    RoleCode.TL,
    RoleCode.BRM,
    RoleCode.BGM,
    RoleCode.HRM,
    RoleCode.PLM,
    RoleCode.ARD,
    RoleCode.FIN,
    RoleCode.CEO,
)
_REPORT_READERS = (
    RoleCode.BRM,
    RoleCode.BGM,
    RoleCode.HRM,
    RoleCode.PLM,
    RoleCode.FIN,
    RoleCode.CEO,
)


def may_see_ledger(user: Any) -> bool:
    return roles_of(user).has_any(*_READERS)


def may_see_reports(user: Any) -> bool:
    """试算表, 欠款 and 准备: who answers for a branch or for the whole."""
    return roles_of(user).has_any(*_REPORT_READERS)


def may_book(user: Any) -> bool:
    """还款登记 and everything that moves money: finance only (domain M24)."""
    return roles_of(user).has(RoleCode.FIN)


def may_classify(user: Any) -> bool:
    """A worse class by hand needs 总部风控 (domain §5)."""
    return roles_of(user).has(RoleCode.HRM)


def may_see_settings(user: Any) -> bool:
    return roles_of(user).has_any(RoleCode.ADM, RoleCode.HRM, RoleCode.FIN, RoleCode.CEO)


def may_change_settings(user: Any) -> bool:
    return roles_of(user).has(RoleCode.ADM)
