"""The designer: a draft is drawn in the browser, checked, kept and published by the server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rest_framework.test import APIClient

import pytest
from lxml import html

from lending_crm.common.errors import DomainError
from tests.workflows.pages import HTMX, browser, text_of
from tests.workflows.random_routes import side_by_side
from tests.workflows.world import NOW, World, at_least, by_role, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.fragment import element_xml
from workflows.bpmn.model import (
    BoundaryTimer,
    Bounds,
    Definition,
    EndKind,
    Gateway,
    GatewayKind,
    RoleReach,
    StageAction,
)
from workflows.bpmn.xml import write
from workflows.choices import VersionState
from workflows.definitions import parse
from workflows.models import FlowDefinition, FlowVersion
from workflows.services import definitions

pytestmark = pytest.mark.django_db

NODES = (
    stage("tl", by_role("TL", RoleReach.DEPARTMENT)),
    stage("brm", by_role("BRM"), duty_line="RISK", when=at_least("level", 2)),
)


@pytest.fixture
def world(db: None) -> World:
    return World(*NODES)


@pytest.fixture
def draft(world: World) -> FlowVersion:
    return definitions.start_draft(
        definition_id=world.version.definition_id, actor=world.adm, now=NOW
    )


class Tab:
    """The designer in one tab: what the server answers to what the browser sends."""

    def __init__(self, world: World, draft: FlowVersion, *, language: str = "en") -> None:
        self.client = browser(world.adm, language=language)
        self.draft = draft
        self.bpmn = draft.bpmn

    def path(self, part: str = "") -> str:
        return f"/flows/versions/{self.draft.pk}/designer/{part}"

    def panel(self, element: str) -> Any:
        data = {"bpmn": self.bpmn, "element": element}
        return self.client.post(self.path("panel/"), data, headers=HTMX)

    def apply(self, element: str, **changed: Any) -> Any:
        """Open an element's panel, change some fields and send it, as the browser would."""
        page = html.fromstring(self.panel(element).content.decode())
        (form,) = page.xpath("//form[@data-designer-form]") or [page]
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        data |= {"bpmn": self.bpmn, "element": element}
        data |= {name.replace("__", "-"): value for name, value in changed.items()}
        return self.client.post(self.path("apply/"), data, headers=HTMX)

    def fragment(self, answer: Any) -> str:
        assert answer.status_code == 200, text_of(answer)
        found = html.fromstring(answer.content.decode()).xpath("//@data-fragment")
        assert found, text_of(answer)
        return str(found[0])


@pytest.fixture
def tab(world: World, draft: FlowVersion) -> Tab:
    return Tab(world, draft)


def api(who: Any) -> APIClient:
    client = APIClient(headers={"Accept-Language": "en"})
    client.force_authenticate(type(who).objects.get(pk=who.pk))
    return client


def route_of(version: FlowVersion) -> Definition:
    version.refresh_from_db()
    return parse(version.bpmn, version.definition.document_kind)


class TestPage:
    def test_shows_the_drawing_and_the_route_in_the_panel(self, tab: Tab) -> None:
        page = tab.client.get(tab.path())
        assert page.status_code == 200
        shown = text_of(page)
        assert "Step tl" in shown
        assert "Gateway: " in shown
        assert b"bpmn-modeler.min.js" in page.content

    def test_of_a_published_version_leads_to_its_page(self, world: World, tab: Tab) -> None:
        answer = tab.client.get(f"/flows/versions/{world.version.pk}/designer/")
        assert (answer.status_code, answer.url) == (302, f"/flows/versions/{world.version.pk}/")

    @pytest.mark.parametrize("part", ["", "panel/", "apply/"])
    def test_is_for_administrators(self, world: World, tab: Tab, part: str) -> None:
        client = browser(world.tl)
        ask = client.post if part else client.get
        assert ask(tab.path(part), {"bpmn": tab.bpmn}).status_code == 403

    def test_the_list_says_what_it_cannot_show_and_offers_the_designer(
        self, world: World, tab: Tab
    ) -> None:
        chain = from_chain(Chain("toy_route", "玩具流程", nodes=(NODES[0], NODES[0])[:1]))
        both = from_chain(
            Chain("toy_route", "玩具流程", nodes=(NODES[0], replace(NODES[1], condition=None)))
        )
        assert chain != both
        definitions.save_draft(
            version_id=tab.draft.pk, actor=world.adm, now=NOW, seen_revision=1,
            definition=side_by_side(both, "tl", "brm"),
        )  # fmt: skip
        page = tab.client.get(f"/flows/versions/{tab.draft.pk}/edit/")
        assert "This route cannot be shown as a list" in text_of(page)
        assert "Open it in the designer" in text_of(page)


