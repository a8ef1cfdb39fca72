"""Who decides at a stage: rules to people, with the reason kept for 'why me'.

Nobody is ever chosen who created or handles the document or has decided in this round,
and an empty list never means approval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from lending_crm.common.compiled import Compiled
from staff.choices import DutyLine, RoleCode
from staff.models import Delegation, Employee, RoleAssignment
from staff.selectors import superior_chain
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    OnEmpty,
    OnHandler,
    OnSamePerson,
    RoleReach,
    StageSettings,
)
from workflows.conflicts import recused
from workflows.kinds import DocumentKind
from workflows.models import Case
from workflows.seats import Pool, Resolution, Seat

#: How far up the line of superiors a stage looks for somebody who may decide.
SUPERIOR_LEVELS = 8


def holders_of(rule: AssigneeRule, case: Case) -> list[RoleAssignment]:
    """The active people who hold the rule's role in its reach, one row a holding."""
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


def resolve(
    settings: StageSettings,
    case: Case,
    *,
    kind: DocumentKind,
    document: Callable[[], Any],
    decided: Iterable[int],
    now: datetime | None = None,
) -> Resolution:
    """Find the people of a stage.

    ``decided`` are the employees who decided in this round. ``document`` loads the document;
    it is only called for the person fields that rules name. With ``now`` the delegates of
    those who are away then are asked in their place.
    """
    decided = set(decided)
    found = _resolve(settings, case, kind=kind, document=document, decided=decided)
    if now is None:
        return found
    return with_delegates(found, settings, case, decided=decided, now=now)


def _resolve(
    settings: StageSettings,
    case: Case,
    *,
    kind: DocumentKind,
    document: Callable[[], Any],
    decided: set[int],
) -> Resolution:
    rules = expanded(settings.assignees)
    found, role_rows = _found(rules, case, kind, document)
    related = recused(case)
    chosen = _chosen(settings, case, found, role_rows, decided, related)
    if related.isdisjoint(found):
        return chosen
    return replace(chosen, recused=tuple(found[pk].employee for pk in found if pk in related))


def _chosen(
    settings: StageSettings,
    case: Case,
    found: dict[int, Seat],
    role_rows: list[tuple[AssigneeRule, list[RoleAssignment]]],
    decided: set[int],
    related: set[int],
) -> Resolution:
    handlers = {case.handler_id, case.creator_id}
    excluded = handlers | decided | related
    open_seats = [seat for pk, seat in found.items() if pk not in excluded]
    own_seat = next((found[pk] for pk in (case.handler_id, case.creator_id) if pk in found), None)
    if own_seat is not None and _goes_to_superior(settings, open_seats):
        return _instead_of_handler(settings, case, own_seat, open_seats, excluded)
    if open_seats:
        if settings.decide == DecideMode.ANY and len(role_rows) == len(
            expanded(settings.assignees)
        ):
            return Resolution(pools=tuple(_pools(role_rows, excluded, case)))
        return Resolution(seats=tuple(open_seats))
    repeated = [seat for pk, seat in found.items() if pk in decided - handlers - related]
    if repeated and settings.on_same_person == OnSamePerson.AUTO_PASS:
        return Resolution(auto_pass=repeated[0].employee.name)
    for seat in repeated:
        replaced = _superior_seat(seat, excluded, because="decided")
        if replaced is not None:
            return Resolution(seats=(replaced,))
    for seat in [seat for pk, seat in found.items() if pk in related - handlers]:
        # A committee goes on without a member who abstains; elsewhere his superior decides.
        replaced = _superior_seat(seat, excluded, because="recused")
        if replaced is not None and settings.decide != DecideMode.VOTE:
            return Resolution(seats=(replaced,))
    return _nobody(settings, case, excluded)


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


