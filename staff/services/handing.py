"""What every kind of work does alike when a handover moves it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from lending_crm.common.errors import DomainError
from staff.handing import HoldingSource, Move, Moved, Warrant
from staff.models import Employee


def one_by_one(moves: Iterable[Move], act: Callable[[Move], Moved]) -> dict[int, Moved]:
    """Each in a savepoint of its own: what a rule refuses stops nothing else.

    A row that is locked for too long ends the whole batch (SYS-503): nothing is half done.
    """
    done: dict[int, Moved] = {}
    for move in moves:
        try:
            with transaction.atomic():
                done[move.holding.pk] = act(move)
        except DomainError as refusal:
            done[move.holding.pk] = refused(move, refusal)
    return done


def refused(move: Move, refusal: DomainError) -> Moved:
    return Moved(move.holding.label, move.holding.url, refusal=refusal)


class WorkOfHoldings:
    """Holdings that a 工作移交 moves just as an administrator does when somebody leaves.

    Their receiver has accepted them, so he is the actor where nobody presses a button.
    """

    option = ""

    def __init__(self, source: HoldingSource) -> None:
        self._source = source
        self.code, self.title = source.code, source.title
        self.by_rule, self.order = source.by_rule, source.order
        self.holdings = source.holdings

    def hand_over(
        self,
        moves: Sequence[Move],
        *,
        employee: Employee,
        actor: Employee | None,
        now: datetime,
        warrant: Warrant,
    ) -> Mapping[int, Moved]:
        def act(move: Move) -> Moved:
            by = actor or move.successor or employee
            said = self._source.move(
                pk=move.holding.pk, employee=employee, successor=move.successor, actor=by, now=now
            )
            return Moved(move.holding.label, move.holding.url, said)

        return one_by_one(moves, act)

    def along(self, pks: Collection[int]) -> dict[str, int]:
        return {}
