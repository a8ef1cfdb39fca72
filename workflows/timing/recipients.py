"""Who hears of the time at many stages at once, by a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from staff.choices import RoleCode
from staff.models import Employee, RoleAssignment
from staff.selectors import holders, in_charge_above, nearest_superiors
from workflows.bpmn.ladder import Recipient
from workflows.choices import ItemState
from workflows.models import WorkItem


@dataclass(frozen=True)
class Told:
    """Who hears of one timer: who holds the work, who stands above him or is in charge, the
    administrators."""

    asked: tuple[int, ...] = ()
    above: tuple[int, ...] = ()
    administrators: tuple[int, ...] = ()

    @property
    def everybody(self) -> tuple[int, ...]:
        return (*self.asked, *self.above, *self.administrators)


@dataclass
class Hearers:
    """``asked`` hold the open work of a stage; their superiors, who is in charge of their
    office, and the administrators."""

    asked: dict[int, list[int]] = field(default_factory=dict)
    superiors: dict[int, int] = field(default_factory=dict)
    in_charge: dict[int, list[int]] = field(default_factory=dict)
    administrators: tuple[int, ...] = ()
    names: dict[int, str] = field(default_factory=dict)

    def told(self, stage_id: int, tell: Iterable[str]) -> Told:
        """Who of them hears of a stage; everybody once, as the first that he is."""
        held = self.asked.get(stage_id, [])
        asked = held if Recipient.ASSIGNEE in tell else []
        above = []
        if Recipient.SUPERIOR in tell:
            above += [self.superiors[pk] for pk in held if pk in self.superiors]
        if Recipient.IN_CHARGE in tell:
            above += [leader for pk in held for leader in self.in_charge.get(pk, [])]
        keepers = self.administrators if Recipient.ADMINISTRATOR in tell else ()
        above = [pk for pk in dict.fromkeys(above) if pk not in asked]
        return Told(
            tuple(asked),
            tuple(above),
            tuple(pk for pk in keepers if pk not in asked and pk not in above),
        )

    def names_of(self, people: Iterable[int]) -> list[str]:
        return [self.names[pk] for pk in people if pk in self.names]


def hearers_of(stage_ids: Iterable[int], tell: Iterable[str]) -> Hearers:
    """Look up everybody whom these stages may concern; ``tell`` says which kinds are asked for."""
    wanted = set(tell)
    hearers = Hearers(asked=_asked(stage_ids))
    people = {pk for held in hearers.asked.values() for pk in held}
    if Recipient.SUPERIOR in wanted and people:
        hearers.superiors = nearest_superiors(people)
    if Recipient.IN_CHARGE in wanted and people:
        hearers.in_charge = in_charge_above(people)
    if Recipient.ADMINISTRATOR in wanted:
        hearers.administrators = tuple(person.pk for person in holders(RoleCode.ADM))
    named = people.union(
        hearers.superiors.values(), *hearers.in_charge.values(), hearers.administrators
    )
    hearers.names = dict(Employee.objects.filter(pk__in=named).values_list("pk", "name"))
    return hearers


def _asked(stage_ids: Iterable[int]) -> dict[int, list[int]]:
    """Assignees, and everybody of an unclaimed pool, by stage."""
    items = list(
        WorkItem.objects.filter(
            stage__in=list(stage_ids), state=ItemState.OPEN
        ).values(
            "stage_id", "assignee_id", "pool_role_id", "pool_branch_id", "pool_department_id",
            "barred",
        )
    )  # fmt: skip
    roles = {item["pool_role_id"] for item in items if item["assignee_id"] is None}
    held = _holdings(roles) if roles else {}
    asked: dict[int, list[int]] = {}
    for item in items:
        people = asked.setdefault(item["stage_id"], [])
        if item["assignee_id"] is not None:
            people.append(item["assignee_id"])
        else:
            people += _pool(item, held.get(item["pool_role_id"], []))
    return {stage_id: list(dict.fromkeys(people)) for stage_id, people in asked.items()}


def _holdings(roles: set[int]) -> dict[int, list[tuple[int, int | None, int | None]]]:
    rows = RoleAssignment.objects.filter(role__in=roles, employee__is_active=True)
    found: dict[int, list[tuple[int, int | None, int | None]]] = {}
    for role_id, *holding in rows.values_list("role", "employee", "branch", "department"):
        found.setdefault(role_id, []).append((holding[0], holding[1], holding[2]))
    return found


def _pool(item: dict[str, Any], held: list[tuple[int, int | None, int | None]]) -> list[int]:
    branch, department = item["pool_branch_id"], item["pool_department_id"]
    return [
        person
        for person, of_branch, of_department in held
        if (branch is None or of_branch in (None, branch))
        and (department is None or of_department in (None, department))
        and person not in item["barred"]
    ]