def _found(
    rules: Iterable[AssigneeRule],
    case: Case,
    kind: DocumentKind,
    document: Callable[[], Any],
) -> tuple[dict[int, Seat], list[tuple[AssigneeRule, list[RoleAssignment]]]]:
    """Everybody whom the rules name, each with one seat; role rows apart."""
    found: dict[int, Seat] = {}
    role_rows: list[tuple[AssigneeRule, list[RoleAssignment]]] = []
    for rule in rules:
        if rule.kind == AssigneeKind.ROLE:
            rows = holders_of(rule, case)
            role_rows.append((rule, rows))
            people = [row.employee for row in rows]
        else:
            people = _people(rule, case, kind=kind, document=document)
        for person in people:
            seat = Seat(person, _reason(rule), weight=rule.weight, has_veto=rule.has_veto)
            found[person.pk] = _merged(found.get(person.pk), seat)
    return found, role_rows


def _goes_to_superior(settings: StageSettings, others: list[Seat]) -> bool:
    """A committee simply goes on without the handler (RCM-09)."""
    if settings.decide == DecideMode.VOTE:
        return False
    return not (settings.on_handler == OnHandler.SKIP_IF_OTHERS and others)


def _instead_of_handler(
    settings: StageSettings,
    case: Case,
    own_seat: Seat,
    others: list[Seat],
    excluded: set[int],
) -> Resolution:
    """The handler's seat goes to his superior; where all must agree, the others stay."""
    remaining = [] if settings.decide == DecideMode.ANY else others
    superior = _superior_seat(own_seat, excluded, because="handler")
    if superior is not None:
        kept = [seat for seat in remaining if seat.employee.pk != superior.employee.pk]
        return Resolution(seats=(*kept, superior))
    if remaining:
        return Resolution(seats=tuple(remaining))
    return _nobody(settings, case, excluded)


def _superior_seat(seat: Seat, excluded: set[int], *, because: str) -> Seat | None:
    superior = first_free(seat.employee, excluded)
    if superior is None:
        return None
    reason = {**seat.reason, "instead_of": seat.employee.name, "because": because}
    return Seat(superior, reason, seat.weight)


def _nobody(settings: StageSettings, case: Case, excluded: set[int]) -> Resolution:
    """The empty-seat policy: stop, the handler's superior, or a named person."""
    if settings.on_empty == OnEmpty.SUPERIOR:
        superior = first_free(case.handler, excluded)
        if superior is not None:
            return Resolution(seats=(Seat(superior, {"rule": "SUPERIOR", "because": "empty"}),))
    if settings.on_empty == OnEmpty.PERSON and settings.empty_person not in excluded:
        person = Employee.objects.filter(pk=settings.empty_person, is_active=True).first()
        if person is not None:
            return Resolution(seats=(Seat(person, {"rule": "PEOPLE", "because": "empty"}),))
    return Resolution()


def _people(rule: AssigneeRule, case: Case, *, kind: DocumentKind, document: Any) -> list[Employee]:
    match rule.kind:
        case AssigneeKind.PEOPLE | AssigneeKind.APPLICANT | AssigneeKind.PREVIOUS:
            active = Employee.objects.filter(pk__in=rule.people, is_active=True).in_bulk()
            return [active[pk] for pk in rule.people if pk in active]
        case AssigneeKind.SUPERIOR:
            chain = superior_chain(case.handler, rule.level)
            return [p for p in chain[rule.level - 1 : rule.level] if p.is_active]
        case AssigneeKind.SUPERIOR_CHAIN:
            return [p for p in superior_chain(case.handler, rule.level) if p.is_active]
        case AssigneeKind.PERSON_FIELD:
            person_id = kind.person_field(document(), rule.field)
            return list(Employee.objects.filter(pk=person_id, is_active=True))
    raise ValueError(f"no people for a {rule.kind} rule")


def first_free(person: Employee, excluded: set[int]) -> Employee | None:
    """The nearest superior who is active and may decide."""
    for superior in superior_chain(person, SUPERIOR_LEVELS):
        if superior.is_active and superior.pk not in excluded:
            return superior
    return None


def _merged(known: Seat | None, seat: Seat) -> Seat:
    """One seat for who is found by several rules: the first reason, the stronger vote."""
    if known is None:
        return seat
    return replace(
        known,
        weight=max(known.weight, seat.weight),
        has_veto=known.has_veto or seat.has_veto,
    )


