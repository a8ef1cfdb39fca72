"""Two tier adjustments of one customer in the same second, on real connections (N7)."""

from __future__ import annotations

import pytest

from customers.models import TierChange
from tests.applications.test_races import codes, together
from tests.customers.factories import build_world
from tests.customers.tiers import Desk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def test_n07_tir_03_submitted_at_once_only_one_is_open(transactional_db, now, monkeypatch):
    from documents.registration import ship_routes

    ship_routes(now=now)
    desk = Desk(build_world(), now, monkeypatch)
    drafts = [desk.draft(), desk.draft()]
    results = together(*(lambda each=each: desk.submit(each) for each in drafts))
    assert codes(results) == ["TIR-03"]
    assert TierChange.objects.filter(open_customer=desk.customer).count() == 1
