from __future__ import annotations

import pytest

from tests.workflows.world import TOY, World


@pytest.fixture
def world(db: None) -> World:
    TOY.concluded.clear()
    return World()
