"""Whether an assignee rule can find anybody at all; for the publish checks."""

from __future__ import annotations

from functools import partial

from django.db import connection

from staff.choices import RoleCode
from staff.models import Employee, RoleAssignment
from staff.selectors.roles import MAX_LEVELS
from workflows.bpmn.model import AssigneeKind, AssigneeRule
from workflows.bpmn.stage_checks import Resolves
from workflows.kinds import DocumentKind


def resolves_for(kind: DocumentKind) -> Resolves:
    """The check for routes of one document kind."""
    return partial(resolves, kind)


def resolves(kind: DocumentKind, rule: AssigneeRule) -> bool:
    """False when no active person of the company could ever be found by the rule.

    What depends on the handler or on the document counts as found when there is anybody for
    whom it could be: a superior at that level, a field that the document has.
    """
    match rule.kind:
        case AssigneeKind.PEOPLE:
            return Employee.objects.filter(pk__in=rule.people, is_active=True).exists()
        case AssigneeKind.ROLE:
            return _is_held(rule.role)
        case AssigneeKind.COMMITTEE:
            return _is_held(RoleCode.RC) and _is_held(RoleCode.RCC)
        case AssigneeKind.APPLICANT | AssigneeKind.PREVIOUS:
            return not rule.role or _is_held(rule.role)
        case AssigneeKind.PERSON_FIELD:
            return rule.field in {name for name, _label in kind.person_fields}
    return rule.level <= _longest_line()


def _is_held(role: str) -> bool:
    return RoleAssignment.objects.filter(role__code=role, employee__is_active=True).exists()


def _longest_line() -> int:
    """How many active superiors stand above each other at most."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE line(id, is_active, levels) AS (
                SELECT id, is_active, 0 FROM staff_employee WHERE superior_id IS NULL
                UNION ALL
                SELECT e.id, e.is_active, levels + line.is_active::int
                FROM staff_employee e JOIN line ON e.superior_id = line.id
                WHERE levels < %s
            )
            SELECT max(levels) FROM line WHERE is_active
            """,
            [MAX_LEVELS],
        )
        return cursor.fetchone()[0] or 0
