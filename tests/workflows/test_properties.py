"""Random routes × random acts, legal and illegal: what must hold whatever people do.

The suite walks the same walks every time; ``make soak`` walks others and many more, by
``SOAK``, ``THOROUGH`` and ``BRISK`` in the environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.workflows.walks import Walk
from tests.workflows.world import World
from workflows.choices import ENDED

pytestmark = pytest.mark.django_db

SHARDS = 8  # so that the workers of the suite share the work
#: walks whose invariants are checked after every single act, and whose refusals are compared
THOROUGH = int(os.environ.get("THOROUGH", "40"))
#: walks whose invariants are checked where they stop: 2,000 cases and more
BRISK = int(os.environ.get("BRISK", "2080"))
#: acts that are still tried on a case that has ended
AFTERWARDS = 3
#: of a hundred random routes so many have somebody at every stage, or the walk proves nothing
CASES_AT_LEAST = 97
seeds = st.integers(0, 2**32 - 1)


@contextmanager
def undone() -> Iterator[None]:
    """Leave the database as it was, so that the next walk begins with the same people."""
    with transaction.atomic():
        yield
        connection.check_constraints()
        transaction.set_rollback(True)


@pytest.fixture
def world(db: None) -> World:
    return World().with_everybody()


def random_walks(number: int) -> settings:
    # A walk is told by its seed; shrinking a seed says nothing.
    return settings(
        max_examples=number,
        deadline=None,
        derandomize="SOAK" not in os.environ,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def take_steps(walk: Walk, steps: int) -> None:
    afterwards = AFTERWARDS
    for _ in range(steps):
        walk.step()
        afterwards -= walk.case is not None and walk.case.state in ENDED
        if not afterwards:
            break


class TestAnyRouteAndAnyActs:
    @pytest.mark.parametrize("shard", range(SHARDS))
    def test_a_live_case_always_goes_on_and_its_history_tells_it_all(
        self, world: World, shard: int
    ) -> None:
        @random_walks(THOROUGH // SHARDS)
        @given(seed=seeds)
        def walk(seed: int) -> None:
            with undone():
                take_steps(Walk(world, seed * SHARDS + shard), 25)

        walk()

    @pytest.mark.parametrize("shard", range(SHARDS))
    def test_the_same_at_the_end_of_two_thousand_cases(self, world: World, shard: int) -> None:
        begun = []

        @random_walks(BRISK // SHARDS)
        @given(seed=seeds, steps=st.integers(1, 8))
        def walk(seed: int, steps: int) -> None:
            with undone():
                walk = Walk(world, seed * SHARDS + shard, thorough=False)
                begun.append(walk.case is not None)
                take_steps(walk, steps)
                walk.check()

        walk()
        assert sum(begun) >= len(begun) * CASES_AT_LEAST / 100
        assert sum(begun) >= BRISK // SHARDS * CASES_AT_LEAST / 100
