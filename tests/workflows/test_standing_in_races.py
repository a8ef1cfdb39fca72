"""A delegation begins or ends while its items are decided: real connections."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from lending_crm.common.errors import DomainError
from staff.models import Delegation
from staff.services.delegations import end_delegation, give_delegation, tend_delegations
from tests.workflows.test_races import refusals, together
from tests.workflows.world import NOW, World, fresh
from workflows.models import Case, WorkItem
from workflows.services import decisions
from workflows.verification import verify_case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

PERIOD: dict[str, Any] = {"starts_at": NOW, "ends_at": NOW + timedelta(days=3)}


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


def give(world: World, **values: Any) -> Any:
    return give_delegation(
        principal=fresh(world.tl), delegate=fresh(values.pop("delegate", world.bgm)),
        actor=fresh(world.tl), now=NOW, **PERIOD, **values,
    )  # fmt: skip


def decide(item: WorkItem, who: Any) -> Any:
    return decisions.approve(item_id=item.pk, actor=fresh(who), now=NOW, opinion="同意")


def is_alive(case: Case) -> bool:
    """Exactly one open work item, and a history without a broken link."""
    assert verify_case(Case.objects.get(pk=case.pk)) is None
    return WorkItem.objects.filter(case=case, state="OPEN").count() == 1


class TestRaces:
    def test_it_begins_while_the_item_is_decided(self, world: World) -> None:
        for _ in range(4):
            case = world.submitted()
            item = world.item(case, world.tl)
            given, decided = together(
                lambda: give(world, moves_open_items=True),
                lambda item=item: decide(item, world.tl),
            )
            # what came back to him from the rounds before moves too
            its = [moved for moved in given.moved if moved.url == f"/cases/{case.pk}/"]
            one_moved = any(moved.refusal is None for moved in its)
            assert one_moved == isinstance(decided, DomainError)
            assert is_alive(case)
            end_delegation(delegation=given.delegations[0], actor=fresh(world.tl), now=NOW)

    def test_it_ends_while_the_delegate_decides(self, world: World) -> None:
        for _ in range(4):
            given = give(world).delegations[0]
            case = world.submitted()
            item = world.item(case, world.bgm)
            together(
                lambda given=given: end_delegation(
                    delegation=given, actor=fresh(world.tl), now=NOW
                ),
                lambda item=item: decide(item, world.bgm),
            )
            assert is_alive(case)

    def test_two_workers_bring_back_once(self, world: World) -> None:
        give(world)
        case = world.submitted()
        over = NOW + timedelta(days=4)
        together(lambda: tend_delegations(now=over), lambda: tend_delegations(now=over))
        assert WorkItem.objects.get(case=case, state="OPEN").assignee == world.tl
        assert is_alive(case)

    def test_overlapping_ones_at_the_same_moment(self, world: World) -> None:
        results = together(lambda: give(world), lambda: give(world, delegate=world.ceo))
        assert [error.code for error in refusals(results)] == ["DEL-04"]
        assert Delegation.objects.count() == 1
