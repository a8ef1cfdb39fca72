"""Whether an assignee rule can find anybody at all; for the publish checks."""

from __future__ import annotations

from staff.models import Employee, RoleAssignment
from workflows.bpmn.model import AssigneeKind, AssigneeRule


def resolves(rule: AssigneeRule) -> bool:
    """False when no active person of the company could ever be found by the rule.

    Rules that look at the handler or the document depend on each case and count as true.
    """
    if rule.kind == AssigneeKind.PEOPLE:
        return Employee.objects.filter(pk__in=rule.people, is_active=True).exists()
    if rule.kind == AssigneeKind.ROLE:
        return RoleAssignment.objects.filter(
            role__code=rule.role, employee__is_active=True
        ).exists()
    return True
