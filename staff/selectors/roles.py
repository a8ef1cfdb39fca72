"""Who holds which role, and who stands above whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.db.models import Q

from lending_crm.common.compiled import Compiled
from staff.choices import COMPANY_WIDE, RoleCode, RoleScope
from staff.models import Employee, RoleAssignment

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

#: how far a walk along superiors goes at most; a company of loan officers is never deeper
MAX_LEVELS = 30


class HeldRole(NamedTuple):
    """One role that a person holds; an empty branch means the whole company."""

    code: str
    role_id: int
    branch_id: int | None
    department_id: int | None
    is_at_head_office: bool = False


@dataclass(frozen=True)
class RoleSet:
    """The roles of one person at the moment of asking.

    ``sees_all`` is true when one of them reaches over the whole company;
    ``crosses_branches`` also when one reaches over the bad customers of every branch.
    """

    assignments: tuple[HeldRole, ...] = ()
    sees_all: bool = False
    crosses_branches: bool = False

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(held.code for held in self.assignments)

    def has(self, code: str) -> bool:
        return any(held.code == code for held in self.assignments)

    def has_any(self, *codes: str) -> bool:
        return any(held.code in codes for held in self.assignments)

    def branch_ids(self, code: str) -> frozenset[int]:
        """The branches in which the role is held; roles of the whole company name none."""
        return frozenset(
            held.branch_id
            for held in self.assignments
            if held.code == code and held.branch_id is not None
        )

    def department_ids(self, code: str) -> frozenset[int]:
        return frozenset(
            held.department_id
            for held in self.assignments
            if held.code == code and held.department_id is not None
        )


_ASSIGNMENTS = Compiled(
    lambda employee_id: (
        RoleAssignment.objects.filter(employee_id=employee_id)
        .order_by("role_id", "pk")
        .values_list(
            "role__code",
            "role_id",
            "branch_id",
            "department_id",
            "branch__is_head_office",
            "role__scope",
        )
    )
)


def roles_of(user: Employee | AnonymousUser) -> RoleSet:
    """The person's roles by one query, kept on the instance for the rest of the request.

    The next request asks again, so joining or leaving a role takes effect at once.
    An inactive person holds nothing.
    """
    known = getattr(user, "_role_set", None)
    if known is not None:
        return known
    if not user.is_authenticated or not user.is_active:
        return RoleSet()
    rows = _ASSIGNMENTS(user.pk)
    found = RoleSet(
        assignments=tuple(HeldRole(*row[:4], bool(row[4])) for row in rows),
        sees_all=any(row[5] == RoleScope.ALL for row in rows),
        crosses_branches=any(row[5] in COMPANY_WIDE for row in rows),
    )
    user._role_set = found  # type: ignore[union-attr,attr-defined]
    return found


def holders(
    role_code: str, *, branch_id: int | None = None, department_id: int | None = None
) -> list[Employee]:
    """Active people who hold the role, in order of their number.

    With a branch or department: those who hold it there or in the whole company.
    """
    held = Q(role_assignments__role__code=role_code)
    if branch_id is not None:
        held &= Q(role_assignments__branch=None) | Q(role_assignments__branch=branch_id)
    if department_id is not None:
        held &= Q(role_assignments__department=None) | Q(role_assignments__department=department_id)
    people = Employee.objects.active().filter(held).distinct()
    return list(people.select_related("branch", "department").order_by("employee_no", "pk"))


def nearest_superiors(people: Iterable[int]) -> dict[int, int]:
    """The next active person above each of these, by id; who has none is left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE above(person, id, level) AS (
                SELECT id, superior_id, 1 FROM staff_employee
                WHERE id = ANY(%(people)s) AND superior_id IS NOT NULL
                UNION ALL
                SELECT above.person, e.superior_id, level + 1
                FROM above JOIN staff_employee e ON e.id = above.id
                WHERE NOT e.is_active AND e.superior_id IS NOT NULL AND level < %(deepest)s
            )
            SELECT above.person, above.id
            FROM above JOIN staff_employee e ON e.id = above.id
            WHERE e.is_active AND above.id <> above.person
            """,
            {"people": list(people), "deepest": MAX_LEVELS},
        )
        return dict(cursor.fetchall())


def in_charge_above(people: Iterable[int]) -> dict[int, list[int]]:
    """Who answers for the office in which each of these works, by id: of a branch its 总经理, of
    head office 总部风控 (domain.md §2.3). Three queries at most.

    Nobody answers for himself: a general manager's work goes to 总部风控, as does that of a
    branch without one; 总部风控's own goes to the next superior.
    """
    offices = Employee.objects.filter(pk__in=list(people)).values_list(
        "pk", "branch_id", "branch__is_head_office"
    )
    held = RoleAssignment.objects.filter(
        role__code__in=(RoleCode.BGM, RoleCode.HRM), employee__is_active=True
    ).order_by("employee__employee_no", "employee_id")
    managers: dict[int | None, list[int]] = {}
    risk: list[int] = []
    for code, person, branch in held.values_list("role__code", "employee_id", "branch_id"):
        if code == RoleCode.BGM:
            managers.setdefault(branch, []).append(person)
        elif person not in risk:
            risk.append(person)
    found: dict[int, list[int]] = {}
    for person, branch, is_head_office in offices:
        local = [] if is_head_office else managers.get(branch, [])
        if local and person not in local:
            found[person] = local
        elif risk and person not in risk:
            found[person] = risk
    left = [person for person, *_office in offices if person not in found]
    superiors = nearest_superiors(left) if left else {}
    return {**found, **{person: [above] for person, above in superiors.items()}}


def superior_chain(employee: Employee, levels: int) -> list[Employee]:
    """The next ``levels`` active people above, nearest first; one query.

    An inactive superior is passed over for the one above him, so a level never gets weaker
    because somebody left. The walk ends at the top, or where it would enter a circle.
    """
    if levels < 1 or employee.superior_id is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE chain(id, superior_id, is_active, level, path) AS (
                SELECT id, superior_id, is_active, 1, ARRAY[%(self)s::bigint, id]
                FROM staff_employee WHERE id = %(first)s AND id <> %(self)s
                UNION ALL
                SELECT e.id, e.superior_id, e.is_active, level + 1, path || e.id
                FROM staff_employee e JOIN chain ON e.id = chain.superior_id
                WHERE NOT e.id = ANY(path) AND level < %(deepest)s
            )
            SELECT id FROM chain WHERE is_active ORDER BY level LIMIT %(levels)s
            """,
            {
                "self": employee.pk,
                "first": employee.superior_id,
                "deepest": MAX_LEVELS,
                "levels": min(levels, MAX_LEVELS),
            },
        )
        ids = [row[0] for row in cursor.fetchall()]
    people = Employee.objects.in_bulk(ids)
    return [people[pk] for pk in ids]
