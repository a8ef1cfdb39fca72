"""Who may have an approved document voided; services and pages ask here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from documents.choices import VOIDERS
from staff.selectors import roles_of

if TYPE_CHECKING:
    from documents.models import VoidRequest
    from staff.choices import RoleCode


def asking_role(user: Any) -> RoleCode | None:
    """The role in which the person asks for the voiding; None when he may not."""
    roles = roles_of(user)
    return next((code for code in VOIDERS if roles.has(code)), None)


def may_ask_to_void(user: Any) -> bool:
    return asking_role(user) is not None


def may_answer_void(asked: VoidRequest, user: Any) -> bool:
    """Somebody else than who asked, in the other role (domain.md §2.1: ADM+HRM)."""
    return asked.requested_by_id != user.pk and roles_of(user).has(asked.answering_role)