class TestPanel:
    def test_of_a_stage_has_the_fields_of_the_list_editor(self, tab: Tab) -> None:
        listed = tab.client.get(f"/flows/versions/{tab.draft.pk}/edit/?node=tl")
        names = {
            name
            for name in html.fromstring(listed.content.decode()).xpath("//@name")
            if name.startswith(("node-", "rules-"))
        }
        shown = set(html.fromstring(tab.panel("tl").content.decode()).xpath("//@name"))
        assert names - {"node-joint"} <= shown
        assert "node-joint" not in shown

    def test_changes_a_stage(self, tab: Tab) -> None:
        answer = tab.apply(
            "tl", node__name="复核", node__limit_hours="12", rules__0__role="FIN",
            node__actions=["approve", "return"],
        )  # fmt: skip
        xml = tab.fragment(answer)
        assert 'name="复核"' in xml
        assert 'limitHours="12"' in xml
        assert 'role="FIN"' in xml
        assert xml.count("lc:action") == 2

    def test_keeps_a_hidden_field_that_the_kind_does_not_know(self, world: World, tab: Tab) -> None:
        node = replace(NODES[0], settings=replace(NODES[0].settings, hidden_fields=("rate",)))
        tab.bpmn = write(from_chain(Chain("toy_route", "玩具流程", nodes=(node,))))
        assert "hiddenField" in tab.fragment(tab.apply("tl", node__name="复核"))

    def test_says_what_is_wrong_at_the_field(self, tab: Tab) -> None:
        answer = tab.apply("tl", node__limit_hours="-3")
        assert answer.status_code == 422
        assert "data-fragment" not in answer.content.decode()
        assert html.fromstring(answer.content.decode()).xpath("//*[@aria-invalid='true']")

    def test_of_a_way_edits_its_condition_in_words(self, tab: Tab) -> None:
        flow = next(f for f in route_of(tab.draft).flows.values() if f.condition)
        assert "at least 2" in text_of(tab.panel(flow.id))
        answer = tab.apply(
            flow.id, conditions__0__fact="amount", conditions__0__operator="gt",
            conditions__0__value="3,000,000",
        )  # fmt: skip
        assert "amount > 3000000" in html.fromstring(tab.fragment(answer)).text_content()

    def test_of_a_plain_way_offers_no_condition(self, tab: Tab) -> None:
        flow = route_of(tab.draft).outgoing("tl")[0]
        shown = text_of(tab.panel(flow.id))
        assert "This way is always taken." in shown
        assert "Add a condition" not in shown

    def test_of_the_default_way_says_so(self, tab: Tab) -> None:
        route = route_of(tab.draft)
        gateway = next(e for e in route.elements.values() if isinstance(e, Gateway))
        assert gateway.default
        assert "no other condition" in text_of(tab.panel(gateway.default))

    def test_of_a_gateway_chooses_the_default_way(self, tab: Tab) -> None:
        route = route_of(tab.draft)
        gateway = next(e for e in route.elements.values() if isinstance(e, Gateway))
        other = next(f for f in route.outgoing(gateway.id) if f.id != gateway.default)
        xml = tab.fragment(tab.apply(gateway.id, node__default=other.id))
        assert f'default="{other.id}"' in xml

    def test_of_an_end_chooses_its_kind(self, tab: Tab) -> None:
        xml = tab.fragment(tab.apply("approved", node__kind=EndKind.REJECTED.value))
        assert 'kind="REJECTED"' in xml

    def test_of_a_timer_wants_a_duration(self, tab: Tab) -> None:
        route = route_of(tab.draft)
        timer = BoundaryTimer("late", "超时", attached_to="tl", duration="PT8H")
        tab.bpmn = write(replace(route, elements={**route.elements, "late": timer}))
        assert tab.apply("late", node__duration="tomorrow").status_code == 422
        assert "P1D" in tab.fragment(tab.apply("late", node__duration="p1d"))

    def test_of_the_route_changes_its_titles_only(self, tab: Tab) -> None:
        xml = tab.fragment(tab.apply("", node__name="新名称"))
        assert 'name="新名称"' in xml
        assert "userTask" not in xml

    def test_names_the_findings_of_its_element(self, tab: Tab) -> None:
        node = stage("tl")
        tab.bpmn = write(from_chain(Chain("toy_route", "玩具流程", nodes=(node,))))
        assert html.fromstring(tab.panel("tl").content.decode()).xpath(
            "//*[contains(@class, 'ui-tone-red')]"
        )

    def test_of_what_is_not_there(self, tab: Tab) -> None:
        assert tab.panel("nowhere").status_code == 200
        answer = tab.client.post(
            tab.path("apply/"), {"bpmn": tab.bpmn, "element": "nowhere"}, headers=HTMX
        )
        assert answer.status_code == 404

    def test_saves_nothing(self, tab: Tab) -> None:
        tab.apply("tl", node__name="复核")
        tab.draft.refresh_from_db()
        assert (tab.draft.revision, tab.draft.bpmn) == (1, tab.bpmn)

    def test_names_unsupported_elements(self, tab: Tab) -> None:
        tab.bpmn = tab.bpmn.replace("bpmn:userTask", "bpmn:scriptTask")
        answer = tab.panel("tl")
        assert answer.status_code == 422
        assert "tl" in text_of(answer)


