from __future__ import annotations

from datetime import datetime

import pytest

from tests.applications.factories import Lender
from tests.resources.factories import Office


@pytest.fixture
def lender(db, now: datetime) -> Lender:
    return Lender(now)


@pytest.fixture
def office(lender: Lender) -> Office:
    return Office(lender)


@pytest.fixture
def clock(time_machine, now):
    """Pages ask the clock; it stands where the services of the tests stand."""
    time_machine.move_to(now, tick=False)