def _pools(
    role_rows: list[tuple[AssigneeRule, list[RoleAssignment]]],
    excluded: set[int],
    case: Case,
) -> Iterable[Pool]:
    for rule, rows in role_rows:
        free = tuple(row.employee for row in rows if row.employee_id not in excluded)
        if not free:
            continue
        branch_id: int | None = None
        department_id: int | None = None
        if rule.reach in (RoleReach.BRANCH, RoleReach.DEPARTMENT):
            branch_id = case.branch_id
        if rule.reach == RoleReach.DEPARTMENT:
            department_id = case.department_id
        if rule.reach == RoleReach.HEAD_OFFICE:
            branch_id = next((row.branch_id for row in rows if row.branch_id), None)
        yield Pool(rows[0].role_id, branch_id, department_id, free, _reason(rule))


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


def with_delegates(
    found: Resolution, settings: StageSettings, case: Case, *, decided: set[int], now: datetime
) -> Resolution:
    """Put the delegates of those who are away in their place.

    Asks nothing of the database while nobody of the stage is away. A delegate's own
    delegation is not followed; who handles the document, has decided, is asked anyway or
    lacks the duty line stands in for nobody, and then the person away is asked himself. A
    seat of a committee is personal. Of a pool only those away leave; it goes altogether when
    nobody else is in it.
    """
    if settings.decide == DecideMode.VOTE:
        return found
    away = {p.pk for p in found.people() if p.away_until is not None and p.away_until > now}
    if not away:
        return found
    taken = {person.pk for person in found.people()}
    fit: dict[int, Delegation] = {}
    for delegation in delegations_for(away, case, now):
        delegate = delegation.delegate
        barred = {case.handler_id, case.creator_id} | decided | taken | recused(case)
        if delegate.pk in barred or not may_stand_in(delegate, settings.duty_line):
            continue
        fit[delegation.principal_id] = delegation
        taken.add(delegate.pk)
    seats = [_delegated(seat, fit.get(seat.employee.pk)) for seat in found.seats]
    pools = []
    for pool in found.pools:
        leaving = [person for person in pool.holders if person.pk in fit]
        for person in leaving:
            if all(seat.on_behalf_of != person for seat in seats):
                seats.append(_delegated(Seat(person, pool.reason), fit[person.pk]))
        staying = tuple(person for person in pool.holders if person.pk not in fit)
        if staying:
            gone = tuple(person.pk for person in leaving)
            pools.append(replace(pool, holders=staying, away=gone))
    return replace(found, seats=tuple(seats), pools=tuple(pools))


def delegations_for(away: Iterable[int], case: Case, now: datetime) -> list[Delegation]:
    """The delegations in force that reach the case, by kind and ceiling."""
    rows = Delegation.objects.in_force(now).filter(
        principal__in=away, document_kind__in=("", case.document_kind), delegate__is_active=True
    )
    found = rows.select_related("principal", "delegate").order_by("id")
    return [row for row in found if is_within(row, case)]


def is_within(delegation: Delegation, case: Case) -> bool:
    """Whether the case stays below the ceiling; one without an amount is above every ceiling."""
    if delegation.max_amount is None:
        return True
    return case.amount is not None and case.amount <= delegation.max_amount


def may_stand_in(person: Employee, duty_line: str) -> bool:
    """审贷分离: who stands in holds a role of the step's duty line, or of general management."""
    return bool(deciding_lines(person) & {duty_line, DutyLine.MANAGEMENT})


def deciding_lines(person: Employee) -> set[str]:
    """The duty lines in which the person decides; account managers decide in none."""
    held = RoleAssignment.objects.filter(employee=person).exclude(role__code=RoleCode.AM)
    return set(held.values_list("duty_line", flat=True))


def reason_to_stand_in(reason: dict[str, Any], delegation: Delegation) -> dict[str, Any]:
    return {
        **reason,
        "for": delegation.principal.name,
        "until": delegation.ends_at.isoformat(),
    }


def _delegated(seat: Seat, delegation: Delegation | None) -> Seat:
    if delegation is None:
        return seat
    return replace(
        seat,
        employee=delegation.delegate,
        reason=reason_to_stand_in(seat.reason, delegation),
        delegation=delegation,
    )
