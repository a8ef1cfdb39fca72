"""Service tasks of a route: offered by title, drawn, exported, never in an approval's way."""

from __future__ import annotations

import json
from typing import Any

from django.utils import translation
from django.utils.functional import lazystr

import pytest
from lxml import html

from tests.workflows.pages import browser, text_of
from tests.workflows.test_designer import Tab
from tests.workflows.test_flow_admin import Editor, start_draft
from tests.workflows.world import NOW, World, at_least, by_role, stage
from workflows import service_tasks
from workflows.act import Act
from workflows.bpmn.chain import Chain, ChainService, from_chain
from workflows.bpmn.codec import chain_from_json, chain_to_json
from workflows.bpmn.conditions import Operator
from workflows.bpmn.model import ServiceTask
from workflows.bpmn.words import route_words
from workflows.choices import CaseState, EventKind
from workflows.definitions import definition_of
from workflows.screens.flows import load_editor
from workflows.screens.notes import note_of
from workflows.service_tasks import ServiceAct
from workflows.services import definitions

pytestmark = pytest.mark.django_db

RING = "toy.ring"


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An act that only toys are offered; what it did."""
    done: list[str] = []

    def run(act: Act, task: ServiceTask) -> None:
        done.append(f"{act.case.doc_no} {task.id}")

    ring = ServiceAct(RING, lazystr("Ring the bell"), run, lambda kind: kind.code == "toy")
    monkeypatch.setitem(service_tasks._acts, RING, ring)
    return done


@pytest.fixture
def world(db: None) -> World:
    return World(stage("tl", by_role("TL")))


def ring(node_id: str = "ring", handler: str = RING) -> ChainService:
    return ChainService(node_id, "敲钟", "Bell", handler)


def publish(world: World, *nodes: Any) -> None:
    nodes = (stage("tl", by_role("TL")), *nodes)
    world.publish(from_chain(Chain("toy_route", "一步", nodes=nodes)))


class TestRun:
    def test_runs_in_the_deciding_transaction(self, world: World, rung: list[str]) -> None:
        publish(world, ring())
        case = world.approve(world.submitted(), world.tl)
        assert rung == [f"{case.doc_no} ring"]
        assert case.state == CaseState.APPROVED

    def test_an_act_that_is_gone_holds_no_approval_up(self, world: World) -> None:
        """The app that registered it was taken out after the version was published."""
        publish(world, ring())
        case = world.approve(world.submitted(), world.tl)
        assert case.state == CaseState.APPROVED
        event = case.events.get(kind=EventKind.SYSTEM_STEP)
        with translation.override("en"):
            assert note_of(event) == "Bell · The system knows no act “toy.ring” any more."
        with translation.override("zh-hans"):
            assert note_of(event).startswith("敲钟 · ")

    def test_two_acts_never_share_a_name(self, rung: list[str]) -> None:
        with pytest.raises(ValueError, match="registered twice"):
            service_tasks.register(service_tasks._acts[RING])


class TestEditor:
    def test_the_list_offers_it_by_its_title(self, world: World, rung: list[str]) -> None:
        editor = Editor(world.adm, start_draft(world))
        assert "Add a system step" in text_of(editor.page)
        editor.do("add_service", "tl")
        assert editor.nodes() == ["tl", "service_1"]
        assert "Choose what the system does" in text_of(editor.page)
        assert "Ring the bell" in text_of(editor.page)
        assert editor.save(node__handler=RING).status_code == 200
        assert "The publish check finds nothing wrong." in text_of(editor.page)
        assert editor.publish().status_code == 302
        editor.version.refresh_from_db()
        task = definition_of(editor.version.pk).elements["service_1"]
        assert isinstance(task, ServiceTask)
        assert (task.handler, task.name_en) == (RING, "System step")

    def test_it_can_depend_on_a_condition(self, world: World, rung: list[str]) -> None:
        editor = Editor(world.adm, start_draft(world))
        editor.do("add_service", "tl")
        editor.save(node__handler=RING)
        assert editor.add_condition("level", Operator.GE.value, "2").status_code == 200
        editor.version.refresh_from_db()
        chain = load_editor(editor.version).chain
        assert chain is not None
        node = chain.nodes[1]
        assert isinstance(node, ChainService)
        assert (node.handler, node.condition) == (RING, at_least("level", 2))

    def test_both_languages(self, world: World) -> None:
        titles = {
            "zh-hans": "短信通知客户:已审批通过",
            "en": "Text the customer that it was approved",
        }
        for language, title in titles.items():
            with translation.override(language):
                assert service_tasks.title_of("sms.approved") == title

    def test_without_an_act_for_the_kind_there_is_no_button(self, world: World) -> None:
        editor = Editor(world.adm, start_draft(world))
        assert "Add a system step" not in text_of(editor.page)

    def test_the_designer_offers_it_by_its_title(self, world: World, rung: list[str]) -> None:
        publish(world, ring())
        draft = definitions.start_draft(
            definition_id=world.version.definition_id, actor=world.adm, now=NOW
        )
        panel = html.fromstring(Tab(world, draft).panel("ring").content.decode())
        offered = panel.xpath("//select[@name='node-handler']/option/text()")
        assert [text.strip() for text in offered] == ["—", "Ring the bell"]


class TestTravel:
    def test_is_drawn_and_told_in_words(self, world: World, rung: list[str]) -> None:
        publish(world, ring())
        with translation.override("en"):
            words = route_words(definition_of(world.version.pk), ())
        assert any("done by the system: Ring the bell" in line for line in words)
        svg = browser(world.adm).get(f"/flows/versions/{world.version.pk}/diagram.svg")
        assert "Bell" in svg.content.decode()

    def test_survives_export_and_import(self, world: World, rung: list[str]) -> None:
        publish(world, ring())
        path = f"/flows/versions/{world.version.pk}/bpmn"
        exported = browser(world.adm).get(path).content
        route = definitions.read_route(exported, "toy")
        assert route == definition_of(world.version.pk)
        assert not definitions.findings_of(route, "toy")

    def test_survives_json(self, world: World) -> None:
        chain = Chain("p", "P", nodes=(stage("a", by_role("TL")), ring()))
        told = json.loads(json.dumps(chain_to_json(chain)))
        assert told["nodes"][1]["type"] == "service"
        assert chain_from_json(told, facts=()) == chain

    def test_an_act_of_another_kind_is_not_published(self, world: World) -> None:
        publish(world, ring(handler="sms.approved"))
        found = definitions.findings_of(definition_of(world.version.pk), "toy")
        assert [finding.code for finding in found] == ["unknown-handler"]
