"""Random routes × random acts, legal and illegal: what must hold after every single one.

``WALKS`` in the environment asks for more walks than the suite takes time for.
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

WALKS = int(os.environ.get("WALKS", "40"))
STEPS = 25
#: acts that are still tried on a case that has ended
AFTERWARDS = 3


@contextmanager
def undone() -> Iterator[None]:
    """Leave the database as it was, so that the next walk begins with the same people."""
    with transaction.atomic():
        yield
        connection.check_constraints()
        transaction.set_rollback(True)


class TestAnyRouteAndAnyActs:
    # A walk is told by its seed; shrinking a seed says nothing.
    @settings(
        max_examples=WALKS,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(seed=st.integers(0, 2**32 - 1))
    def test_a_live_case_always_goes_on_and_its_history_tells_it_all(
        self, world: World, seed: int
    ) -> None:
        # People are there before the walk and stay after it.
        assert world.committee() and world.auditors and world.secretary
        with undone():
            walk = Walk(world, seed)
            afterwards = AFTERWARDS
            for _ in range(STEPS):
                walk.step()
                afterwards -= walk.case is not None and walk.case.state in ENDED
                if not afterwards:
                    break
