"""Somebody loses a role, or leaves, while an act that found him with it is not there yet."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection, transaction

import pytest

from documents.models import Document
from lending_crm.common.errors import DomainError
from lending_crm.common.models import OutboxMessage
from lending_crm.common.services import deliver_due
from staff.models import Employee, RoleAssignment
from staff.services.people import deactivate_employee
from staff.services.roles import revoke_role
from tests.staff.factories import role
from tests.workflows.invariants import check
from tests.workflows.test_role_changes import colleague, gain
from tests.workflows.world import NOW, World, by_role, fresh, stage
from workflows.bpmn.model import DecideMode
from workflows.choices import EventKind, ItemState
from workflows.models import Case, Stage, WorkItem
from workflows.services import decisions
from workflows.services.role_changes import (
    LOOKS_AGAIN,
    ROLES_LOST_TOPIC,
    fill_vacant_seats,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World(
        stage("first", by_role("TL"), duty_line="MANAGEMENT"),
        stage("both", by_role("BRM"), by_role("BGM"), decide=DecideMode.ALL, duty_line="RISK"),
    )


@contextmanager
def not_there_yet(act: Callable[[], Any]) -> Iterator[None]:
    """The act is done on a connection of its own, and commits only after the block."""
    done, commit = threading.Event(), threading.Event()

    def run() -> None:
        with transaction.atomic():
            act()
            done.set()
            commit.wait(30)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert done.wait(30)
    try:
        yield
    finally:
        commit.set()
        thread.join(30)


def worker(wait: timedelta) -> None:
    deliver_due(clock=lambda: NOW + wait, limit=50)


def lose(world: World, who: Employee) -> None:
    revoke_role(assignment=who.role_assignments.get(), actor=fresh(world.adm), now=NOW)


def leave(world: World, who: Employee) -> None:
    deactivate_employee(employee=who, actor=fresh(world.adm), now=NOW)


def seat_of(case: Case, who: Employee) -> WorkItem:
    return WorkItem.objects.get(case=case, assignee=who, stage__node_id="both")


class TestLostMeanwhile:
    def given_too_late(self, world: World, loss: Callable[[World, Employee], None]) -> Case:
        case = world.submitted()
        with not_there_yet(lambda: world.approve(case, world.tl)):
            loss(world, world.brm)
        assert seat_of(case, world.brm).state == ItemState.OPEN
        return case

    @pytest.mark.parametrize("loss", [lose, leave])
    @pytest.mark.parametrize("wait", LOOKS_AGAIN)
    def test_the_worker_takes_the_seat(
        self, world: World, loss: Callable[[World, Employee], None], wait: timedelta
    ) -> None:
        case = self.given_too_late(world, loss)
        worker(wait)
        assert seat_of(case, world.brm).state == ItemState.REMOVED
        assert Stage.objects.get(process=case, node_id="both").is_blocked
        event = case.events.get(kind=EventKind.RELEASED)
        assert (event.data["person"], event.actor) == (world.brm.name, None)
        successor = gain(world, colleague(world), "BRM", branch=world.branch)
        assert seat_of(case, successor).state == ItemState.OPEN
        worker(LOOKS_AGAIN[-1])
        check(Case.objects.get(pk=case.pk), Document.objects.get(pk=case.document_id), world)

    def test_wf_03_he_cannot_decide_it_meanwhile(self, world: World) -> None:
        case = self.given_too_late(world, lose)
        item = seat_of(case, world.brm)
        with pytest.raises(DomainError) as refused:
            decisions.approve(item_id=item.pk, actor=fresh(world.brm), now=NOW, opinion="同意")
        assert refused.value.code == "WF-03"

    def test_a_look_that_comes_too_early_is_followed_by_another(self, world: World) -> None:
        case = world.submitted()
        with not_there_yet(lambda: world.approve(case, world.tl)):
            lose(world, world.brm)
            worker(LOOKS_AGAIN[0])
        assert seat_of(case, world.brm).state == ItemState.OPEN
        worker(LOOKS_AGAIN[1])
        assert seat_of(case, world.brm).state == ItemState.REMOVED
        assert not OutboxMessage.objects.filter(topic=ROLES_LOST_TOPIC, delivered_at=None).exists()


class TestTick:
    def test_a_case_that_somebody_holds_does_not_stop_the_others(self, world: World) -> None:
        busy, free = world.submitted(), world.submitted()
        for case in (busy, free):
            world.approve(case, world.tl)
        lose(world, world.brm)
        successor = colleague(world)
        # As the tick finds it: nothing has woken the blocked steps yet.
        RoleAssignment.objects.create(employee=successor, role=role("BRM"), branch=world.branch)
        with not_there_yet(lambda: Case.objects.select_for_update().get(pk=busy.pk)):
            fill_vacant_seats(now=NOW)
            assert seat_of(free, successor).state == ItemState.OPEN
            assert not WorkItem.objects.filter(case=busy, assignee=successor).exists()
        fill_vacant_seats(now=NOW)
        assert seat_of(busy, successor).state == ItemState.OPEN
