"""Migration against people at work, and against itself: real connections to PostgreSQL."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

import pytest

from tests.workflows.test_migration import chain_of, checked, started, work
from tests.workflows.test_races import refusals, together
from tests.workflows.world import NOW, World, default_stages, fresh
from workflows.act import lock_case
from workflows.choices import EventKind, ItemState, MoveState, RunState
from workflows.models import Case, HistoryEvent, WorkItem
from workflows.services import decisions, flow_migrations
from workflows.services.flow_migrations import Progress
from workflows.verification import verify_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def step(migration: Any, minutes: int = 0) -> Progress:
    now = NOW + timedelta(minutes=minutes)
    return flow_migrations.continue_migration(migration_id=migration.pk, now=now)


class TestMigrationAndPeople:
    @pytest.mark.parametrize("turn", range(5))
    def test_an_approval_at_the_same_moment(self, world: World, turn: int) -> None:
        case = world.submitted()
        item = world.item(case)
        tl, brm, *rest = default_stages()
        world.publish(chain_of(tl, *rest) if turn % 2 else chain_of(tl, brm, *rest))
        migration = checked(world)
        started(world, migration)
        results = together(
            lambda: step(migration),
            lambda: decisions.approve(
                item_id=item.pk, actor=fresh(world.tl), now=NOW, opinion="同意"
            ),
        )
        assert not refusals(results), results
        case.refresh_from_db()
        assert verify_case(case) is None
        (waiting,) = WorkItem.objects.filter(case=case, state=ItemState.OPEN)
        moved = migration.cases.get().state == MoveState.MOVED
        assert (case.flow_version_id == world.version.pk) == moved
        assert waiting.stage.node_id in (("bgm", "brm") if turn % 2 else ("brm",))

    def test_a_busy_case_is_tried_again(self, world: World) -> None:
        case = world.submitted()
        world.publish(chain_of(*default_stages()))
        migration = checked(world)
        started(world, migration)
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with transaction.atomic():
                lock_case(pk=case.pk)
                held.set()
                done.wait(20)
            connection.close()

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait(20)
        assert step(migration) is Progress.WORKED
        row = migration.cases.get()
        assert (row.state, row.attempts) == (MoveState.PENDING, 1)
        assert step(migration) is Progress.RESTING
        done.set()
        holder.join()
        assert step(migration, minutes=5) is Progress.WORKED
        assert step(migration, minutes=5) is Progress.OVER
        row.refresh_from_db()
        migration.refresh_from_db()
        assert (row.state, migration.state) == (MoveState.MOVED, RunState.DONE)


class TestTwoWorkers:
    def test_move_nothing_twice(self, world: World) -> None:
        cases = [world.submitted() for _ in range(12)]
        world.publish(chain_of(*default_stages()))
        migration = checked(world)
        started(world, migration)
        results = together(*[lambda: work(migration)] * 3)
        assert not refusals(results), results
        assert migration.cases.filter(state=MoveState.MOVED).count() == 12
        for case in cases:
            assert HistoryEvent.objects.filter(case=case, kind=EventKind.MIGRATED).count() == 1
            assert verify_case(Case.objects.get(pk=case.pk)) is None

    def test_check_nothing_twice(self, world: World) -> None:
        for _ in range(9):
            world.submitted()
        world.publish(chain_of(*default_stages()))
        asked = flow_migrations.request_migration(
            version_id=world.version.pk, actor=fresh(world.adm), now=NOW
        )
        results = together(*[lambda: work(asked, batch=2)] * 3)
        assert not refusals(results), results
        work(asked)
        asked.refresh_from_db()
        assert (asked.seen, asked.cases.count(), asked.is_checked) == (9, 9, True)

    def test_ask_for_one_dry_run(self, world: World) -> None:
        world.submitted()
        world.publish(chain_of(*default_stages()))
        ask = {"version_id": world.version.pk, "now": NOW}
        found = together(
            *[
                lambda: flow_migrations.request_migration(actor=fresh(world.adm), **ask)
                for _ in range(3)
            ]
        )
        assert len({each.pk for each in found}) == 1
