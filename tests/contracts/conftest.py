from __future__ import annotations

import pytest

from applications.models import BusinessApplication
from tests.applications.factories import Lender


@pytest.fixture
def lender(db, now) -> Lender:
    return Lender(now)


@pytest.fixture
def approved(lender: Lender) -> BusinessApplication:
    return lender.approved(approved_conditions="配偶签字\n追加保证人")
