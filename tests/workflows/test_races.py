"""Two people, two tabs, one case: real connections to PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import OperationalError, close_old_connections, connection, transaction

import pytest

from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.model import DecideMode
from workflows.choices import CaseState, EventKind, ItemState
from workflows.models import Case, HistoryEvent, WorkItem
from workflows.services import collaboration, decisions, items, submission
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


@pytest.fixture
def two_heads(world: World) -> Iterator[Any]:
    yield world._local("TL")


ACTS: dict[str, Callable[[WorkItem, Any, World], Any]] = {
    "approve": lambda item, who, w: decisions.approve(
        item_id=item.pk, actor=fresh(who), now=NOW, opinion="同意"
    ),
    "reject": lambda item, who, w: decisions.reject(
        item_id=item.pk, actor=fresh(who), now=NOW, opinion="负债过高,不符合准入条件"
    ),
    "return": lambda item, who, w: decisions.return_case(
        item_id=item.pk, actor=fresh(who), now=NOW, opinion="请补充材料说明"
    ),
    "transfer": lambda item, who, w: items.transfer(
        item_id=item.pk, actor=fresh(who), now=NOW, recipient=w.bgm, reason="出差"
    ),
    "withdraw": lambda item, who, w: submission.withdraw_case(
        case_id=item.case_id, actor=fresh(w.am), now=NOW, reason="资料有误"
    ),
}


class TestTwoActsOnOneItem:
    @pytest.mark.parametrize("first", ACTS)
    @pytest.mark.parametrize("second", ACTS)
    def test_exactly_one_wins(self, world: World, two_heads: Any, first: str, second: str) -> None:
        case = world.submitted()
        item = WorkItem.objects.get(case=case, state=ItemState.OPEN)
        results = together(
            lambda: ACTS[first](item, world.tl, world),
            lambda: ACTS[second](item, two_heads, world),
        )
        lost = refusals(results)
        # After a transfer or a first approval the handler may still withdraw.
        compatible = {first, second} in ({"transfer", "withdraw"}, {"approve", "withdraw"})
        assert len(lost) == 1 or (compatible and not lost), results
        assert all(isinstance(error, DomainError) for error in lost)
        assert all(error.status in (403, 409) for error in lost)
        case.refresh_from_db()
        assert verify_case(case) is None
        self.assert_somebody_can_act(case)

    def assert_somebody_can_act(self, case: Case) -> None:
        if case.state not in (CaseState.APPROVED, CaseState.REJECTED):
            assert WorkItem.objects.filter(case=case, state=ItemState.OPEN).exists()

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
        results = together(
            *(lambda i=item, w=who: ACTS["approve"](i, w, world) for item, who in pairs)
        )
        assert not refusals(results)
        case.refresh_from_db()
        assert case.state == CaseState.APPROVED

    def test_comments_and_decisions_do_not_lose_each_other(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case, world.tl)
        results = together(
            lambda: ACTS["approve"](item, world.tl, world),
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
            ACTS["approve"](item, world.tl, world)
        waited = time.monotonic() - began
        done.set()
        holder.join()
        assert 1.5 < waited < 4

    def test_another_case_is_not_delayed(self, world: World) -> None:
        first, second = world.submitted(), world.submitted()
        item = world.item(second, world.tl)
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=first.pk)
            results = together(lambda: ACTS["approve"](item, world.tl, world))
        assert not refusals(results)


KILLED = """
import os, signal, sys
import django
django.setup()
from django.db import connections, connection
connection.settings_dict["NAME"] = sys.argv[1]
from tests.workflows import world  # registers the toy kind
from staff.models import Employee
from workflows.services.decisions import approve
limit, seen = int(sys.argv[4]), 0
def count(execute, sql, params, many, context):
    global seen
    if seen == limit:
        os.kill(os.getpid(), signal.SIGKILL)
    seen += 1
    return execute(sql, params, many, context)
actor = Employee.objects.get(pk=int(sys.argv[3]))
with connection.execute_wrapper(count):
    approve(item_id=int(sys.argv[2]), actor=actor, now=world.NOW, opinion="同意",
            idempotency_key="killed-1")
print("done", seen)
"""


class TestKilledWorker:
    def run_killed(self, item: WorkItem, who: Any, limit: int) -> subprocess.CompletedProcess[str]:
        name = connection.settings_dict["NAME"]
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(KILLED), name, str(item.pk), str(who.pk),
             str(limit)],
            check=False, capture_output=True, text=True, timeout=60, cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "lending_crm.settings.test"},
        )  # fmt: skip

    def test_between_any_two_statements_nothing_is_half_done(self, world: World) -> None:
        case = world.submitted()
        item = world.item(case, world.tl)
        messages = OutboxMessage.objects.count()
        for limit in range(1, 8):
            killed = self.run_killed(item, world.tl, limit)
            assert killed.returncode == -9, killed.stderr
            case.refresh_from_db()
            item.refresh_from_db()
            assert (case.event_count, item.state) == (1, ItemState.OPEN)
            assert OutboxMessage.objects.count() == messages
        finished = self.run_killed(item, world.tl, 1000)
        assert finished.stdout.startswith("done"), finished.stderr
        case.refresh_from_db()
        assert (case.event_count, world.item(case, world.brm).stage.node_id) == (2, "brm")
        assert verify_case(case) is None
