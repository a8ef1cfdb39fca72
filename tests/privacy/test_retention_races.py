"""A customer is held back in the second in which he is anonymised, on real connections (R10)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import transaction

import pytest

from privacy.models import Anonymisation, LegalHold
from privacy.services.holds import lift_hold, set_hold
from privacy.services.retention import anonymise_customer, run_retention
from tests.applications.test_approval import again
from tests.applications.test_races import codes, together
from tests.privacy.old import Past

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def past(transactional_db, now) -> Past:
    from funds.services.defaults import ensure_settings

    ensure_settings()
    return Past(now)


def held(past: Past) -> LegalHold:
    return set_hold(
        customer_no=past.customer.customer_no,
        reason="诉讼需要保留",
        actor=again(past.people.adm),
        now=past.later,
    )


def anonymised(past: Past) -> Anonymisation:
    return anonymise_customer(customer_id=past.customer.pk, now=past.later)


def is_consistent(past: Past) -> bool:
    """Never anonymised under a hold: one of the two, and the row of the customer says which."""
    is_held = LegalHold.objects.filter(lifted_at=None).exists()
    is_gone = Anonymisation.objects.exists()
    return is_held != is_gone and (past.stored().anonymised_at is not None) == is_gone


def done(results: list[Any]) -> int:
    """How many came through. Whoever loses hears RET-02 or RET-06, or that the row stayed busy."""
    return sum(not isinstance(result, Exception) for result in results)


class Ahead:
    """One act in its transaction, and another that begins while it is not committed yet."""

    def __init__(self, first: Callable[[], Any], second: Callable[[], Any]) -> None:
        self._first, self._second = first, second
        self._written = threading.Event()

    def run(self) -> list[Any]:
        return together(self._go_ahead, self._follow)

    def _go_ahead(self) -> None:
        with transaction.atomic():
            self._first()
            self._written.set()
            time.sleep(0.3)

    def _follow(self) -> None:
        assert self._written.wait(30)
        self._second()


class TestHoldAndAnonymising:
    def test_exactly_one_wins(self, past):
        results = together(lambda: held(past), lambda: anonymised(past))
        assert done(results) == 1, results
        assert is_consistent(past)

    def test_ret_02_a_hold_that_is_being_written_is_waited_for(self, past):
        assert codes(Ahead(lambda: held(past), lambda: anonymised(past)).run()) == ["RET-02"]
        assert is_consistent(past)
        assert past.stored().name == past.customer.name

    def test_ret_06_an_act_that_is_being_written_is_waited_for(self, past):
        assert codes(Ahead(lambda: anonymised(past), lambda: held(past)).run()) == ["RET-06"]
        assert is_consistent(past)

    def test_the_daily_run_passes_over_whom_a_hold_has_just_reached(self, past):
        together(lambda: held(past), lambda: run_retention(now=past.later))
        assert is_consistent(past)

    def test_a_hold_is_lifted_once_by_two_administrators(self, past):
        hold = held(past)
        given = {"hold_id": hold.pk, "reason": "判决已生效", "now": past.later}
        found = together(*[lambda: lift_hold(actor=again(past.people.adm), **given)] * 2)
        assert codes(found) == ["RET-07"]

    def test_ret_05_two_holds_at_once_are_one(self, past):
        assert codes(together(*[lambda: held(past)] * 2)) == ["RET-05"]
        assert LegalHold.objects.count() == 1
