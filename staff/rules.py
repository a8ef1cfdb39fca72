"""Who may keep the organisation, and which roles exclude each other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

import rules

from lending_crm.common.errors import DomainError
from staff.choices import DutyLine, RoleCode
from staff.selectors import roles_of

if TYPE_CHECKING:
    from staff.models import Employee

CONTROL_LINES = frozenset({DutyLine.RISK, DutyLine.FINANCE, DutyLine.COMMITTEE})


@rules.predicate
def keeps_organisation(user: Any) -> bool:
    """Only the information administrator changes people, roles, branches and the calendar."""
    return bool(user.is_authenticated and user.is_active and roles_of(user).has(RoleCode.ADM))


rules.add_perm("staff.keep_organisation", keeps_organisation)


def require_keeper(actor: Employee | None) -> None:
    """Refuse everybody but the information administrator (403, ORG-02)."""
    if actor is None or not keeps_organisation(actor):
        raise DomainError(
            "ORG-02",
            _("Only the information administrator may change the organisation."),
            status=403,
        )


def lines_clash(held: Iterable[str], added: str) -> bool:
    """ORG-01: business duties never together with risk, finance or committee duties."""
    lines = set(held)
    if added == DutyLine.BUSINESS:
        return bool(lines & CONTROL_LINES)
    return added in CONTROL_LINES and DutyLine.BUSINESS in lines


def separation_refused() -> DomainError:
    return DomainError(
        "ORG-01",
        _("Business roles and risk or finance roles cannot be held by the same person."),
        status=409,
        field="role",
    )
