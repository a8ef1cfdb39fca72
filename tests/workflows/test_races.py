"""Two people, two tabs, one case: real connections to PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, close_old_connections, connection, transaction

import pytest

from lending_crm.common.errors import DomainError
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.model import DecideMode
from workflows.choices import CaseState, EventKind, ItemState
from workflows.models import Case, HistoryEvent, WorkItem
from workflows.services import collaboration, decisions, items
from workflows.verification import verify_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def together(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls at the same moment, each on its own connection; results or errors."""
    gate = threading.Barrier(len(calls))
    results: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        gate.wait()
        try:
            results[index] = call()
        except (DomainError, OperationalError) as error:
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    close_old_connections()
    return results


def refusals(results: list[Any]) -> list[DomainError]:
    return [result for result in results if isinstance(result, Exception)]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def approve(item: WorkItem, who: Any) -> Case:
    return decisions.approve(item_id=item.pk, actor=fresh(who), now=NOW, opinion="同意")


class TestTwoActsOnOneItem:
    def test_a_double_click_decides_once(self, world: World) -> None:
        case = world.submitted()
        item = WorkItem.objects.get(case=case)
        call = {"item_id": item.pk, "now": NOW, "opinion": "同意", "idempotency_key": "click-1"}
        results = together(
            *(lambda: decisions.approve(actor=fresh(world.tl), **call) for _ in range(4))
        )
        assert not refusals(results)
        assert HistoryEvent.objects.filter(case=case, kind=EventKind.APPROVED).count() == 1

    def test_two_claims_have_one_winner(self, world: World) -> None:
        case = world.submitted(level=2)
        for who in (world.tl, world.brm, world.bgm):
            case = world.approve(case, who)
        item = WorkItem.objects.get(case=case, state=ItemState.OPEN)
        results = together(
            lambda: items.claim(item_id=item.pk, actor=fresh(world.hrm), now=NOW),
            lambda: items.claim(item_id=item.pk, actor=fresh(world.hrm2), now=NOW),
        )
        assert [error.code for error in refusals(results)] == ["WF-23"]


class TestSiblings:
    def test_both_answers_of_a_countersign_count(self, transactional_db: None) -> None:
        world = World(stage("both", by_role("BRM"), by_role("BGM"), decide=DecideMode.ALL))
        case = world.submitted()
        pairs = [(world.item(case, who), who) for who in (world.brm, world.bgm)]
        results = together(*(lambda i=item, w=who: approve(i, w) for item, who in pairs))
        assert not refusals(results)
        case.refresh_from_db()
        assert case.state == CaseState.APPROVED

    def test_comments_and_decisions_do_not_lose_each_other(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case, world.tl)
        results = together(
            lambda: approve(item, world.tl),
            *(
                lambda n=n: collaboration.comment(
                    case_id=case.pk, actor=fresh(world.brm), now=NOW, text=f"意见{n}"
                )
                for n in range(3)
            ),
        )
        assert not refusals(results)
        case.refresh_from_db()
        assert case.event_count == 5
        assert verify_case(case) is None


class TestSubmittedTogether:
    def test_n7_one_case_comes_of_two_submissions(self, world: World) -> None:
        document = world.document()
        results = together(lambda: world.submit(document), lambda: world.submit(document))
        assert [error.code for error in refusals(results)] == ["WF-05"]
        assert Case.objects.count() == 1


class TestLocks:
    def test_a_held_lock_ends_in_a_bounded_wait(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case, world.tl)
        ready, done = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic():
                Case.objects.select_for_update().get(pk=case.pk)
                ready.set()
                done.wait(20)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        ready.wait(10)
        began = time.monotonic()
        with pytest.raises(OperationalError):
            approve(item, world.tl)
        waited = time.monotonic() - began
        done.set()
        holder.join()
        assert 1.5 < waited < 4

    def test_another_case_is_not_delayed(self, world: World) -> None:
        first, second = world.submitted(), world.submitted()
        item = world.item(second, world.tl)
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=first.pk)
            results = together(lambda: approve(item, world.tl))
        assert not refusals(results)
