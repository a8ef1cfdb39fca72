"""The process dies at any statement of any act: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import connection, connections, transaction

import pytest

from documents.models import Document
from tests.clean_slate import Slate
from tests.workflows.acting import ACTS, Hand, left_by
from tests.workflows.invariants import check
from tests.workflows.scenes import (
    Scene,
    at_home,
    decided_branch,
    next_stage,
    side_branches,
    two_seats,
)
from tests.workflows.world import NOW, World, fresh
from workflows.models import Case
from workflows.services import submission

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

POINTS_AT_LEAST = 4
POINTS_AT_MOST = 80


@contextmanager
def killed_at(point: int) -> Iterator[None]:
    """SIGKILL this process at its ``point``-th boundary: before a statement, around a commit."""
    passed = 0

    def boundary() -> None:
        nonlocal passed
        if passed == point:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1

    def execute(run: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        boundary()
        return run(sql, params, many, context)

    commit = connection._commit

    def committing() -> None:
        boundary()
        commit()
        boundary()

    connection._commit = committing  # type: ignore[method-assign]
    with connection.execute_wrapper(execute):
        yield


def survives(point: int, act: Callable[[], Any]) -> bool:
    """Do the act in a process of its own; whether it came to its end before the point."""
    connections.close_all()  # a child must not speak on its parent's connection
    child = os.fork()
    if child == 0:
        code = 3
        try:
            with killed_at(point):
                act()
            code = 0
        finally:
            os._exit(code)
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0, "the act failed by itself"
    return True


def wait_for_the_dead(case_id: int) -> None:
    """Until the server has noticed that nobody speaks to it any more, and freed the case."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        cursor.execute("SELECT FROM workflows_case WHERE id = %s FOR UPDATE", [case_id])


def die_everywhere(slate: Slate, hand: Hand, act: Callable[[], Any], *, again: bool = True) -> None:
    """Kill the act at every boundary, then do it again, as a person or a broker would.

    Not ``again`` is for an act that its caller guards: a second one would be another act.
    """
    slate.keep()
    before = left_by(hand.case_id)
    act()
    done = left_by(hand.case_id)
    assert before != done
    slate.put_back()
    for point in range(POINTS_AT_MOST):
        finished = survives(point, act)
        wait_for_the_dead(hand.case_id)
        left = left_by(hand.case_id)
        assert left == done or (left == before and not finished), f"half done at {point}"
        if left == done:
            break
    assert POINTS_AT_LEAST <= point < POINTS_AT_MOST
    if again:
        act()
    assert left_by(hand.case_id) == done
    case = Case.objects.get(pk=hand.case_id)
    check(case, Document.objects.get(pk=case.document_id), hand.world)


def keyed(hand: Hand, key: str) -> Hand:
    return replace(hand, key=key)


class TestKilledAtEveryBoundary:
    @pytest.mark.parametrize("name", ACTS)
    def test_an_act_is_done_as_a_whole_or_not_at_all(
        self, busy_world: World, slate: Slate, name: str
    ) -> None:
        deed, hand = ACTS[name], keyed(at_home(busy_world, name)[0], name)
        for step in deed.steps[:-1]:
            step(hand)
        die_everywhere(slate, hand, lambda: deed.steps[-1](hand), again=deed.knows_retries)

    def test_the_last_decision_with_its_conclusion(self, busy_world: World, slate: Slate) -> None:
        hand = keyed(next_stage(busy_world)[1], "last")
        die_everywhere(slate, hand, lambda: ACTS["approve"](hand))

    @pytest.mark.parametrize("scene", [two_seats, side_branches])
    @pytest.mark.parametrize("name", ["approve", "reject", "return", "jump"])
    def test_while_a_sister_waits(
        self, busy_world: World, slate: Slate, scene: Scene, name: str
    ) -> None:
        hand = keyed(scene(busy_world)[0], name)
        die_everywhere(slate, hand, lambda: ACTS[name](hand))

    def test_a_take_back_that_opens_a_join_again(self, busy_world: World, slate: Slate) -> None:
        one, other = decided_branch(busy_world)
        ACTS["approve"](other)
        hand = keyed(one, "back")
        die_everywhere(slate, hand, lambda: ACTS["take_back"](hand))

    def test_a_first_submission(self, busy_world: World) -> None:
        document = busy_world.document()

        def submit() -> Case:
            return submission.submit_document(
                kind="toy", document_id=document.pk, actor=fresh(busy_world.am), now=NOW,
                idempotency_key="first",
            )  # fmt: skip

        for point in range(POINTS_AT_MOST):
            if survives(point, submit) or Case.objects.exists():
                break
            document.refresh_from_db()
            assert (document.wf_status, document.case_id) == ("DRAFT", None)
        assert POINTS_AT_LEAST <= point < POINTS_AT_MOST
        case = submit()
        assert (Case.objects.count(), case.event_count) == (1, 1)
        check(case, document, busy_world)