class TestFragment:
    def test_is_the_element_with_its_settings(self, draft: FlowVersion) -> None:
        xml = element_xml(route_of(draft), "brm")
        assert xml.startswith("<bpmn:userTask")
        assert 'dutyLine="RISK"' in xml

    def test_of_nothing_is_a_key_error(self, draft: FlowVersion) -> None:
        with pytest.raises(KeyError):
            element_xml(route_of(draft), "nowhere")


class TestDraftApi:
    @pytest.fixture
    def path(self, draft: FlowVersion) -> str:
        return f"/api/v1/flows/{draft.definition_id}/draft/"

    def test_reads_the_draft_with_its_findings(self, world: World, path: str) -> None:
        answer = api(world.adm).get(path)
        body = answer.json()
        assert (answer.status_code, answer["ETag"], body["revision"]) == (200, '"1"', 1)
        assert body["findings"] == []
        assert list(body["conditions"].values()) == ["档次 ≥ 2"]

    def test_keeps_places_as_they_were_drawn(
        self, world: World, draft: FlowVersion, path: str
    ) -> None:
        route = route_of(draft)
        shapes = {**route.layout.shapes, "tl": Bounds(500, 400, 120, 72)}
        moved = replace(route, layout=replace(route.layout, shapes=shapes))
        answer = api(world.adm).put(path, {"bpmn": write(moved), "seen_version": 1}, format="json")
        assert (answer.status_code, answer.json()["revision"]) == (200, 2)
        assert route_of(draft).layout.shapes["tl"] == Bounds(500, 400, 120, 72)
        assert route_of(draft) == route

    def test_keeps_labels_where_they_were_put(
        self, world: World, draft: FlowVersion, path: str
    ) -> None:
        route = route_of(draft)
        flow = next(iter(route.flows))
        labels = {"approved": Bounds(700, 300, 40, 14), flow: Bounds(10, 20, 30, 14)}
        moved = replace(route, layout=replace(route.layout, labels=labels))
        api(world.adm).put(path, {"bpmn": write(moved), "seen_version": 1}, format="json")
        assert route_of(draft).layout.labels == labels

    def test_a_node_saved_in_the_list_stays_where_it_was_drawn(
        self, world: World, draft: FlowVersion, tab: Tab, path: str
    ) -> None:
        route = route_of(draft)
        shapes = {**route.layout.shapes, "tl": Bounds(500, 400, 120, 72)}
        gateway = next(e for e in route.elements.values() if isinstance(e, Gateway))
        moved = write(replace(route, layout=replace(route.layout, shapes=shapes)))
        moved = moved.replace(f'"{gateway.id}', '"Gateway_drawn').replace(
            f">{gateway.id}", ">Gateway_drawn"
        )
        api(world.adm).put(path, {"bpmn": moved, "seen_version": 1}, format="json")
        listed = tab.client.get(f"/flows/versions/{draft.pk}/edit/?node=brm")
        (form,) = html.fromstring(listed.content.decode()).xpath("//form[@id='node-form-brm']")
        data: dict[str, Any] = {}
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        data |= {"node-name": "复核", "conditions-0-value": "3"}
        answer = tab.client.post(f"/flows/versions/{draft.pk}/save/", data, headers=HTMX)
        assert answer.status_code == 200
        kept = route_of(draft)
        assert kept.elements["brm"].name == "复核"
        assert kept.layout.shapes["tl"] == Bounds(500, 400, 120, 72)
        assert "Gateway_drawn" in kept.elements

    def test_wf_12_for_a_second_tab_and_nothing_is_lost(
        self, world: World, draft: FlowVersion, path: str
    ) -> None:
        first = draft.bpmn.replace("节点tl", "第一")
        second = draft.bpmn.replace("节点tl", "第二")
        client = api(world.adm)
        assert (
            client.put(
                path, {"bpmn": first}, format="json", headers={"If-Match": '"1"'}
            ).status_code
            == 200
        )
        answer = client.put(path, {"bpmn": second}, format="json", headers={"If-Match": '"1"'})
        assert (answer.status_code, answer.json()["code"]) == (409, "WF-12")
        assert route_of(draft).elements["tl"].name == "第一"

    def test_saving_the_same_twice_is_stale_the_second_time(
        self, world: World, draft: FlowVersion, path: str
    ) -> None:
        data = {"bpmn": draft.bpmn, "seen_version": 1}
        statuses = [api(world.adm).put(path, data, format="json").status_code for _ in range(2)]
        assert statuses == [200, 409]

    def test_check_saves_nothing(self, world: World, draft: FlowVersion, path: str) -> None:
        bpmn = write(from_chain(Chain("toy_route", "玩具流程", nodes=(stage("tl"),))))
        answer = api(world.adm).post(f"{path}check/", {"bpmn": bpmn}, format="json")
        (finding,) = answer.json()["findings"]
        assert (finding["element_id"], finding["severity"]) == ("tl", "error")
        assert "Step tl" in finding["message"]
        draft.refresh_from_db()
        assert draft.revision == 1

    def test_flow_04_names_every_unsupported_element(
        self, world: World, draft: FlowVersion, path: str
    ) -> None:
        bpmn = draft.bpmn.replace("bpmn:userTask", "bpmn:scriptTask")
        answer = api(world.adm).put(path, {"bpmn": bpmn, "seen_version": 1}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (422, "FLOW-04")
        assert "节点tl" in answer.json()["detail"]
        assert "节点brm" in answer.json()["detail"]

    def test_publishes(self, world: World, draft: FlowVersion, path: str) -> None:
        data = {"note": "by API", "seen_version": 1}
        answer = api(world.adm).post(f"{path}publish/", data, format="json")
        assert (answer.status_code, answer.json()["state"]) == (200, VersionState.PUBLISHED)
        assert api(world.adm).get(path).status_code == 404

    def test_flow_01_with_findings(self, world: World, draft: FlowVersion, path: str) -> None:
        bpmn = write(from_chain(Chain("toy_route", "玩具流程", nodes=(stage("tl"),))))
        api(world.adm).put(path, {"bpmn": bpmn, "seen_version": 1}, format="json")
        answer = api(world.adm).post(f"{path}publish/", {"seen_version": 2}, format="json")
        assert (answer.status_code, answer.json()["code"]) == (422, "FLOW-01")

    def test_starts_a_draft(self, world: World) -> None:
        path = f"/api/v1/flows/{world.version.definition_id}/draft/"
        assert api(world.adm).get(path).status_code == 404
        assert api(world.adm).post(path).status_code == 201
        assert api(world.adm).get(path).json()["number"] == 2

    @pytest.mark.parametrize("method", ["get", "put", "post"])
    def test_is_for_administrators(self, world: World, path: str, method: str) -> None:
        answer = getattr(api(world.tl), method)(path)
        assert (answer.status_code, answer.json()["code"]) == (403, "WF-31")

    def test_unknown_flows_are_not_found(self, world: World) -> None:
        for flow in (0, 999_999, 10**17):
            assert api(world.adm).get(f"/api/v1/flows/{flow}/draft/").status_code == 404


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;">]><d>&c;</d>'
)
HOSTILE = {
    "empty": "",
    "blank": "   ",
    "words": "no xml at all",
    "bomb": BOMB,
    "other": "<html/>",
    "open": "<bpmn:definitions",
    "deep": "<a>" * 3000 + "</a>" * 3000,
    "big": "<a>" + "x" * (10 * 1024 * 1024) + "</a>",
    "nul": "<a>\x00</a>",
}


