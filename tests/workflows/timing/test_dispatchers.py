"""Several dispatchers over the same timers, on connections and processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
import time
from collections import Counter

from django.conf import settings
from django.db import close_old_connections, connection, transaction

import pytest

from lending_crm.common.models import OutboxMessage
from tests.workflows.test_races import together
from tests.workflows.timing.steps import AT_80, AT_100, chain, ring, timer
from tests.workflows.world import World, by_role, stage
from workflows.act import lock_case
from workflows.bpmn.ladder import Recipient, Rung, RungAct
from workflows.choices import EventKind, ItemState, TimerState
from workflows.models import Case, HistoryEvent, Timer, WorkItem
from workflows.timing import dispatch
from workflows.verification import verify_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

CASES = 24


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def each_rang_once(kind: str, cases: list[Case]) -> None:
    per_case = Counter(HistoryEvent.objects.filter(kind=kind).values_list("case_id", flat=True))
    assert per_case == {case.pk: 1 for case in cases}
    for case in cases:
        assert verify_case(Case.objects.get(pk=case.pk)) is None


class TestThreeDispatchers:
    def test_each_reminder_is_sent_once(self, world: World, settings) -> None:
        settings.TIMERS_BATCH = 5
        cases = [world.submitted() for _ in range(CASES)]
        OutboxMessage.objects.all().delete()

        reports = together(*[lambda: ring(AT_80)] * 3)
        # What was busy for one of them comes back a little later.
        while ring(AT_80 + dispatch.BUSY_DELAY).looked_at:
            pass

        assert sum(report.failed for report in reports) == 0
        assert Timer.objects.filter(percent=80, state=TimerState.DONE).count() == CASES
        assert OutboxMessage.objects.count() == CASES
        each_rang_once(EventKind.REMINDED, cases)

    def test_work_is_handed_over_once(self, world: World) -> None:
        ladder = (Rung(100, frozenset({Recipient.ASSIGNEE}), RungAct.HAND_OVER),)
        world.publish(chain(stage("tl", by_role("TL"), ladder=ladder)))
        cases = [world.submitted() for _ in range(9)]

        together(*[lambda: ring(AT_100)] * 3)
        while ring(AT_100 + dispatch.BUSY_DELAY).looked_at:
            pass

        each_rang_once(EventKind.ESCALATED, cases)
        held = WorkItem.objects.filter(state=ItemState.OPEN)
        assert Counter(held.values_list("case_id", "assignee_id")) == {
            (case.pk, world.bgm.pk): 1 for case in cases
        }

    def test_a_decision_and_its_reminder_do_not_wait_for_each_other(self, world: World) -> None:
        case = world.submitted()

        approved, report = together(
            lambda: world.approve(case, world.tl, minutes=400), lambda: ring(AT_80)
        )

        assert isinstance(approved, Case), approved
        assert report.failed == 0
        assert verify_case(Case.objects.get(pk=case.pk)) is None


class TestLockedCase:
    def test_delays_no_other(self, world: World) -> None:
        locked, free = world.submitted(), world.submitted()
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic():
                lock_case(pk=locked.pk)
                held.set()
                done.wait(20)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait(10)
        began = time.monotonic()
        report = ring(AT_80)
        took = time.monotonic() - began
        done.set()
        holder.join(10)
        close_old_connections()

        # Far less than the two seconds that an act waits for a lock.
        assert took < 1.5
        assert (report.done, report.busy) == (1, 1)
        assert timer(free, 80).state == TimerState.DONE
        # The attempt does not count, and it is looked at again soon.
        waiting = timer(locked, 80)
        assert (waiting.state, waiting.attempts) == (TimerState.WAITING, 0)
        assert ring(AT_80 + dispatch.BUSY_DELAY).done == 1


KILLED = """
import os, signal, sys
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from tests.workflows.timing.steps import AT_80, ring
seen, limit = 0, int(sys.argv[2])
def count(execute, sql, params, many, context):
    global seen
    seen += 1
    if seen > limit:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, params, many, context)
with connection.execute_wrapper(count):
    ring(AT_80)
print("done", seen)
"""


class TestKilledDispatcher:
    def run(self, limit: int) -> subprocess.CompletedProcess[str]:
        name = connection.settings_dict["NAME"]
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(KILLED), name, str(limit)],
            check=False, capture_output=True, text=True, timeout=60, cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "lending_crm.settings.test"},
        )  # fmt: skip

    def test_loses_none_and_does_none_twice(self, world: World) -> None:
        """Killed before each statement of a batch in turn; the next dispatcher does it all."""
        cases = [world.submitted() for _ in range(3)]
        messages = OutboxMessage.objects.count()
        limit = 0
        while True:
            found = self.run(limit)
            if found.returncode == 0:
                break
            assert found.returncode == -9, found.stderr
            limit += 1
            done = Timer.objects.filter(percent=80, state=TimerState.DONE).count()
            assert done in (0, len(cases)), "half a batch"
            assert OutboxMessage.objects.count() - messages == done
            if done:
                break
            Timer.objects.filter(percent=80).update(ring_at=AT_80, attempts=0)
        assert limit >= 8
        # A dispatcher that died while it held them: they come back when the lease is over.
        ring(AT_80 + dispatch.LEASE * 2)
        each_rang_once(EventKind.REMINDED, cases)
        assert OutboxMessage.objects.count() - messages == len(cases)

    def test_what_it_held_comes_back_after_the_lease(self, world: World) -> None:
        case = world.submitted()
        assert len(dispatch.claim_fresh(now=AT_80, size=10)) == 1

        assert ring(AT_80 + dispatch.LEASE / 2).looked_at == 0
        assert ring(AT_80 + dispatch.LEASE).done == 1

        assert timer(case, 80).state == TimerState.DONE
