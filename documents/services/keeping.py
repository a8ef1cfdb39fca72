"""Finished things that a 工作移交 gives to somebody while their author stays on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from documents import errors
from lending_crm.common.changes import changed_fields
from lending_crm.common.models import ChangeRecord
from staff.handing import Move, Moved, Warrant
from staff.models import Employee
from staff.services.handing import refused


@dataclass(frozen=True)
class Keeping:
    """Where it is written who keeps each thing instead of its author, one row a thing.

    ``rows`` has the fields named ``thing`` and ``keeper``, and ``since``; ``author`` is a field
    of the thing. ``word`` is what a row of 修改记录 calls the keeper.
    """

    rows: type[Model]
    thing: str
    keeper: str
    author: str
    word: str

    def row(self, thing: Model, keeper: Employee, since: datetime) -> Model:
        return self.rows(**{self.thing: thing, self.keeper: keeper, "since": since})


def hand_over_kept(
    *,
    keeping: Keeping,
    moves: Sequence[Move],
    held: QuerySet[Any],
    employee: Employee,
    actor: Employee | None,
    now: datetime,
    warrant: Warrant,
) -> Mapping[int, Moved]:
    """Give things that ``employee`` holds (``held``) to their receivers, under their locks.

    A handful of statements for all of them; by ``pk`` what became of each. Refuses HND-11 for
    what is not his any more, HND-09 without a receiver, and HND-03 for one of another branch
    while head office has not agreed.
    """
    pks = [move.holding.pk for move in moves]
    locked = held.model._default_manager.select_for_update(of=("self",), no_key=True)
    list(locked.filter(pk__in=pks).order_by("pk").values_list("pk"))
    things = held.select_related("branch").in_bulk(pks)
    done: dict[int, Moved] = {}
    given: list[tuple[Any, Employee]] = []
    changes: list[ChangeRecord] = []
    for move in moves:
        thing, successor = things.get(move.holding.pk), move.successor
        if thing is None:
            done[move.holding.pk] = refused(move, errors.not_his_any_more(employee.name))
        elif successor is None:
            done[move.holding.pk] = refused(move, errors.needs_successor())
        elif successor.branch_id != thing.branch_id and not warrant.crosses_branches:
            reason = errors.receiver_elsewhere(thing.branch.name)
            done[move.holding.pk] = refused(move, reason)
        else:
            given.append((thing, successor))
            changes += changed_fields(
                instance=thing,
                before={keeping.word: employee.name},
                after={keeping.word: successor.name},
                actor=actor,
                now=now,
            )
            done[move.holding.pk] = Moved(move.holding.label, move.holding.url, successor.name)
    _keep(keeping, given, now)
    ChangeRecord.objects.bulk_create(changes)
    return done


def _keep(keeping: Keeping, given: Sequence[tuple[Any, Employee]], now: datetime) -> None:
    """What comes back to its author needs nobody to keep it."""
    author = f"{keeping.author}_id"
    rows = keeping.rows._default_manager
    back = [thing.pk for thing, keeper in given if keeper.pk == getattr(thing, author)]
    rows.filter(**{f"{keeping.thing}__in": back}).delete()
    rows.bulk_create(
        [
            keeping.row(thing, keeper, now)
            for thing, keeper in given
            if keeper.pk != getattr(thing, author)
        ],
        update_conflicts=True,
        unique_fields=[keeping.thing],
        update_fields=[keeping.keeper, "since"],
    )
