from __future__ import annotations

from datetime import datetime

import pytest

from tests.applications.factories import Lender
from tests.funds.factories import Ledger


@pytest.fixture
def lender(db, now: datetime) -> Lender:
    return Lender(now)


@pytest.fixture
def ledger(lender: Lender) -> Ledger:
    return Ledger(lender)


@pytest.fixture(autouse=True)
def media(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
