"""What every kind of work does alike when a handover moves it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.db import transaction

from lending_crm.common.errors import DomainError
from staff.handing import Move, Moved


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
