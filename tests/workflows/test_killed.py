"""The process dies at any statement of any act: nothing is lost, nothing is done twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, connections

import pytest

from documents.models import Document
from tests.workflows.acting import (
    ACTS,
    countersigned,
    hand_of,
    left_by,
    one_stage_for_two,
    two_branches,
)
from tests.workflows.invariants import check
from tests.workflows.world import NOW, World, fresh
from workflows.models import Case, WorkItem
from workflows.services import items, submission

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


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def die_everywhere(world: World, prepare: Callable[[], tuple[int, Callable[[], Any]]]) -> None:
    """Kill the act at every boundary, then do it again, as a person or a broker would."""
    case_id, act = prepare()
    act()
    done = left_by(case_id)
    case_id, act = prepare()
    before = left_by(case_id)
    assert before != done
    for point in range(POINTS_AT_MOST):
        finished = survives(point, act)
        left = left_by(case_id)
        assert left == done or (left == before and not finished), f"half done at {point}"
        if left == done:
            break
    assert POINTS_AT_LEAST <= point < POINTS_AT_MOST
    act()
    assert left_by(case_id) == done
    case = Case.objects.get(pk=case_id)
    check(case, Document.objects.get(pk=case.document_id), world)


class TestKilledAtEveryBoundary:
    @pytest.mark.parametrize("name", ACTS)
    def test_an_act_is_done_as_a_whole_or_not_at_all(self, world: World, name: str) -> None:
        one_stage_for_two(world)

        def prepare() -> tuple[int, Callable[[], Any]]:
            case = world.submitted()
            hand = hand_of(world, case, world.tl, key=f"{name}-{case.pk}")
            return case.pk, lambda: ACTS[name](hand)

        die_everywhere(world, prepare)

    def test_the_last_decision_with_its_conclusion(self, world: World) -> None:
        one_stage_for_two(world)

        def prepare() -> tuple[int, Callable[[], Any]]:
            case = world.approve(world.submitted(), world.tl)
            hand = hand_of(world, case, world.ceo, key=f"last-{case.pk}")
            return case.pk, lambda: ACTS["approve"](hand)

        die_everywhere(world, prepare)

    @pytest.mark.parametrize("route", [countersigned, two_branches])
    @pytest.mark.parametrize("name", ["approve", "reject", "return", "jump"])
    def test_while_a_sister_waits(self, world: World, route: Any, name: str) -> None:
        route(world)

        def prepare() -> tuple[int, Callable[[], Any]]:
            case = world.submitted()
            hand = hand_of(world, case, world.brm, key=f"{name}-{case.pk}")
            return case.pk, lambda: ACTS[name](hand)

        die_everywhere(world, prepare)

    def test_a_take_back_that_opens_a_join_again(self, world: World) -> None:
        two_branches(world)

        def prepare() -> tuple[int, Callable[[], Any]]:
            case = world.submitted()
            for who in (world.brm, world.bgm):
                case = world.approve(case, who)
            item = WorkItem.objects.get(case=case, decided_by=world.brm)
            return case.pk, lambda: items.take_back(
                item_id=item.pk, actor=fresh(world.brm), now=NOW, idempotency_key=f"t-{case.pk}"
            )

        die_everywhere(world, prepare)

    def test_a_resubmission_straight_back(self, world: World) -> None:
        one_stage_for_two(world)

        def prepare() -> tuple[int, Callable[[], Any]]:
            case = world.submitted()
            ACTS["return"](hand_of(world, case, world.tl))
            return case.pk, lambda: submission.submit_document(
                kind="toy", document_id=case.document_id, actor=fresh(world.am), now=NOW,
                idempotency_key=f"again-{case.pk}",
            )  # fmt: skip

        die_everywhere(world, prepare)

    def test_a_first_submission(self, world: World) -> None:
        document = world.document()

        def submit() -> Case:
            return submission.submit_document(
                kind="toy", document_id=document.pk, actor=fresh(world.am), now=NOW,
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
        check(case, document, world)
