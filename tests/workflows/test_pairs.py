"""Each pair of acts, on one item and on sibling items, at the same moment.

Whatever two people do together must come out as if one had been first: what the race leaves,
refusals included, is what one of the two orders leaves.
"""

from __future__ import annotations

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


def play(busy_world: World, slate: Slate, scene: Scene, pairs: Pairs) -> None:
    one, other = scene(busy_world)
    TOY.related[other.who.pk] = "is a related party of the customer"
    duels = Duels((one, other), slate)
    wrong = duels.play(pairs)
    assert not wrong, "\n".join([f"{len(wrong)} of {duels.raced}", *wrong])
    assert duels.raced >= RACES_AT_LEAST


class TestPairs:
    @pytest.mark.parametrize("part", range(PARTS))
    def test_on_one_item(self, busy_world: World, slate: Slate, part: int) -> None:
        play(busy_world, slate, ONE_ITEM, all_pairs()[part::PARTS])

    @pytest.mark.parametrize("part", range(PARTS))
    @pytest.mark.parametrize("scene", SIBLINGS)
    def test_on_sibling_items(
        self, busy_world: World, slate: Slate, scene: Scene, part: int
    ) -> None:
        play(busy_world, slate, scene, pairs_of_siblings()[part::PARTS])

    @pytest.mark.parametrize("scene", FOR_ONE)
    def test_where_only_some_acts_can_be_done(
        self, busy_world: World, slate: Slate, scene: Scene
    ) -> None:
        play(busy_world, slate, scene, pairs_for_one(scene))
