"""What the organisation's pages show: people, branches, roles, the change log."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Count, Prefetch, Q, QuerySet

from lending_crm.common.models import ChangeRecord
from staff.models import Branch, Department, Employee, Role, RoleAssignment


def directory(user: Any) -> QuerySet[Employee]:
    """The people list of the organisation page, with what its columns show."""
    held = RoleAssignment.objects.select_related("role", "branch", "department")
    return (
        Employee.objects.visible_to(user)
        .select_related("branch", "department", "superior")
        .prefetch_related(Prefetch("role_assignments", queryset=held, to_attr="held_roles"))
        .order_by("employee_no", "pk")
    )


def branches_with_counts(user: Any) -> QuerySet[Branch]:
    return (
        Branch.objects.visible_to(user)
        .annotate(
            people=Count("employees", filter=Q(employees__is_active=True), distinct=True),
            department_count=Count(
                "departments", filter=Q(departments__is_active=True), distinct=True
            ),
        )
        .order_by("-is_head_office", "code")
    )


@dataclass(frozen=True)
class DepartmentNode:
    department: Department
    depth: int
    people: int


@dataclass(frozen=True)
class BranchTree:
    """A branch with its departments, each after its parent and as deep as it lies."""

    branch: Any
    nodes: list[DepartmentNode] = field(default_factory=list)


def department_trees(branches: Iterable[Branch]) -> list[BranchTree]:
    """The departments of every given branch; one query whatever their number."""
    trees = {branch.pk: BranchTree(branch) for branch in branches}
    rows = (
        Department.objects.filter(branch__in=trees)
        .annotate(people=Count("employees", filter=Q(employees__is_active=True)))
        .order_by("id")
    )
    children: dict[tuple[int, int | None], list[Any]] = {}
    for row in rows:
        children.setdefault((row.branch_id, row.parent_id), []).append(row)

    def walk(tree: BranchTree, parent_id: int | None, depth: int) -> None:
        for row in children.get((tree.branch.pk, parent_id), ()):
            tree.nodes.append(DepartmentNode(row, depth, row.people))
            walk(tree, row.pk, depth + 1)

    for tree in trees.values():
        walk(tree, None, 0)
    return list(trees.values())


def roles_with_holders() -> list[Role]:
    """Every role with the active people who hold it, for the role page; three queries."""
    held = RoleAssignment.objects.filter(employee__is_active=True).select_related(
        "employee", "branch", "department"
    )
    return list(
        Role.objects.prefetch_related(
            Prefetch(
                "assignments",
                queryset=held.order_by("branch_id", "employee__employee_no"),
                to_attr="holdings",
            )
        )
    )


#: models whose change records make up the organisation's change log
ORGANISATION_MODELS = (
    "staff.branch",
    "staff.department",
    "staff.delegation",
    "staff.employee",
    "staff.role",
    "staff.holidayoverride",
)


def change_log() -> QuerySet[ChangeRecord]:
    """What was changed in the organisation, newest first."""
    rows = ChangeRecord.objects.filter(model__in=ORGANISATION_MODELS)
    return rows.select_related("actor").order_by("-id")


def name_records(rows: Iterable[ChangeRecord]) -> None:
    """Put the name of what was changed on each row as ``record``; one query per model.

    What is gone (a cleared calendar day) keeps its number.
    """
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        wanted[row.model].add(row.object_id)
    found = {
        (label, pk): str(record)
        for label, ids in wanted.items()
        for pk, record in apps.get_model(label)._default_manager.in_bulk(ids).items()
    }
    for row in rows:
        row.record = found.get((row.model, row.object_id), str(row.object_id))  # type: ignore[attr-defined]


def changes_of(employee: Employee) -> QuerySet[ChangeRecord]:
    """What was changed about a person, newest first."""
    rows = ChangeRecord.objects.filter(model="staff.employee", object_id=employee.pk)
    return rows.select_related("actor").order_by("-id")
