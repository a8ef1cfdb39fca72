"""Whom the rules of a stage name: one place after the other, each with its people and reason.

Who of them may decide, and what happens where nobody does, is for ``seating`` and ``assignment``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet

from lending_crm.common.compiled import Compiled
from staff.choices import RoleCode
from staff.models import Employee, RoleAssignment
from staff.selectors import HeldRole, superior_chain
from workflows.bpmn.model import AssigneeKind, AssigneeRule, RoleReach
from workflows.kinds import DocumentKind
from workflows.models import Case

#: How far up the line of superiors a stage looks for somebody who may decide.
SUPERIOR_LEVELS = 8


def holders_of(rule: AssigneeRule, case: Case) -> list[RoleAssignment]:
    """The active people who hold the rule's role in its reach, one row a holding."""
    known = _known.get(_NOTHING).get(_asked(rule, case))
    if known is not None:
        return known
    match rule.reach:
        case RoleReach.BRANCH:
            return _HOLDERS_IN_BRANCH(rule.role, case.branch_id)
        case RoleReach.DEPARTMENT:
            return _HOLDERS_IN_DEPARTMENT(rule.role, case.branch_id, case.department_id)
        case RoleReach.HEAD_OFFICE:
            return _HOLDERS_AT_HEAD_OFFICE(rule.role)
        case _:
            return _HOLDERS(rule.role)


def _holding(role: str, *reach: Q) -> QuerySet[RoleAssignment]:
    held = RoleAssignment.objects.filter(*reach, role__code=role, employee__is_active=True)
    return held.select_related("employee").order_by("employee_id", "id")


def _in_branch(branch_id: int) -> Q:
    return Q(branch=None) | Q(branch=branch_id)


_HOLDERS = Compiled(_holding)
_HOLDERS_AT_HEAD_OFFICE = Compiled(
    lambda role: _holding(role, Q(branch=None) | Q(branch__is_head_office=True))
)
_HOLDERS_IN_BRANCH = Compiled(lambda role, branch_id: _holding(role, _in_branch(branch_id)))
_HOLDERS_IN_DEPARTMENT = Compiled(
    lambda role, branch_id, department_id: _holding(
        role, _in_branch(branch_id), Q(department=None) | Q(department=department_id)
    )
)


#: role, reach, branch and department
_Asked = tuple[str, RoleReach, int | None, int | None]
_known: ContextVar[Mapping[_Asked, list[RoleAssignment]]] = ContextVar("holders")


_NOTHING: Mapping[_Asked, list[RoleAssignment]] = {}


def _asked(rule: AssigneeRule, case: Case) -> _Asked:
    return rule.role, rule.reach, case.branch_id, case.department_id


@contextmanager
def holders_at_once(rules: Iterable[AssigneeRule], case: Case) -> Iterator[None]:
    """Inside, ``holders_of`` finds the holders for these rules already there; one statement.

    For a chain that is only looked at: whoever begins a stage asks anew.
    """
    wanted = [rule for rule in expanded(rules) if rule.kind == AssigneeKind.ROLE]
    near = (RoleReach.BRANCH, RoleReach.DEPARTMENT, RoleReach.HEAD_OFFICE)
    anywhere = {rule.role for rule in wanted if rule.reach not in near}
    is_near = _in_branch(case.branch_id) | Q(branch__is_head_office=True)
    held = RoleAssignment.objects.filter(
        is_near | Q(role__code__in=anywhere),
        role__code__in={rule.role for rule in wanted},
        employee__is_active=True,
    ).select_related("employee", "role", "branch")
    rows = list(held.order_by("employee_id", "id")) if wanted else []
    token = _known.set(
        {
            _asked(rule, case): [row for row in rows if is_held(_held(row), rule, case)]
            for rule in wanted
        }
    )
    try:
        yield
    finally:
        _known.reset(token)


def _held(row: RoleAssignment) -> HeldRole:
    is_at_head_office = row.branch is not None and row.branch.is_head_office
    return HeldRole(row.role.code, row.role_id, row.branch_id, row.department_id, is_at_head_office)


def is_held(held: HeldRole, rule: AssigneeRule, case: Case) -> bool:
    """Whether it is the rule's role in its reach: the conditions of the statements above."""
    is_own = held.branch_id in (None, case.branch_id)
    is_in_reach = {
        RoleReach.BRANCH: is_own,
        RoleReach.DEPARTMENT: is_own and held.department_id in (None, case.department_id),
        RoleReach.HEAD_OFFICE: held.branch_id is None or held.is_at_head_office,
    }
    return held.code == rule.role and is_in_reach.get(rule.reach, True)


