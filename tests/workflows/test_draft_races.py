"""Two administrators, two tabs, one draft: real connections to PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.test_races import refusals, together
from tests.workflows.world import NOW, World, fresh
from workflows.choices import VersionState
from workflows.models import FlowVersion
from workflows.services import definitions

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def world(transactional_db: None) -> World:
    return World()


@pytest.fixture
def draft(world: World) -> FlowVersion:
    return definitions.start_draft(
        definition_id=world.version.definition_id, actor=world.adm, now=NOW
    )


def save(world: World, draft: FlowVersion, name: str) -> Any:
    return definitions.save_drawing(
        version_id=draft.pk, actor=fresh(world.adm), now=NOW, seen_revision=1,
        bpmn=draft.bpmn.replace("节点tl", name),
    )  # fmt: skip


class TestOneDraft:
    def test_of_two_drawings_one_is_kept_and_the_other_told(
        self, world: World, draft: FlowVersion
    ) -> None:
        results = together(
            lambda: save(world, draft, "甲"), lambda: save(world, draft, "乙")
        )  # fmt: skip
        assert [refused.code for refused in refusals(results)] == ["WF-12"]
        draft.refresh_from_db()
        assert draft.revision == 2
        assert ("甲" in draft.bpmn) is not ("乙" in draft.bpmn)

    def test_what_is_published_is_what_was_seen(self, world: World, draft: FlowVersion) -> None:
        results = together(
            lambda: save(world, draft, "甲"),
            lambda: definitions.publish_version(
                version_id=draft.pk, actor=fresh(world.adm), now=NOW, note="", seen_revision=1
            ),
        )
        assert len(refusals(results)) == 1
        draft.refresh_from_db()
        was_published = draft.state == VersionState.PUBLISHED
        assert was_published is not ("甲" in draft.bpmn)

    def test_two_that_start_one_get_the_same(self, world: World) -> None:
        def start() -> FlowVersion:
            return definitions.start_draft(
                definition_id=world.version.definition_id, actor=fresh(world.adm), now=NOW
            )

        first, second = together(start, start)
        assert first.pk == second.pk

    def test_of_two_copies_one_is_told(self, world: World) -> None:
        def copy() -> FlowVersion:
            return definitions.start_draft(
                definition_id=world.version.definition_id, actor=fresh(world.adm), now=NOW,
                source_id=world.version.pk,
            )  # fmt: skip

        results = together(copy, copy)
        assert [refused.code for refused in refusals(results)] == ["FLOW-08"]
