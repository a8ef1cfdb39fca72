"""Who sees a case as a whole, not only the step that he was asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from staff.choices import RoleCode
from staff.selectors import roles_of
from workflows.kinds import kind_for

if TYPE_CHECKING:
    from staff.models import Employee
    from workflows.models import Case


def sees_whole(case: Case, reader: Employee) -> bool:
    """The handler, the creator, and those in whose scope the case lies (domain.md §1).

    Whoever was only asked about a step, or was sent a copy, sees the case without what the
    step hides, and a committee member the matter of its session only.
    """
    roles = roles_of(reader)
    if roles.sees_all or reader.pk in (case.handler_id, case.creator_id):
        return True
    branches = roles.branch_ids(RoleCode.BRM) | roles.branch_ids(RoleCode.BGM)
    if case.branch_id in branches or case.department_id in roles.department_ids(RoleCode.TL):
        return True
    if case.about_bad_customer and roles.has(RoleCode.ARD):
        return True
    documents = kind_for(case.document_kind).seen_by_matter(reader)
    return documents is not None and documents.filter(pk=case.document_id).exists()
