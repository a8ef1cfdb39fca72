from __future__ import annotations

import pytest

from tests.issues.factories import Issues


@pytest.fixture
def issues(db, now) -> Issues:
    return Issues(now)
