"""Each pair of acts, on one item and on sibling items, at the same moment.

Whatever two people do together must come out as if one had been first: what the race leaves,
refusals included, is what one of the two orders leaves.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clean_slate import Slate
from tests.workflows.duels import Duels
from tests.workflows.scenes import (
    FOR_ONE,
    ONE_ITEM,
    SIBLINGS,
    Pairs,
    Scene,
    all_pairs,
    pairs_for_one,
    pairs_of_siblings,
)
from tests.workflows.world import TOY, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

#: each scene is worth its time
RACES_AT_LEAST = 5
PARTS = 3  # so that the workers of the suite share the work


@pytest.fixture
def slate() -> Iterator[Slate]:
    slate = Slate("scene")
    yield slate
    slate.forget()


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    world = World()
    assert world.deputy and world.successor
    yield world
    TOY.related.clear()


def play(world: World, slate: Slate, scene: Scene, pairs: Pairs) -> None:
    one, other = scene(world)
    TOY.related[other.who.pk] = "is a related party of the customer"
    duels = Duels((one, other), slate)
    wrong = duels.play(pairs)
    assert not wrong, "\n".join([f"{len(wrong)} of {duels.raced}", *wrong])
    assert duels.raced >= RACES_AT_LEAST


class TestPairs:
    @pytest.mark.parametrize("part", range(PARTS))
    def test_on_one_item(self, world: World, slate: Slate, part: int) -> None:
        play(world, slate, ONE_ITEM, all_pairs()[part::PARTS])

    @pytest.mark.parametrize("part", range(PARTS))
    @pytest.mark.parametrize("scene", SIBLINGS)
    def test_on_sibling_items(self, world: World, slate: Slate, scene: Scene, part: int) -> None:
        play(world, slate, scene, pairs_of_siblings()[part::PARTS])

    @pytest.mark.parametrize("scene", FOR_ONE)
    def test_where_only_some_acts_can_be_done(
        self, world: World, slate: Slate, scene: Scene
    ) -> None:
        play(world, slate, scene, pairs_for_one(scene))