@dataclass(frozen=True)
class Place:
    """What has to be answered by somebody: a role, one named person, one level of superiors.

    ``people`` are those active ones who would answer; empty where a role has no holder, a line
    of superiors ends before the level, or the person has left. ``reason`` identifies the place.
    """

    rule: AssigneeRule
    reason: dict[str, Any]
    people: tuple[Employee, ...] = ()
    #: of a role: its holdings, one a row
    holdings: tuple[RoleAssignment, ...] = ()


def expanded(rules: Iterable[AssigneeRule]) -> list[AssigneeRule]:
    """A committee as what it is made of: its members, and its chair with the veto."""
    found = []
    for rule in rules:
        if rule.kind != AssigneeKind.COMMITTEE:
            found.append(rule)
            continue
        role = replace(rule, kind=AssigneeKind.ROLE, reach=RoleReach.ANYWHERE)
        found.append(replace(role, role=RoleCode.RC.value, has_veto=False))
        found.append(replace(role, role=RoleCode.RCC.value, has_veto=True))
    return found


def places_of(
    rules: Iterable[AssigneeRule], case: Case, kind: DocumentKind, document: Callable[[], Any]
) -> list[Place]:
    """The places of a stage in the order of its rules.

    ``document`` loads the document; it is only called for the person fields that rules name.
    """
    return [place for rule in expanded(rules) for place in _places(rule, case, kind, document)]


def _places(
    rule: AssigneeRule, case: Case, kind: DocumentKind, document: Callable[[], Any]
) -> list[Place]:
    reason = _reason(rule)
    match rule.kind:
        case AssigneeKind.ROLE:
            rows = tuple(holders_of(rule, case))
            people = tuple(row.employee for row in rows)
            return [Place(rule, reason, people, rows)]
        case AssigneeKind.PEOPLE | AssigneeKind.APPLICANT | AssigneeKind.PREVIOUS:
            return _named(rule, reason)
        case AssigneeKind.SUPERIOR:
            chain = superior_chain(case.handler, rule.level)
            return [Place(rule, reason, tuple(chain[rule.level - 1 : rule.level]))]
        case AssigneeKind.SUPERIOR_CHAIN:
            chain = superior_chain(case.handler, rule.level)
            return [
                Place(rule, {**reason, "at": level}, tuple(chain[level - 1 : level]))
                for level in range(1, rule.level + 1)
            ]
        case AssigneeKind.PERSON_FIELD:
            ids = kind.people_in_field(document(), rule.field)
            if len(ids) > 1:
                return _named(replace(rule, people=tuple(ids)), reason)
            found = Employee.objects.filter(pk__in=ids, is_active=True)
            return [Place(rule, reason, tuple(found))]
    raise ValueError(f"no people for a {rule.kind} rule")


def _named(rule: AssigneeRule, reason: dict[str, Any]) -> list[Place]:
    """A place for each person; a choice that nobody made yet is one place without people."""
    known = Employee.objects.filter(pk__in=rule.people).in_bulk()
    places = []
    for pk in dict.fromkeys(rule.people):
        person = known.get(pk)
        told = {**reason, "person": pk, "name": person.name if person else ""}
        is_there = person is not None and person.is_active
        places.append(Place(rule, told, (person,) if person and is_there else ()))
    return places or [Place(rule, reason)]


def first_free(person: Employee, excluded: set[int]) -> Employee | None:
    """The nearest superior who is active and may decide."""
    for superior in superior_chain(person, SUPERIOR_LEVELS):
        if superior.is_active and superior.pk not in excluded:
            return superior
    return None


def _reason(rule: AssigneeRule) -> dict[str, Any]:
    """What 'why me' is told from: the rule with its parameters, no titles."""
    reason: dict[str, Any] = {"rule": rule.kind.value}
    if rule.kind == AssigneeKind.ROLE:
        reason |= {"role": rule.role, "reach": rule.reach.value}
    if rule.kind in (AssigneeKind.SUPERIOR, AssigneeKind.SUPERIOR_CHAIN):
        reason["level"] = rule.level
    if rule.kind == AssigneeKind.PERSON_FIELD:
        reason["field"] = rule.field
    return reason
