"""审批链 of a case page: who decided, who may take what lies in a pool, who comes next."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workflows.world import NOW, World, fresh
from workflows.models import Case
from workflows.preview import PreviewStep
from workflows.screens.items import case_items
from workflows.screens.route import load_route
from workflows.services import decisions


def route_of(case: Case) -> list[PreviewStep]:
    case = Case.objects.get(pk=case.pk)
    return load_route(case, case_items(case), language="zh-hans", now=NOW)


@pytest.fixture
def world(db: None) -> World:
    return World()


class TestLoadRoute:
    def test_names_who_may_take_a_pool_item(self, world: World) -> None:
        first = route_of(world.submitted())[0]

        assert (first.state, list(first.people)) == ("current", [world.tl.name])

    def test_keeps_decisions_that_a_direct_return_stands_on(self, world: World) -> None:
        document = world.document()
        case = world.submit(document)
        world.approve(case, world.tl)
        decisions.return_case(
            item_id=world.item(case, world.brm).pk,
            actor=fresh(world.brm),
            now=NOW + timedelta(minutes=5),
            opinion="请补充材料说明",
            resumes_directly=True,
        )
        case = world.submit(document, at=NOW + timedelta(minutes=9))

        steps = route_of(case)
        assert [(step.state, list(step.people)) for step in steps[:2]] == [
            ("done", [world.tl.name]),
            ("current", [world.brm.name]),
        ]

    def test_starts_over_without_them(self, world: World) -> None:
        document = world.document()
        case = world.submit(document)
        world.approve(case, world.tl)
        decisions.return_case(
            item_id=world.item(case, world.brm).pk,
            actor=fresh(world.brm),
            now=NOW + timedelta(minutes=5),
            opinion="请补充材料说明",
        )
        world.edit(document, amount="50000.00")
        case = world.submit(document, at=NOW + timedelta(minutes=9))

        assert [step.state for step in route_of(case)[:2]] == ["current", "ahead"]