class TestHostileDrawings:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_are_refused_with_a_sentence_and_save_nothing(
        self, world: World, tab: Tab, name: str
    ) -> None:
        path = f"/api/v1/flows/{tab.draft.definition_id}/draft/"
        body = {"bpmn": HOSTILE[name], "seen_version": 1}
        for answer in (
            api(world.adm).put(path, body, format="json"),
            api(world.adm).post(f"{path}check/", body, format="json"),
        ):
            assert answer.status_code in (400, 413, 422), answer.status_code
            assert answer.json()["detail"]
        tab.draft.refresh_from_db()
        assert tab.draft.revision == 1

    @pytest.mark.parametrize("name", HOSTILE)
    def test_in_the_panel_too(self, tab: Tab, name: str) -> None:
        tab.bpmn = HOSTILE[name]
        assert tab.panel("tl").status_code in (400, 413, 422)

    @pytest.mark.parametrize(
        "body",
        [{}, {"bpmn": None}, {"bpmn": ["x"]}, {"bpmn": {"a": 1}}, [], "x", {"bpmn": 7}],
    )
    def test_bodies_that_are_none(self, world: World, draft: FlowVersion, body: Any) -> None:
        path = f"/api/v1/flows/{draft.definition_id}/draft/"
        for answer in (
            api(world.adm).put(path, body, format="json"),
            api(world.adm).post(f"{path}check/", body, format="json"),
        ):
            assert answer.status_code in (400, 422)

    def test_half_a_character_is_refused(self, world: World, draft: FlowVersion) -> None:
        answer = api(world.adm).put(
            f"/api/v1/flows/{draft.definition_id}/draft/",
            b'{"bpmn": "<a>\\ud800</a>", "seen_version": 1}',
            content_type="application/json",
        )
        assert answer.status_code in (400, 422)

    @pytest.mark.parametrize("tag", ["x", '"1', "*", '"-1"', '"' + "9" * 50 + '"'])
    def test_tags_that_are_none(self, world: World, draft: FlowVersion, tag: Any) -> None:
        path = f"/api/v1/flows/{draft.definition_id}/draft/"
        answer = api(world.adm).put(
            path, {"bpmn": draft.bpmn}, format="json", headers={"If-Match": tag}
        )
        assert answer.status_code in (200, 400, 409)
        assert answer.status_code != 200 or tag == '"1'

    def test_names_are_text(self, tab: Tab) -> None:
        tab.bpmn = tab.bpmn.replace("节点tl", "&lt;script&gt;alert(1)&lt;/script&gt;")
        assert b"<script>alert" not in tab.panel("tl").content
        assert b"<script>alert" not in tab.panel("").content


