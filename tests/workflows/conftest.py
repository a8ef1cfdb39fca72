from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clean_slate import Slate
from tests.workflows.world import TOY, World


@pytest.fixture
def world(db: None) -> World:
    TOY.concluded.clear()
    return World()


@pytest.fixture
def busy_world(transactional_db: None) -> Iterator[World]:
    """For real connections: with everybody whom a scene may need."""
    found = World()
    assert found.deputy and found.successor
    yield found
    TOY.related.clear()


@pytest.fixture
def slate() -> Iterator[Slate]:
    """Where the rows of a scene are kept between its races."""
    kept = Slate("scene")
    yield kept
    kept.forget()
