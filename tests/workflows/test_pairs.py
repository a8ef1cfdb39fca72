"""Each pair of acts, on one item and on sibling items, at the same moment.

Whatever two people do together must come out as if one had been first: what the race leaves,
refusals included, is what one of the two orders leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from documents.models import Document
from lending_crm.common.errors import DomainError
from tests.workflows.acting import (
    ACTS,
    Hand,
    countersigned,
    hand_of,
    left_by,
    one_stage_for_two,
    two_branches,
)
from tests.workflows.invariants import check
from tests.workflows.test_races import together
from tests.workflows.world import World
from workflows.models import Case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

#: 有条件同意 is an approval with rows of its own, 催办 moves nothing
PAIRED = [name for name in ACTS if name not in ("conditions", "urge")]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def outcome(call: Callable[[], Any]) -> str:
    try:
        call()
    except DomainError as refusal:
        return refusal.code
    return "done"


def two_hands(world: World, first: Any, second: Any) -> list[Hand]:
    case = world.submitted()
    return [hand_of(world, case, who) for who in (first, second)]


def in_order(hands: list[Hand], names: list[str], order: tuple[int, int]) -> Any:
    found = {index: outcome(lambda i=index: ACTS[names[i]](hands[i])) for index in order}
    return [found[0], found[1]], left_by(hands[0].case_id)


def at_once(hands: list[Hand], names: list[str]) -> Any:
    results = together(
        *(lambda h=hand, n=name: ACTS[n](h) for hand, name in zip(hands, names, strict=True))
    )
    codes = [r.code if isinstance(r, DomainError) else "done" for r in results]
    assert all(isinstance(r, DomainError | Case) for r in results), results
    return codes, left_by(hands[0].case_id)


def race(world: World, people: tuple[Any, Any], names: list[str]) -> None:
    serial = [in_order(two_hands(world, *people), names, order) for order in ((0, 1), (1, 0))]
    hands = two_hands(world, *people)
    assert at_once(hands, names) in serial, names
    case = Case.objects.get(pk=hands[0].case_id)
    check(case, Document.objects.get(pk=case.document_id), world)


@pytest.mark.parametrize("first", PAIRED)
class TestPairs:
    def test_on_one_item(self, world: World, first: str) -> None:
        one_stage_for_two(world)
        people = (world.tl, world._local("TL"))
        for second in PAIRED:
            race(world, people, [first, second])

    @pytest.mark.parametrize("route", [countersigned, two_branches])
    def test_on_sibling_items(
        self, world: World, route: Callable[[World], None], first: str
    ) -> None:
        route(world)
        for second in PAIRED[PAIRED.index(first) :]:
            race(world, (world.brm, world.bgm), [first, second])
