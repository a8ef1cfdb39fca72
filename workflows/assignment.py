"""Who decides at a stage: rules to people, with the reason kept for 'why me'.

Nobody is ever chosen who created or handles the document or has decided in this round,
and an empty list never means approval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from staff.models import Delegation, Employee
from staff.ranks import LEVELS, PRESIDENT, Rank, ranks_of
from workflows.bpmn.model import (
    AssigneeKind,
    DecideMode,
    OnHandler,
    RoleReach,
    StageSettings,
)
from workflows.conflicts import has_handled, recused
from workflows.finding import Place, expanded, first_free, places_of
from workflows.kinds import DocumentKind
from workflows.models import Case
from workflows.seating import empty_reason, seat_all, stand_in_for_nobody
from workflows.seats import Pool, Resolution, Seat, Vacancy, seat_of


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


def refill(
    settings: StageSettings,
    case: Case,
    seat: Mapping[str, Any],
    *,
    kind: DocumentKind,
    document: Callable[[], Any],
    decided: Iterable[int],
    taken: Iterable[int],
    now: datetime,
) -> Resolution:
    """Who sits down in one seat of a stage that has lost its holder, or never had one.

    ``seat`` is the place, as the work item keeps it; ``taken`` are asked at the stage already.
    Nothing at all found means that one of these answers for the seat as well, or that it passes
    (``auto_pass``). A place that the route's present version does not know stays vacant.
    """
    decided, taken = set(decided), set(taken)
    places = places_of(settings.assignees, case, kind, document)
    mine = [place for place in places if seat_of(place.reason) == seat][:1]
    if not mine:
        return Resolution(vacant=(Vacancy(dict(seat), 0),))
    found = seat_all(settings, case, mine, decided=decided, related=recused(case), taken=taken)
    return with_delegates(found, settings, case, decided=decided | taken, now=now)


def _resolve(
    settings: StageSettings,
    case: Case,
    *,
    kind: DocumentKind,
    document: Callable[[], Any],
    decided: set[int],
) -> Resolution:
    places = places_of(settings.assignees, case, kind, document)
    related = recused(case)
    if settings.decide == DecideMode.ANY:
        chosen = _anybody(settings, case, places, decided, related)
    else:
        chosen = seat_all(settings, case, places, decided=decided, related=related)
    named = {person.pk: person for place in places for person in place.people}
    abstaining = [pk for pk in named if pk in related and not has_handled(case, pk)]
    if not abstaining:
        return chosen
    return replace(chosen, recused=tuple(named[pk] for pk in abstaining))


def _anybody(
    settings: StageSettings,
    case: Case,
    places: list[Place],
    decided: set[int],
    related: set[int],
) -> Resolution:
    """或签 and pools: one answer is enough, so a rule without people is no seat of its own."""
    found: dict[int, Seat] = {}
    for place in places:
        for person in place.people:
            found.setdefault(person.pk, Seat(person, place.reason))
    handlers = {case.handler_id, case.creator_id}
    excluded = handlers | decided | related
    free = tuple(seat for pk, seat in found.items() if pk not in excluded)
    own = next((found[pk] for pk in (case.handler_id, case.creator_id) if pk in found), None)
    if own is not None and not (settings.on_handler == OnHandler.SKIP_IF_OTHERS and free):
        instead = _superior_seat(own, excluded, because="handler")
        return _one(instead) or _nobody(settings, case, excluded)
    if free:
        if all(place.rule.kind == AssigneeKind.ROLE for place in places):
            return Resolution(pools=tuple(_pools(places, excluded, case)))
        return Resolution(seats=free)
    repeated = [seat for pk, seat in found.items() if pk in decided - handlers - related]
    if repeated and settings.passes_by_itself:
        return Resolution(auto_pass=repeated[0].employee.name)
    abstaining = [seat for pk, seat in found.items() if pk in related - handlers]
    for because, seats in (("decided", repeated), ("recused", abstaining)):
        for seat in seats:
            if replaced := _one(_superior_seat(seat, excluded, because=because)):
                return replaced
    return _nobody(settings, case, excluded)


def _one(seat: Seat | None) -> Resolution | None:
    return Resolution(seats=(seat,)) if seat is not None else None


def _superior_seat(seat: Seat, excluded: set[int], *, because: str) -> Seat | None:
    superior = first_free(seat.employee, excluded)
    if superior is None:
        return None
    return Seat(superior, {**seat.reason, "instead_of": seat.employee.name, "because": because})


def _nobody(settings: StageSettings, case: Case, excluded: set[int]) -> Resolution:
    person = stand_in_for_nobody(settings, case, excluded)
    if person is None:
        return Resolution()
    return Resolution(seats=(Seat(person, empty_reason(settings)),))


def _pools(places: list[Place], excluded: set[int], case: Case) -> Iterable[Pool]:
    for place in places:
        rule, rows = place.rule, place.holdings
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
        yield Pool(rows[0].role_id, branch_id, department_id, free, place.reason)


def with_delegates(
    found: Resolution, settings: StageSettings, case: Case, *, decided: set[int], now: datetime
) -> Resolution:
    """Put the delegates of those who are away in their place.

    Asks nothing of the database while nobody of the stage is away. A delegate's own
    delegation is not followed; who handles the document, has decided, is asked anyway or
    lacks the duty line or the level stands in for nobody, and then the person away is asked
    himself. A seat of a committee is personal. Of a pool only those away leave; it goes
    altogether when nobody else is in it.
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
        if delegate.pk in barred or not may_stand_in(delegate, settings, case):
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


def may_stand_in(person: Employee, settings: StageSettings, case: Case) -> bool:
    """Whether the person's roles let him decide at the stage; ``is_fit`` says by what."""
    return is_fit(ranks_of([person.pk])[person.pk], settings, case)


def is_fit(ranks: Iterable[Rank], settings: StageSettings, case: Case) -> bool:
    """审贷分离 and the same role level, for who decides in another's place.

    One of his roles is of the stage's duty line or of general management, of at least the
    level of the roles that the stage asks, and holds where the stage looks for them.
    """
    needed = needed_level(settings)
    reaches = {rule.reach for rule in expanded(settings.assignees) if rule.role}
    return any(
        rank.reaches(settings.duty_line, needed)
        and (
            rank.branch_id in (None, case.branch_id)
            or RoleReach.ANYWHERE in reaches
            or (RoleReach.HEAD_OFFICE in reaches and rank.is_at_head_office)
        )
        for rank in ranks
    )


def needed_level(settings: StageSettings) -> int:
    """The lowest level of the roles that the stage names; where it names none, its authority's.

    The bands of the authority table end at the branch, head office, the committee and the
    president; a stage without either is open to every level of its duty line.
    """
    named = [LEVELS[rule.role] for rule in expanded(settings.assignees) if rule.role in LEVELS]
    if named:
        return min(named)
    return 0 if settings.authority_level is None else min(settings.authority_level + 1, PRESIDENT)


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
