"""Two acts on one prepared case: in each order, and at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Barrier

from django.db import connection, transaction

from documents.models import Document
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from tests.clean_slate import Slate
from tests.workflows.acting import ACTS, Hand, Step, left_by
from tests.workflows.invariants import check
from tests.workflows.world import NOW
from workflows.models import Case
from workflows.services import role_changes
from workflows.verification import verify_case

DONE = "done"
#: what is said to either hand, and what is left of the case
Outcome = tuple[tuple[str, str], str]
AtOnce = Callable[[Callable[[], str], Callable[[], str]], tuple[str, str]]


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(steps: Sequence[Step], hand: Hand) -> str:
    """The code of the refusal, or ``DONE``."""
    try:
        for step in steps:
            step(hand)
    except DomainError as refusal:
        return refusal.code
    return DONE


#: who loses a role does not wait for an act that gives him a seat, nor for another's new role;
#: the worker sees both
LEFT_TO_THE_WORKER = "lose_role"


def left_of(case_id: int, pair: tuple[str, str]) -> str:
    if LEFT_TO_THE_WORKER in pair:
        for message in OutboxMessage.objects.filter(topic=role_changes.ROLES_LOST_TOPIC):
            with transaction.atomic():
                role_changes.look_again(message, NOW)
        for tick in ("stop", "fill"):
            ACTS[tick].service(now=NOW)
    return left_by(case_id)


@dataclass
class Duels:
    """Pairs of acts of two hands over one case.

    What comes of each order is found out in transactions that are rolled back. A pair is raced
    unless one of its acts is refused whether the other went before it or not: then it changes
    nothing in any order. (Such a refusal is read under the lock of the case like all else, and
    that lock is what the races of the other pairs put to the test.)
    """

    hands: tuple[Hand, Hand]
    slate: Slate
    raced: int = 0
    _orders: dict[tuple[str, str], list[Outcome]] = field(default_factory=dict)
    _checked: set[str] = field(default_factory=set)

    def play(self, pairs: Sequence[tuple[str, str]]) -> list[str]:
        """Race each pair that can be raced; what came out wrong, in words."""
        self.slate.keep()
        partners: dict[tuple[int, str], list[str]] = {}
        for one, other in pairs:
            partners.setdefault((0, one), []).append(other)
            partners.setdefault((1, other), []).append(one)
        for (side, name), others in partners.items():
            self._before_the_others(side, name, others)
        wrong = []
        with two_connections() as at_once:
            for pair, orders in self._orders.items():
                if self._may_both_act(orders):
                    wrong += self._race(pair, orders, at_once)
                    self.slate.put_back()
                    self.raced += 1
        return wrong

    def _before_the_others(self, side: int, name: str, others: Sequence[str]) -> None:
        """What comes of these pairs when this hand does its act first."""
        hand, other = self.hands[side], self.hands[1 - side]
        first, *rest = ACTS[name].steps
        with undone():
            code = outcome(ACTS[name].steps, hand)
            left = left_by(hand.case_id)
            for second in others:
                with undone():
                    answer = outcome(ACTS[second].steps, other)
                    after = left_of(hand.case_id, (name, second)) if answer == DONE else left
                self._note(side, (name, second), (code, answer), after)
        for second in others if rest and code == DONE else ():
            # An act of several transactions lets the other one in between.
            with undone():
                first(hand)
                answer = outcome(ACTS[second].steps, other)
                code = outcome(rest, hand)
                after = left_by(hand.case_id)
            self._note(side, (name, second), (code, answer), after)

    def _note(self, side: int, names: tuple[str, str], said: tuple[str, str], left: str) -> None:
        if side == 1:
            names, said = (names[1], names[0]), (said[1], said[0])
        self._orders.setdefault(names, []).append((said, left))

    @staticmethod
    def _may_both_act(orders: list[Outcome]) -> bool:
        return all(any(said[side] == DONE for said, _left in orders) for side in (0, 1))

    def _race(self, pair: tuple[str, str], orders: list[Outcome], at_once: AtOnce) -> list[str]:
        one, other = (
            lambda h=hand, n=name: outcome(ACTS[n].steps, h)
            for hand, name in zip(self.hands, pair, strict=True)
        )
        case_id = self.hands[0].case_id
        said = at_once(one, other)
        left = left_of(case_id, pair)
        if (_done(said), left) not in [(_done(answers), after) for answers, after in orders]:
            return [f"{pair} came to {said} {left}, in order {orders}"]
        case = Case.objects.get(pk=case_id)
        assert verify_case(case) is None, pair
        if left not in self._checked:
            self._checked.add(left)
            try:
                check(case, Document.objects.get(pk=case.document_id), self.hands[0].world)
            except AssertionError as broken:
                return [f"{pair} came to {said}: {broken!r} {left}"]
        return []


def _done(said: tuple[str, str]) -> tuple[bool, bool]:
    """Who got his act done. Why the other was refused depends on the moment: a delegation that
    ends (WF-61) gives its items back a transaction later (WF-12)."""
    return said[0] == DONE, said[1] == DONE


@contextmanager
def two_connections() -> Iterator[AtOnce]:
    """Do two things at the same moment, again and again on the same two connections."""
    gate = Barrier(2)

    def close() -> str:
        connection.close()
        return DONE

    def run(call: Callable[[], str]) -> str:
        gate.wait(30)
        return call()

    with ThreadPoolExecutor(2) as threads:

        def at_once(one: Callable[[], str], other: Callable[[], str]) -> tuple[str, str]:
            first, second = threads.submit(run, one), threads.submit(run, other)
            return first.result(60), second.result(60)

        try:
            yield at_once
        finally:
            at_once(close, close)
