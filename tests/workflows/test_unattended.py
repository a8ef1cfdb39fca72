"""Stages at which nobody can act: found for all at once as each would say of itself (WF-11)."""

from __future__ import annotations

from random import Random

import pytest

from staff.models import Employee, Role
from staff.services.roles import assign_role
from tests.staff.factories import BranchFactory, person
from tests.workflows.world import NOW, World, fresh
from workflows.choices import ItemState
from workflows.models import Stage, WorkItem
from workflows.pools import OPEN, is_attended, lacks_people, stages_without_people, unattended
from workflows.screens.health import load_health, unattended_cases

pytestmark = pytest.mark.django_db


def waiting() -> Stage:
    """The stage of the world's only case."""
    return Stage.objects.get(OPEN)


def ask(stage: Stage, *asked: WorkItem) -> None:
    """The stage asks these, and nobody else."""
    WorkItem.objects.filter(stage=stage).update(state=ItemState.NOT_NEEDED)
    for seat, item in enumerate(asked, start=50):
        item.case_id, item.stage, item.seat = stage.process_id, stage, seat
        item.round, item.arrived_at = 1, NOW
        item.save()


def pool(code: str, **values: object) -> WorkItem:
    return WorkItem(pool_role=Role.objects.get(code=code), **values)


def left(who: Employee) -> Employee:
    Employee.objects.filter(pk=who.pk).update(is_active=False)
    return who


class TestUnattended:
    def test_somebody_is_asked(self, world: World) -> None:
        world.submitted()
        assert not unattended(Stage.objects.filter(OPEN))

    def test_nobody_is_asked(self, world: World) -> None:
        world.submitted()
        ask(waiting())
        assert list(unattended(Stage.objects.filter(OPEN))) == [waiting()]
        assert lacks_people(waiting())

    def test_the_only_one_has_left(self, world: World) -> None:
        world.submitted()
        left(world.tl)
        assert list(stages_without_people()) == [waiting()]

    def test_one_of_two_has_left(self, world: World) -> None:
        world.submitted()
        ask(waiting(), WorkItem(assignee=world.tl), WorkItem(assignee=world.brm))
        left(world.tl)
        assert not stages_without_people()
        assert not lacks_people(waiting())

    def test_a_pool_that_bars_all_who_are_in_it(self, world: World) -> None:
        world.submitted()
        ask(waiting(), pool("HRM", barred=[world.hrm.pk]))
        assert not stages_without_people()
        ask(waiting(), pool("HRM", barred=[world.hrm.pk, world.hrm2.pk]))
        assert list(stages_without_people()) == [waiting()]

    def test_a_pool_of_a_branch_without_a_holder_of_the_role(self, world: World) -> None:
        world.submitted()
        ask(waiting(), pool("BRM", pool_branch=BranchFactory()))
        assert list(stages_without_people()) == [waiting()]
        ask(waiting(), pool("BRM", pool_branch=world.branch))
        assert not stages_without_people()

    def test_an_empty_pool_beside_one_with_people(self, world: World) -> None:
        world.submitted()
        ask(waiting(), pool("BRM", pool_branch=BranchFactory()), pool("BRM"))
        assert not stages_without_people()

    def test_who_waits_for_his_turn_does_not_count(self, world: World) -> None:
        world.submitted()
        ask(waiting(), WorkItem(assignee=world.tl, state=ItemState.WAITING))
        assert list(stages_without_people()) == [waiting()]

    @pytest.mark.parametrize("seed", range(6))
    def test_is_for_all_what_each_says_of_itself(self, world: World, seed: int) -> None:
        random = Random(seed)
        for _ in range(10):
            world.submitted()
        gone = left(person("BRM", branch=world.branch, department=world.sales))
        people = [world.tl, world.brm, world.hrm, world.hrm2, gone]
        places = [None, world.branch, world.head_office, BranchFactory()]

        def anybody() -> WorkItem:
            if random.random() < 0.3:
                return WorkItem(assignee=random.choice(people))
            return pool(
                random.choice(["TL", "BRM", "HRM", "FIN"]),
                pool_branch=random.choice(places),
                pool_department=random.choice([None, world.sales, world.risk]),
                barred=sorted(one.pk for one in random.sample(people, random.randrange(4))),
            )

        for stage in Stage.objects.filter(OPEN):
            items = {item.assignee_id or -n: item for n in range(3) if (item := anybody())}
            ask(stage, *list(items.values())[: random.randrange(4)])

        stages = Stage.objects.filter(OPEN)
        alone = {stage.pk for stage in stages.filter(~is_attended())}
        assert {stage.pk for stage in unattended(stages)} == alone
        assert 0 < len(alone) < 10
        cases = {stage.process_id for stage in stages.filter(pk__in=alone)}
        assert {case.pk for case in unattended_cases()} == cases
        assert {case.pk for case in load_health(now=NOW).unattended} == cases

    def test_asks_once_for_a_pool(self) -> None:
        """Not of each of its items; that took a second for 100,000."""
        assert "HAVING NOT EXISTS" in str(unattended(Stage.objects.all()).query)


class TestAskedOf:
    @pytest.mark.parametrize("who", ["tl", "brm", "hrm", "hrm2", "am", "adm"])
    def test_is_what_waits_and_what_can_be_claimed(self, world: World, who: str) -> None:
        assign_role(
            employee=world.tl,
            role=Role.objects.get(code="AM"),
            branch=world.branch,
            actor=None,
            now=NOW,
        )
        user = fresh(getattr(world, who))
        for case in [world.submitted() for _ in range(6)][:3]:
            world.approve(case, world.tl)
        stages = list(Stage.objects.filter(OPEN).order_by("pk"))
        brm = Role.objects.get(code="BRM")
        ask(stages[0], pool("HRM", claim_required=True), WorkItem(assignee=world.tl))
        ask(stages[1], pool("HRM", barred=[world.hrm.pk]), pool("AM", pool_branch=world.branch))
        ask(stages[2], WorkItem(assignee=world.hrm, pool_role=brm), pool("TL", barred=[]))
        ask(stages[3], WorkItem(assignee=world.hrm2, pool_role=Role.objects.get(code="HRM")))
        items = WorkItem.objects
        both = items.waiting_for(user) | items.claimable_by(user)
        asked = sorted(items.asked_of(user).values_list("pk", flat=True))
        assert asked == sorted(both.values_list("pk", flat=True))
