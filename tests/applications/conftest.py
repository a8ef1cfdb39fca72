from __future__ import annotations

import pytest

from tests.applications.factories import Lender


@pytest.fixture
def lender(db, now) -> Lender:
    return Lender(now)
