"""流程图: which ways the case has gone in this round, and which it has left since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.workflows.pages import browser, text_of
from tests.workflows.world import NOW, World, at_least, by_role, fresh, stage
from workflows.bpmn.model import RoleReach
from workflows.choices import EventKind
from workflows.definitions import definition_of
from workflows.models import Case
from workflows.screens.diagram import Way, returned_jumps, way_of
from workflows.screens.history import case_events
from workflows.services import decisions, items

pytestmark = pytest.mark.django_db

REASON = "请补充说明还款来源"
LATER = NOW + timedelta(minutes=9)


@pytest.fixture
def world(db: None) -> World:
    """tl, then for large documents hrm, then bgm."""
    return World(
        stage("tl", by_role("TL")),
        stage("hrm", by_role("HRM", RoleReach.HEAD_OFFICE), when=at_least("level", 2)),
        stage("bgm", by_role("BGM")),
    )


def way(case: Case) -> Way:
    return way_of(case_events(case), case.flow_version_id)


def returned(world: World, case: Case, who: Any, **values: Any) -> Case:
    return decisions.return_case(
        item_id=world.item(case, who).pk, actor=fresh(who), now=NOW, opinion=REASON, **values
    )


def sent_on_another_way(world: World) -> Case:
    """Round 1 goes over hrm, who returns it; the smaller document of round 2 passes him by."""
    document = world.document(level=2)
    returned(world, world.approve(world.submit(document), world.tl), world.hrm)
    world.edit(document, level=1, amount="50000.00")
    return world.approve(world.submit(document, at=LATER), world.tl, minutes=20)


def to_hrm(case: Case) -> set[str]:
    return {flow.id for flow in definition_of(case.flow_version_id).incoming("hrm")}


class TestWay:
    def test_in_the_first_round_everything_is_of_now(self, world: World) -> None:
        case = world.approve(world.submitted(level=2), world.tl)
        assert way(case).taken >= to_hrm(case)
        assert way(case).earlier == frozenset()

    def test_what_only_the_earlier_round_took_is_told_apart(self, world: World) -> None:
        case = sent_on_another_way(world)
        assert to_hrm(case) <= way(case).earlier
        assert not way(case).taken & way(case).earlier

    def test_what_both_rounds_took_is_of_now(self, world: World) -> None:
        case = sent_on_another_way(world)
        first = next(e for e in case_events(case) if e.kind == EventKind.SUBMITTED)
        assert set(first.path) <= way(case).taken

    def test_the_last_way_stays_while_the_handler_has_it(self, world: World) -> None:
        case = world.approve(world.submitted(level=2), world.tl)
        before = way(case)
        assert way(returned(world, case, world.hrm)) == before

    def test_a_way_whose_approval_was_taken_back_is_left(self, world: World) -> None:
        case = world.approve(world.submitted(level=2), world.tl)
        item = case.items.get(decided_by=world.tl)
        case = items.take_back(item_id=item.pk, actor=fresh(world.tl), now=LATER)
        assert to_hrm(case) <= way(case).earlier

    def test_a_return_that_was_taken_back_led_nowhere(self, world: World) -> None:
        case = returned(world, world.approve(world.submitted(level=2), world.tl), world.hrm)
        definition = definition_of(case.flow_version_id)
        assert returned_jumps(case_events(case), definition)
        item = case.items.get(decided_by=world.hrm)
        case = items.take_back(item_id=item.pk, actor=fresh(world.hrm), now=LATER)
        assert returned_jumps(case_events(case), definition) == []


class TestShown:
    def test_the_picture_draws_it_dashed_and_the_legend_says_so(self, world: World) -> None:
        case = sent_on_another_way(world)
        svg = browser(world.tl).get(f"/cases/{case.pk}/diagram.svg").content.decode()
        assert "Taken before, left since" in svg
        assert "Taken in this round" in svg
        for flow_id in to_hrm(case):
            drawn = svg.split(f'data-flow="{flow_id}"')[1].split("</g>")[0]
            assert 'stroke-dasharray="7 4"' in drawn

    def test_nothing_is_said_where_there_is_one_way(self, world: World) -> None:
        case = world.approve(world.submitted(level=2), world.tl)
        client = browser(world.tl)
        svg = client.get(f"/cases/{case.pk}/diagram.svg").content.decode()
        assert "left since" not in svg
        assert "left since" not in text_of(client.get(f"/cases/{case.pk}/diagram/"))

    def test_the_words_name_the_ways(self, world: World) -> None:
        case = sent_on_another_way(world)
        panel = text_of(browser(world.tl).get(f"/cases/{case.pk}/diagram/"))
        assert "Taken before and left since: " in panel
        assert "→ Step hrm" in panel.split("Taken before and left since: ")[1]

    def test_the_drawing_in_the_browser_gets_both(self, world: World) -> None:
        case = sent_on_another_way(world)
        marks = browser(world.tl).get(f"/cases/{case.pk}/marks").json()
        assert to_hrm(case) <= set(marks["earlier"])
        assert not set(marks["taken"]) & set(marks["earlier"])
