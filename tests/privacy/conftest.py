from __future__ import annotations

import pytest

from tests.privacy.factories import Requests


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def requests(db, now) -> Requests:
    return Requests(now)
