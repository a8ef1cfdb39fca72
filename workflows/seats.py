"""What a stage opens with: seats and pools, an automatic pass, or nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from staff.models import Delegation, Employee


@dataclass(frozen=True)
class Seat:
    """One person who is asked, what his vote counts, and why he is asked."""

    employee: Employee
    reason: dict[str, Any]
    weight: int = 1
    has_veto: bool = False
    delegation: Delegation | None = None

    @property
    def on_behalf_of(self) -> Employee | None:
        return self.delegation.principal if self.delegation else None


@dataclass(frozen=True)
class Vacancy:
    """A seat that nobody holds; ``place`` is how many filled seats stand before it."""

    reason: dict[str, Any]
    place: int
    weight: int = 1
    has_veto: bool = False


@dataclass(frozen=True)
class Pool:
    """A role in a scope whose holders may take the item; ``holders`` are those of now."""

    role_id: int
    branch_id: int | None
    department_id: int | None
    holders: tuple[Employee, ...]
    reason: dict[str, Any]
    #: holders who are away and whose delegates are asked beside the pool
    away: tuple[int, ...] = ()
    #: who takes the item up at once (``taken_up_by``)
    taker: Employee | None = None


@dataclass(frozen=True)
class Resolution:
    """What a stage opens with: seats, or pools, or an automatic pass, or nobody."""

    seats: tuple[Seat, ...] = ()
    #: seats without a holder, where each place is a seat; the stage waits for them
    vacant: tuple[Vacancy, ...] = ()
    pools: tuple[Pool, ...] = ()
    auto_pass: str = ""
    #: who has decided already and whose seats therefore pass, while others decide
    passed: tuple[str, ...] = ()
    #: whom the rules name and who must abstain (WF-17)
    recused: tuple[Employee, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody at all can be asked; vacant seats ask nobody."""
        return not (self.seats or self.pools or self.auto_pass)

    def in_order(self) -> list[Seat | Vacancy]:
        """Filled and vacant seats in the order of the stage's rules."""
        found: list[Seat | Vacancy] = list(self.seats)
        for vacancy in reversed(self.vacant):
            found.insert(vacancy.place, vacancy)
        return found

    def taken_up_by(self, person_id: int | None) -> Resolution:
        """直达退回人: who returned the case takes it up again, while he still belongs to a pool.

        Of several pools he takes one, and none where he is asked by name: he holds the step once.
        """
        if any(seat.employee.pk == person_id for seat in self.seats):
            return self
        for number, pool in enumerate(self.pools):
            taker = next((each for each in pool.holders if each.pk == person_id), None)
            if taker is not None:
                taken = replace(pool, holders=(taker,), taker=taker)
                pools = (*self.pools[:number], taken, *self.pools[number + 1 :])
                return replace(self, pools=pools)
        return self

    def people(self) -> list[Employee]:
        found = {seat.employee.pk: seat.employee for seat in self.seats}
        for pool in self.pools:
            found.update({person.pk: person for person in pool.holders})
        return list(found.values())

    def names(self) -> list[str]:
        """The people as a preview names them; a delegate with whom he stands in for."""
        for_whom = {seat.employee.pk: seat.on_behalf_of for seat in self.seats}
        return [name_with(person, for_whom.get(person.pk)) for person in self.people()]


_IDENTITY = ("rule", "role", "reach", "level", "at", "field", "person", "name")


def seat_of(reason: Mapping[str, Any]) -> dict[str, Any]:
    """The seat that an item was asked for, whoever came to it since and why."""
    seat = reason.get("seat", reason)
    return {key: seat[key] for key in _IDENTITY if key in seat}


def name_with(person: Employee, on_behalf_of: Employee | None) -> str:
    """A name, as 'B for A' where a delegate stands in."""
    if on_behalf_of is None:
        return person.name
    return _("%(name)s for %(other)s") % {"name": person.name, "other": on_behalf_of.name}
