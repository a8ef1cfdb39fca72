"""Two versions side by side: in words on the page, by element for the drawings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.workflows.pages import browser, statements, text_of
from tests.workflows.world import NOW, World, at_least, by_role, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.model import Bounds, Definition, RoleReach
from workflows.definitions import parse
from workflows.models import FlowVersion
from workflows.services import definitions

pytestmark = pytest.mark.django_db

TL = stage("tl", by_role("TL", RoleReach.DEPARTMENT))
BRM = stage("brm", by_role("BRM"), duty_line="RISK")
BGM = stage("bgm", by_role("BGM"), when=at_least("level", 2))


def route(*nodes: Any) -> Definition:
    return from_chain(Chain("toy_route", "玩具流程", nodes=nodes))


@pytest.fixture
def world(db: None) -> World:
    return World(TL, BRM)


def draft_of(world: World, definition: Definition) -> FlowVersion:
    draft = definitions.start_draft(
        definition_id=world.version.definition_id, actor=world.adm, now=NOW
    )
    return definitions.save_draft(
        version_id=draft.pk, actor=world.adm, now=NOW, definition=definition,
        seen_revision=draft.revision,
    )  # fmt: skip


@pytest.fixture
def draft(world: World) -> FlowVersion:
    slower = replace(TL, settings=replace(TL.settings, limit_hours=None))
    return draft_of(world, route(slower, BGM))


class TestPage:
    def test_says_what_was_added_removed_and_changed(
        self, world: World, draft: FlowVersion
    ) -> None:
        page = browser(world.adm).get(f"/flows/compare/?after={draft.pk}")
        shown = text_of(page)
        assert "Added Step bgm" in shown
        assert "Removed Step brm" in shown
        assert "Changed Step tl" in shown
        assert "Time limit (working hours): 8 → —" in shown

    def test_compares_a_draft_with_what_is_published(
        self, world: World, draft: FlowVersion
    ) -> None:
        client = browser(world.adm)
        usual = client.get(f"/flows/compare/?after={draft.pk}")
        asked = client.get(f"/flows/compare/?before={world.version.pk}&after={draft.pk}")
        assert text_of(usual) == text_of(asked)

    def test_the_other_way_round_what_was_added_is_removed(
        self, world: World, draft: FlowVersion
    ) -> None:
        path = f"/flows/compare/?before={draft.pk}&after={world.version.pk}"
        assert "Removed Step bgm" in text_of(browser(world.adm).get(path))

    def test_a_shape_that_was_moved_is_no_change(self, world: World) -> None:
        same = parse(world.version.bpmn, "toy")
        shapes = {**same.layout.shapes, "tl": Bounds(900, 900, 120, 72)}
        draft = draft_of(world, replace(same, layout=replace(same.layout, shapes=shapes)))
        page = browser(world.adm).get(f"/flows/compare/?after={draft.pk}")
        assert "Both versions say the same" in text_of(page)

    def test_the_first_version_is_compared_with_itself(self, world: World) -> None:
        page = browser(world.adm).get(f"/flows/compare/?after={world.version.pk}")
        assert "Both versions say the same" in text_of(page)

    def test_statements_do_not_grow_with_the_changes(self, world: World) -> None:
        client = browser(world.adm)
        few = draft_of(world, route(TL))
        path = f"/flows/compare/?after={few.pk}"
        before = len(statements(client, path))
        many = [stage(f"n{number}", by_role("BRM")) for number in range(20)]
        draft_of(world, route(TL, *many))
        assert len(statements(client, path)) == before


class TestMarks:
    def test_each_drawing_marks_what_it_shows(self, world: World, draft: FlowVersion) -> None:
        client = browser(world.adm)
        query = f"?before={world.version.pk}&after={draft.pk}"
        before = client.get(f"/flows/compare/before/marks{query}").json()["changes"]
        after = client.get(f"/flows/compare/after/marks{query}").json()["changes"]
        assert before["brm"] == {"kind": "removed", "word": "Removed"}
        assert after["bgm"] == {"kind": "added", "word": "Added"}
        assert before["tl"] == after["tl"] == {"kind": "changed", "word": "Changed"}
        assert "bgm" not in before
        assert "brm" not in after


class TestAddresses:
    @pytest.mark.parametrize(
        "query",
        ["", "?after=", "?after=x", "?after=0", "?after=-1", f"?after={'9' * 400}",
         "?before=1&after=", "?after=%00"],
    )  # fmt: skip
    def test_that_name_no_version_are_not_found(self, world: World, query: str) -> None:
        client = browser(world.adm)
        for path in ("/flows/compare/", "/flows/compare/after/marks"):
            assert client.get(path + query).status_code == 404

    def test_of_a_side_that_is_none(self, world: World) -> None:
        query = f"?after={world.version.pk}"
        assert browser(world.adm).get(f"/flows/compare/sideways/marks{query}").status_code == 404

    def test_are_for_administrators(self, world: World) -> None:
        query = f"?after={world.version.pk}"
        for path in ("/flows/compare/", "/flows/compare/after/marks"):
            assert browser(world.tl).get(path + query).status_code == 403
