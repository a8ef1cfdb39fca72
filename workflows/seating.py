"""会签, 依次, 票签: every place of the stage is a seat, and a seat without a holder stays one.

A place whose people may not decide goes on by the stage's settings: to a superior, to whom the
policy for empty seats names, past somebody who has decided already. Where nobody is left the
seat is vacant; it is never dropped, so that a stage does not pass on the others' consent alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from staff.models import Employee
from workflows.bpmn.model import DecideMode, OnEmpty, OnHandler, StageSettings
from workflows.finding import Place, first_free
from workflows.models import Case
from workflows.seats import Resolution, Seat, Vacancy


def seat_all(
    settings: StageSettings,
    case: Case,
    places: Iterable[Place],
    *,
    decided: set[int],
    related: set[int],
    taken: Collection[int] = (),
) -> Resolution:
    """The seats of a stage in the order of its places, vacant ones among them.

    ``decided`` have decided in this round, ``related`` must abstain; ``taken`` are asked at the
    stage already, and a place that one of them answers needs no seat of its own.
    """
    table = _Table(settings, case, decided=decided, related=related, taken=set(taken))
    places = list(places)
    table.has_others = any(table.free(place) for place in places)
    for place in places:
        table.sit(place)
    return table.resolution()


def stand_in_for_nobody(settings: StageSettings, case: Case, excluded: set[int]) -> Employee | None:
    """The policy for an empty seat: the handler's superior, or a named person; None is to stop."""
    if settings.on_empty == OnEmpty.SUPERIOR:
        return first_free(case.handler, excluded)
    if settings.on_empty == OnEmpty.PERSON and settings.empty_person not in excluded:
        return Employee.objects.filter(pk=settings.empty_person, is_active=True).first()
    return None


def empty_reason(settings: StageSettings) -> dict[str, Any]:
    rule = "SUPERIOR" if settings.on_empty == OnEmpty.SUPERIOR else "PEOPLE"
    return {"rule": rule, "because": "empty"}


class _Table:
    """The seats that are filled so far."""

    has_others = False

    def __init__(
        self,
        settings: StageSettings,
        case: Case,
        *,
        decided: set[int],
        related: set[int],
        taken: set[int],
    ) -> None:
        self._settings = settings
        self._case = case
        self._handlers = {case.handler_id, case.creator_id}
        self._decided = decided
        self._related = related
        self._taken = taken
        self._excluded = self._handlers | decided | related
        self._is_vote = settings.decide == DecideMode.VOTE
        self._seats: dict[int, Seat] = {}
        self._vacant: list[Vacancy] = []
        self._passed: list[str] = []

    def free(self, place: Place) -> list[Employee]:
        return [person for person in place.people if person.pk not in self._excluded]

    def sit(self, place: Place) -> None:
        filled = (
            self._superior_of_handler(place)
            or self._holders(place)
            or self._skipped(place)
            or self._passed_by(place)
            or self._superior_of_barred(place)
            or self._by_policy(place)
        )
        if not filled:
            rule = place.rule
            self._vacant.append(
                Vacancy(place.reason, len(self._seats), weight=rule.weight, has_veto=rule.has_veto)
            )

    def resolution(self) -> Resolution:
        if self._seats or self._vacant:
            return Resolution(
                seats=tuple(self._seats.values()),
                vacant=tuple(self._vacant),
                passed=tuple(self._passed),
            )
        return Resolution(auto_pass=self._passed[0] if self._passed else "")

    def _superior_of_handler(self, place: Place) -> bool:
        """A committee never takes a substitute for the handler (RCM-09)."""
        own = self._own(place)
        if own is None or self._is_vote or self._may_skip():
            return False
        superior = first_free(own, self._excluded)
        if superior is None:
            return False
        self._holders(place)
        return self._instead(place, own, superior, "handler")

    def _holders(self, place: Place) -> bool:
        taken = [self._take(person, self._seat(place, person)) for person in self.free(place)]
        return any(taken)

    def _skipped(self, place: Place) -> bool:
        return self._own(place) is not None and self._may_skip()

    def _passed_by(self, place: Place) -> bool:
        if not self._settings.passes_by_itself:
            return False
        names = [person.name for person in place.people if self._has_decided(person)]
        self._passed += names[:1]
        return bool(names)

    def _superior_of_barred(self, place: Place) -> bool:
        if self._is_vote:
            return False
        barred = [(person, "decided") for person in place.people if self._has_decided(person)]
        barred += [(p, "recused") for p in place.people if p.pk in self._related - self._handlers]
        for person, because in barred:
            superior = first_free(person, self._excluded)
            if superior is not None:
                return self._instead(place, person, superior, because)
        return False

    def _by_policy(self, place: Place) -> bool:
        excluded = set(self._excluded)
        if self._is_vote or self._settings.on_empty == OnEmpty.SUPERIOR:
            # One vote a person: whoever sits here already does not fill a second seat.
            excluded |= self._taken | set(self._seats)
        person = stand_in_for_nobody(self._settings, self._case, excluded)
        if person is None:
            return False
        reason = {**empty_reason(self._settings), "seat": place.reason}
        return self._take(person, self._seat(place, person, reason))

    def _own(self, place: Place) -> Employee | None:
        people = {person.pk: person for person in place.people}
        return people.get(self._case.handler_id) or people.get(self._case.creator_id)

    def _may_skip(self) -> bool:
        return self._settings.on_handler == OnHandler.SKIP_IF_OTHERS and self.has_others

    def _has_decided(self, person: Employee) -> bool:
        return person.pk in self._decided - self._handlers - self._related

    def _seat(self, place: Place, person: Employee, reason: dict[str, Any] | None = None) -> Seat:
        rule = place.rule
        return Seat(person, reason or place.reason, weight=rule.weight, has_veto=rule.has_veto)

    def _instead(self, place: Place, person: Employee, superior: Employee, because: str) -> bool:
        reason = {**place.reason, "instead_of": person.name, "because": because}
        return self._take(superior, self._seat(place, superior, reason))

    def _take(self, person: Employee, seat: Seat) -> bool:
        """Sit down; who sits already keeps his one seat, with the stronger vote of both."""
        if person.pk in self._taken:
            # In a vote the place's own weight and veto would be lost with its seat.
            return not self._is_vote
        known = self._seats.get(person.pk)
        if known is not None:
            seat = replace(
                known,
                weight=max(known.weight, seat.weight),
                has_veto=known.has_veto or seat.has_veto,
            )
        self._seats[person.pk] = seat
        return True