class TestCopies:
    def test_a_retired_version_becomes_the_draft(self, world: World) -> None:
        old = world.version
        world.publish(from_chain(Chain("toy_route", "玩具流程", nodes=NODES[:1])))
        answer = browser(world.adm).post(
            f"/flows/{old.definition_id}/draft/", {"source": str(old.pk)}
        )
        copied = FlowVersion.objects.get(state=VersionState.DRAFT)
        assert answer.url == f"/flows/versions/{copied.pk}/edit/"
        assert copied.bpmn == old.bpmn

    def test_flow_08_when_a_draft_is_in_the_way(self, world: World, draft: FlowVersion) -> None:
        with pytest.raises(DomainError) as refused:
            definitions.start_draft(
                definition_id=draft.definition_id, actor=world.adm, now=NOW,
                source_id=world.version.pk,
            )  # fmt: skip
        assert refused.value.code == "FLOW-08"

    def test_into_another_flow_what_does_not_fit_is_found(self, world: World) -> None:
        other = FlowDefinition.objects.get(document_kind="business_application")
        client = browser(world.adm)
        assert other.title_en in text_of(client.get(f"/flows/versions/{world.version.pk}/"))
        answer = client.post(f"/flows/{other.pk}/draft/", {"source": str(world.version.pk)})
        copied = other.versions.get(state=VersionState.DRAFT)
        assert answer.url == f"/flows/versions/{copied.pk}/edit/"
        assert copied.number == 2
        assert "level" in text_of(client.get(answer.url))

    @pytest.mark.parametrize("source", ["999999", "x", "-1", "9" * 400])
    def test_of_nothing_are_not_found(self, world: World, source: str) -> None:
        path = f"/flows/{world.version.definition_id}/draft/"
        assert browser(world.adm).post(path, {"source": source}).status_code == 404


class TestGatewayKinds:
    @pytest.mark.parametrize("kind", list(GatewayKind))
    def test_only_exclusive_and_inclusive_ones_have_a_default(
        self, tab: Tab, kind: GatewayKind
    ) -> None:
        route = route_of(tab.draft)
        gateway = next(e for e in route.elements.values() if isinstance(e, Gateway))
        changed = replace(gateway, kind=kind)
        tab.bpmn = write(replace(route, elements={**route.elements, gateway.id: changed}))
        shown = html.fromstring(tab.panel(gateway.id).content.decode()).xpath("//@name")
        assert ("node-default" in shown) is (kind is not GatewayKind.PARALLEL)


def test_all_actions_of_a_stage_survive_the_panel(tab: Tab) -> None:
    xml = tab.fragment(tab.apply("tl", node__name_en="Check"))
    assert xml.count("<lc:action") == len(StageAction)
