"""Administrators configure a route: draft, nodes, conditions, findings, publication."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

import pytest
from lxml import html

from lending_crm.common.errors import DomainError
from staff.models import Employee
from tests.workflows.pages import HTMX, browser, statements, text_of
from tests.workflows.random_routes import side_by_side
from tests.workflows.world import NOW, World, by_role, stage
from workflows.bpmn.chain import Chain, from_chain
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.model import RoleReach
from workflows.choices import VersionState
from workflows.definitions import definition_of
from workflows.models import FlowVersion
from workflows.screens.flows import load_editor
from workflows.services.definitions import save_draft

pytestmark = pytest.mark.django_db

#: what the editor shows for somebody who is asked by his role
HEAD_OFFICE_RISK = {
    "kind": "ROLE", "role": "HRM", "reach": "HEAD_OFFICE", "level": "1", "weight": "1",
}  # fmt: skip


@pytest.fixture
def world(db: None) -> World:
    return World(
        stage("tl", by_role("TL", RoleReach.DEPARTMENT)),
        stage("brm", by_role("BRM"), duty_line="RISK"),
    )


def forms(page: Any, act: str) -> list[Any]:
    """The forms of a page that send to an act."""
    return html.fromstring(page.content.decode()).xpath(f"//form[contains(@action, '{act}')]")


class Editor:
    """The editor page of a draft in one tab of the administrator's browser."""

    def __init__(self, who: Employee, version: FlowVersion) -> None:
        self.client = browser(who)
        self.version = version
        self.page: Any = None
        self.open()

    def open(self, node: str = "") -> None:
        self.page = self.client.get(f"/flows/versions/{self.version.pk}/edit/?node={node}")
        assert self.page.status_code == 200

    @property
    def fields(self) -> dict[str, Any]:
        """The node's form as the browser would send it."""
        found: dict[str, Any] = {}
        for form in forms(self.page, "/save/"):
            for name, value in form.form_values():
                found.setdefault(name, []).append(value)
        return found

    @property
    def revision(self) -> str:
        (form,) = forms(self.page, "/publish/")
        return dict(form.form_values())["revision"]

    def save(self, **changed: Any) -> Any:
        """Send the node's form with some fields changed; the page becomes the answer."""
        data = {**self.fields, **{name.replace("__", "-"): v for name, v in changed.items()}}
        path = f"/flows/versions/{self.version.pk}/save/"
        self.page = self.client.post(path, data, headers=HTMX)
        return self.page

    def add_rule(self, **rule: str) -> Any:
        data = self.fields
        number = int(data["rules-TOTAL_FORMS"][0])
        row = {f"rules-{number}-{name}": value for name, value in rule.items()}
        return self.save(**{"rules-TOTAL_FORMS": number + 1, **row})

    def add_condition(self, fact: str, operator: str, value: str) -> Any:
        data = self.fields
        number = int(data["conditions-TOTAL_FORMS"][0])
        row = {"fact": fact, "operator": operator, "value": value}
        return self.save(
            **{"conditions-TOTAL_FORMS": number + 1},
            **{f"conditions-{number}-{name}": text for name, text in row.items()},
        )

    def do(self, action: str, node: str = "", **data: Any) -> Any:
        data = {"node": node, "revision": data.get("revision") or self.revision}
        path = f"/flows/versions/{self.version.pk}/{action}/"
        self.page = self.client.post(path, data, headers=HTMX)
        return self.page

    def publish(self, note: str = "") -> Any:
        data = {"revision": self.revision, "note": note}
        return self.client.post(f"/flows/versions/{self.version.pk}/publish/", data)

    def nodes(self) -> list[str]:
        self.version.refresh_from_db()
        chain = load_editor(self.version).chain
        assert chain is not None
        return [node.id for node in chain.nodes]


def start_draft(world: World) -> FlowVersion:
    response = browser(world.adm).post(f"/flows/{world.version.definition_id}/draft/")
    assert response.status_code == 302
    return FlowVersion.objects.get(state=VersionState.DRAFT)


@pytest.fixture
def editor(world: World) -> Editor:
    return Editor(world.adm, start_draft(world))


class TestConfigure:
    def test_a_draft_begins_as_a_copy_of_the_published_version(
        self, world: World, editor: Editor
    ) -> None:
        assert editor.version.number == 2
        assert editor.nodes() == ["tl", "brm"]
        shown = text_of(editor.page)
        assert "Step tl" in shown
        assert "The publish check finds nothing wrong." in shown

    def test_starting_twice_opens_the_same_draft(self, world: World, editor: Editor) -> None:
        response = browser(world.adm).post(f"/flows/{world.version.definition_id}/draft/")
        assert response.url == f"/flows/versions/{editor.version.pk}/edit/"
        assert world.version.definition.versions.count() == 2

    def test_a_new_node_stands_behind_the_chosen_one(self, editor: Editor) -> None:
        editor.do("add", "tl")
        assert editor.nodes() == ["tl", "stage_1", "brm"]
        assert "node=stage_1" in editor.page.headers["HX-Push-Url"]

    def test_nodes_move_and_go(self, editor: Editor) -> None:
        editor.do("down", "tl")
        assert editor.nodes() == ["brm", "tl"]
        editor.do("up", "tl")
        editor.do("up", "tl")
        assert editor.nodes() == ["tl", "brm"]
        editor.do("remove", "tl")
        assert editor.nodes() == ["brm"]

    def test_ids_of_nodes_are_not_used_twice(self, editor: Editor) -> None:
        editor.do("add", "tl")
        editor.do("add", "stage_1")
        editor.do("remove", "stage_1")
        editor.do("add", "tl")
        assert len(set(editor.nodes())) == 4

    def test_a_node_is_saved_as_it_was_typed(self, editor: Editor) -> None:
        editor.open("brm")
        response = editor.save(
            node__name="总部风控复核", node__name_en="Head-office risk", node__decide="ALL",
            node__limit_hours="4.5", node__authority_level="2", node__claim_required="on",
            node__actions=["approve", "reject"], node__term_fields=["approved_amount"],
        )  # fmt: skip
        assert response.status_code == 200
        assert "Head-office risk" in text_of(response)
        editor.open("brm")
        fields = editor.fields
        assert fields["node-name"] == ["总部风控复核"]
        assert fields["node-decide"] == ["ALL"]
        assert fields["node-limit_hours"] == ["4.5"]
        assert set(fields["node-actions"]) == {"approve", "reject"}

    def test_saving_unchanged_changes_nothing(self, editor: Editor) -> None:
        before = editor.version.bpmn
        for node in ("tl", "brm"):
            editor.open(node)
            assert editor.save().status_code == 200
        editor.version.refresh_from_db()
        assert editor.version.bpmn == before

    def test_people_and_roles_are_told_in_words(self, world: World, editor: Editor) -> None:
        editor.open("brm")
        response = editor.add_rule(kind="PEOPLE", people=str(world.ceo.pk), level="1", weight="1")
        assert world.ceo.name in text_of(response)

    def test_a_condition_is_told_in_words(self, editor: Editor) -> None:
        editor.open("brm")
        response = editor.add_condition("amount", "ge", "500,000")
        assert re.search(r"Only when: 金额 .*500,000", text_of(response))

    def test_two_conditions_are_joined_as_chosen(self, editor: Editor) -> None:
        editor.open("brm")
        editor.add_condition("amount", "ge", "500000")
        editor.open("brm")
        editor.save(node__joint="any")
        editor.open("brm")
        editor.add_condition("level", "eq", "3")
        editor.open("brm")
        editor.save(node__joint="any")
        assert " or " in text_of(editor.page).split("Only when:")[1][:80]

    def test_a_rule_that_is_ticked_off_goes(self, editor: Editor) -> None:
        editor.open("brm")
        editor.add_rule(**HEAD_OFFICE_RISK)
        editor.open("brm")
        editor.save(**{"rules-0-DELETE": "on"})
        editor.open("brm")
        assert editor.fields["rules-0-role"] == ["HRM"]
        assert editor.fields["rules-TOTAL_FORMS"] == ["1"]

    def test_a_copy_has_names_and_people_only(self, editor: Editor) -> None:
        editor.do("add_copy", "tl")
        assert editor.nodes() == ["tl", "copy_1", "brm"]
        assert not [name for name in editor.fields if name.startswith("node-decide")]
        assert editor.add_rule(**HEAD_OFFICE_RISK).status_code == 200

    def test_the_diagram_follows_every_change(self, world: World, editor: Editor) -> None:
        editor.open("brm")
        editor.save(node__name="总部风控复核", node__name_en="Head-office check")
        path = f"/flows/versions/{editor.version.pk}/diagram.svg"
        chinese, english = (
            browser(world.adm, language=language).get(path).content.decode()
            for language in ("zh-hans", "en")
        )
        assert "总部风控复核" in re.sub(r"<[^>]+>", "", chinese)
        assert "check" in re.sub(r"<[^>]+>", "", english)

    def test_nodes_are_named_in_the_readers_language(self, world: World, editor: Editor) -> None:
        editor.open("brm")
        editor.save(node__name="总部风控复核", node__name_en="Head-office check")
        path = f"/flows/versions/{editor.version.pk}/edit/?node=brm"
        for language, title in (("zh-hans", "总部风控复核"), ("en", "Head-office check")):
            page = html.fromstring(browser(world.adm, language=language).get(path).content.decode())
            (row,) = page.xpath("//ol[contains(@class, 'ui-flow-nodes')]/li[@aria-current]//b")
            (panel,) = page.xpath("//*[@id='node-panel-title']")
            assert row.text_content().strip() == panel.text_content().strip() == title

    def test_a_draft_can_be_thrown_away(self, world: World, editor: Editor) -> None:
        response = browser(world.adm).post(f"/flows/versions/{editor.version.pk}/discard/")
        assert response.url == "/flows/"
        assert not FlowVersion.objects.filter(state=VersionState.DRAFT).exists()


class TestPublish:
    def with_head_office(self, editor: Editor) -> None:
        editor.do("add", "brm")
        editor.open("stage_1")
        editor.save(node__name="总部风控", node__name_en="Head office", node__duty_line="RISK")
        editor.open("stage_1")
        editor.add_rule(**HEAD_OFFICE_RISK)
        editor.open("stage_1")
        editor.add_condition("level", "ge", "2")

    def test_the_next_case_takes_the_new_node_and_the_running_one_does_not(
        self, world: World, editor: Editor
    ) -> None:
        """N17: a later change of the configuration alters no running case."""
        running = world.submitted(level=2)
        self.with_head_office(editor)
        response = editor.publish("总部参与二档以上")
        assert response.status_code == 302, text_of(response)
        following = world.submitted(level=2)
        for who in (world.tl, world.brm):
            running, following = world.approve(running, who), world.approve(following, who)
        assert running.state == "APPROVED"
        assert world.item(following, world.hrm).stage.title == "总部风控"

    def test_a_case_below_the_condition_passes_by(self, world: World, editor: Editor) -> None:
        self.with_head_office(editor)
        editor.publish()
        case = world.submitted(level=1)
        for who in (world.tl, world.brm):
            case = world.approve(case, who)
        assert case.state == "APPROVED"

    def test_the_version_before_retires_and_stays(self, world: World, editor: Editor) -> None:
        editor.publish("无改动")
        versions = world.version.definition.versions
        states = dict(versions.values_list("number", "state"))
        assert states == {1: VersionState.RETIRED, 2: VersionState.PUBLISHED}
        shown = text_of(browser(world.adm).get("/flows/"))
        assert "无改动" in shown
        assert browser(world.adm).get(f"/flows/versions/{world.version.pk}/").status_code == 200

    def test_flow_01_names_every_finding_and_publishes_nothing(
        self, world: World, editor: Editor
    ) -> None:
        editor.do("add", "brm")
        assert "Say who is asked at “New step”." in text_of(editor.page)
        response = editor.publish()
        assert response.status_code == 422
        assert "FLOW-01" in text_of(response)
        assert "Say who is asked at “New step”." in text_of(response)
        editor.version.refresh_from_db()
        assert editor.version.state == VersionState.DRAFT
        world.version.refresh_from_db()
        assert world.version.state == VersionState.PUBLISHED

    def test_a_draft_with_findings_stays_as_it_was_saved(
        self, world: World, editor: Editor
    ) -> None:
        editor.do("add", "brm")
        editor.open("stage_1")
        editor.save(node__name="半成品")
        again = Editor(world.adm, editor.version)
        again.open("stage_1")
        assert again.fields["node-name"] == ["半成品"]

    def test_an_empty_route_is_not_published(self, editor: Editor) -> None:
        editor.do("remove", "tl")
        editor.do("remove", "brm")
        assert editor.nodes() == []
        assert "Add the first one" in text_of(editor.page)
        response = editor.publish()
        assert response.status_code == 422

    def test_a_rule_that_finds_nobody_is_told(self, editor: Editor) -> None:
        editor.open("brm")
        editor.save(**{"rules-0-role": "PLM"})
        assert "nobody can be found" in text_of(editor.page)
        assert editor.publish().status_code == 422

    def test_flow_02_a_published_version_never_changes(self, world: World, editor: Editor) -> None:
        fields = editor.fields
        editor.publish()
        path = f"/flows/versions/{editor.version.pk}"
        client = browser(world.adm)
        for act in ("save", "publish", "discard", "add"):
            response = client.post(f"{path}/{act}/", {**fields, "node": "tl"})
            assert response.status_code == 409, act
            assert "FLOW-02" in text_of(response)
        assert client.get(f"{path}/edit/").url == f"{path}/"

    def test_a_note_of_two_hundred_characters_at_most(self, editor: Editor) -> None:
        assert editor.publish("注" * 201).status_code == 422
        assert editor.publish("注" * 200).status_code == 302


class TestTwoTabs:
    def test_wf_12_for_the_tab_that_is_behind(self, world: World, editor: Editor) -> None:
        behind = Editor(world.adm, editor.version)
        editor.save(node__name="先保存")
        for act in (
            lambda: behind.save(node__name="后保存"),
            lambda: Editor.do(behind, "remove", "brm", revision="1"),
            lambda: Editor.do(behind, "add", "tl", revision="1"),
        ):
            response = act()
            assert (response.status_code, "WF-12" in text_of(response)) == (409, True)
        assert editor.nodes() == ["tl", "brm"]

    def test_wf_12_to_publish_what_one_has_not_seen(self, world: World, editor: Editor) -> None:
        behind = Editor(world.adm, editor.version)
        editor.do("remove", "brm")
        assert behind.publish().status_code == 409

    def test_two_administrators_publish_once(self, world: World, editor: Editor) -> None:
        other = Editor(world._head("ADM"), editor.version)
        assert editor.publish().status_code == 302
        assert other.publish().status_code == 409
        versions = world.version.definition.versions
        assert versions.filter(state=VersionState.PUBLISHED).count() == 1


class TestOthers:
    def addresses(self, world: World, draft: FlowVersion) -> dict[str, str]:
        version = f"/flows/versions/{draft.pk}"
        return {
            "/flows/": "get", f"{version}/": "get", f"{version}/diagram.svg": "get",
            f"{version}/bpmn": "get", f"{version}/edit/": "get",
            f"/flows/{draft.definition_id}/draft/": "post", f"{version}/publish/": "post",
            f"{version}/discard/": "post", f"{version}/save/": "post", f"{version}/add/": "post",
            f"{version}/remove/": "post",
        }  # fmt: skip

    @pytest.mark.parametrize("role", ["am", "tl", "bgm", "hrm", "ceo"])
    def test_neither_read_nor_change_flows(self, world: World, role: str) -> None:
        draft = start_draft(world)
        client = browser(getattr(world, role))
        for path, method in self.addresses(world, draft).items():
            response = getattr(client, method)(path, {"revision": "1", "node": "tl"})
            assert response.status_code == 403, path
        assert FlowVersion.objects.get(pk=draft.pk).revision == 1

    def test_visitors_are_sent_to_the_login(self, world: World) -> None:
        for path, method in self.addresses(world, start_draft(world)).items():
            assert getattr(Client(), method)(path).status_code == 302


HOSTILE: dict[str, Any] = {
    "no-name": {"node-name": " "},
    "long-name": {"node-name": "名" * 61},
    "ten-megabytes": {"node-name_en": "x" * 10_000_000},
    "unknown-mode": {"node-decide": "LOTTERY"},
    "unknown-line": {"node-duty_line": "<b>"},
    "unknown-act": {"node-actions": ["approve", "explode"]},
    "hours-below": {"node-limit_hours": "0"},
    "hours-above": {"node-limit_hours": "1e300"},
    "hours-nan": {"node-limit_hours": "NaN"},
    "hours-words": {"node-limit_hours": "八"},
    "level-huge": {"node-authority_level": "9" * 400},
    "reason-negative": {"node-reason_length": "-1"},
    "reason-huge": {"node-reject_reason_length": "2147483648"},
    "foreign-term": {"node-term_fields": ["password"]},
    "empty-person": {"node-on_empty": "PERSON", "node-empty_person": "99999999999999999999"},
    "empty-nobody": {"node-on_empty": "PERSON", "node-empty_person": ""},
    "quorum-zero": {"node-quorum": "0"},
    "quorum-by-zero": {"node-quorum": "1/0"},
    "quorum-above": {"node-quorum": "3/2"},
    "quorum-exponent": {"node-quorum": "1e-999999"},
    "ratio-words": {"node-pass_ratio": "两成"},
    "role-unknown": {"rules-0-role": "KING"},
    "role-nul": {"rules-0-role": "T\x00L"},
    "rule-unknown": {"rules-0-kind": "PERSON_FIELD"},
    "people-unknown": {"rules-0-kind": "PEOPLE", "rules-0-people": ["99999999999999999999"]},
    "people-words": {"rules-0-kind": "PEOPLE", "rules-0-people": ["root"]},
    "people-none": {"rules-0-kind": "PEOPLE"},
    "rule-level": {"rules-0-kind": "SUPERIOR", "rules-0-level": "99"},
    "weight": {"rules-0-weight": "0"},
    "no-rules": {"rules-TOTAL_FORMS": ""},
    "many-rules": {"rules-TOTAL_FORMS": "100000"},
    "no-conditions": {"conditions-TOTAL_FORMS": "x"},
    "reach": {"rules-0-reach": "MOON"},
}


class TestHostileForms:
    @pytest.mark.parametrize("name", HOSTILE)
    def test_are_told_at_the_field_and_save_nothing(self, editor: Editor, name: str) -> None:
        response = editor.save(**HOSTILE[name])
        assert response.status_code == 422
        assert forms(response, "/save/")
        editor.version.refresh_from_db()
        assert editor.version.revision == 1

    @pytest.mark.parametrize(
        ("fact", "operator", "value"),
        [
            ("amount", "ge", "NaN"), ("amount", "ge", "Infinity"), ("amount", "ge", "viel"),
            ("amount", "ge", ""), ("level", "ge", "1.5"), ("level", "ge", "9" * 201),
            ("nothing", "ge", "1"), ("amount", "like", "1"), ("level", "ge", "\x00"),
            ("amount", "ge", "1e40"), ("amount", "ge", "1e-7"), ("level", "ge", "9" * 150),
        ],
    )  # fmt: skip
    def test_conditions_too(self, editor: Editor, fact: str, operator: str, value: str) -> None:
        assert editor.add_condition(fact, operator, value).status_code == 422
        editor.version.refresh_from_db()
        assert editor.version.revision == 1

    @pytest.mark.parametrize(
        ("fact", "operator", "value"),
        [
            ("amount", "ge", "-0.000001"), ("amount", "in", "1,2"), ("level", "in", ","),
            ("level", "contains", "1"), ("amount", "ge", "１２３"), ("amount", "lt", "1E+3"),
        ],
    )  # fmt: skip
    def test_odd_conditions_are_refused_or_found_by_the_publish_check(
        self, editor: Editor, fact: str, operator: str, value: str
    ) -> None:
        response = editor.add_condition(fact, operator, value)
        assert response.status_code in (200, 422)
        editor.open("tl")
        assert editor.publish().status_code in (302, 422)

    @pytest.mark.parametrize(
        "name",
        ["<script>alert(1)</script>", "]]>&<!--", "😀 风控", "名\x00字", "名\ufffe字",
         "名\u202e字", "{{ 7*7 }}", "a" * 60],
    )  # fmt: skip
    def test_names_are_text_everywhere(self, world: World, editor: Editor, name: str) -> None:
        response = editor.save(node__name=name)
        assert response.status_code in (200, 400, 422)
        client = browser(world.adm, language="zh-hans")
        version = f"/flows/versions/{editor.version.pk}"
        for path in (
            f"{version}/edit/",
            f"{version}/",
            f"{version}/diagram.svg",
            f"{version}/bpmn",
        ):
            found = client.get(path)
            assert found.status_code == 200
            assert b"<script>alert" not in found.content

    @pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 5000, "1.0", "\x00", "１"])
    def test_an_odd_revision_is_stale(self, editor: Editor, revision: str) -> None:
        response = editor.save(revision=revision)
        assert response.status_code in (200, 409)
        assert response.status_code == 409 or revision == "１"

    def test_unknown_nodes_and_acts_are_not_found(self, editor: Editor) -> None:
        assert editor.save(node="nowhere").status_code == 404
        editor.open()
        assert editor.do("explode", "tl").status_code == 404

    def test_moving_a_node_that_is_gone_harms_nothing(self, editor: Editor) -> None:
        editor.do("remove", "brm")
        response = editor.do("up", "brm", revision="2")
        assert response.status_code in (200, 404)
        assert editor.nodes() == ["tl"]

    @pytest.mark.parametrize("version_id", ["0", "99999999999999999999", "9" * 5000])
    def test_versions_that_do_not_exist_are_not_found(self, world: World, version_id: str) -> None:
        client = browser(world.adm)
        for part in ("", "edit/", "diagram.svg", "bpmn"):
            assert client.get(f"/flows/versions/{version_id}/{part}").status_code == 404
        for part in ("save/", "publish/", "discard/"):
            data = {"revision": "1"}
            assert client.post(f"/flows/versions/{version_id}/{part}", data).status_code == 404
        assert client.post(f"/flows/{version_id}/draft/").status_code == 404

    def test_flow_04_what_could_not_be_read_again_is_not_kept(
        self, world: World, editor: Editor
    ) -> None:
        """Whatever calls the service: a draft that nobody can open would be lost."""
        huge = Comparison("level", Operator.GE, 10**60)
        nodes = (stage("tl", by_role("TL"), when=huge),)
        with pytest.raises(DomainError) as refused:
            save_draft(
                version_id=editor.version.pk, actor=world.adm, now=NOW, seen_revision=1,
                definition=from_chain(Chain("toy_route", "玩具流程", nodes=nodes)),
            )  # fmt: skip
        assert refused.value.code == "FLOW-04"


class TestRoutesThatAreNoList:
    @pytest.fixture
    def editor(self, world: World) -> Editor:
        nodes = (stage("tl", by_role("TL")), stage("brm", by_role("BRM")))
        chain = from_chain(Chain("toy_route", "玩具流程", nodes=nodes))
        world.publish(side_by_side(chain, "tl", "brm"))
        return Editor(world.adm, start_draft(world))

    def test_say_why_and_are_kept_as_they_are(self, editor: Editor) -> None:
        assert "This route cannot be shown as a list" in text_of(editor.page)
        assert not forms(editor.page, "/save/")

    def test_flow_03_to_change_them(self, editor: Editor) -> None:
        response = editor.do("add", "tl")
        assert (response.status_code, "FLOW-03" in text_of(response)) == (409, True)


class TestStatements:
    def test_of_the_editor_do_not_grow_with_the_nodes(self, world: World, editor: Editor) -> None:
        few = len(statements(editor.client, f"/flows/versions/{editor.version.pk}/edit/"))
        for _ in range(12):
            editor.do("add", "tl")
            editor.open()
        many = len(statements(editor.client, f"/flows/versions/{editor.version.pk}/edit/"))
        assert many <= few + 1

    def test_of_the_list_do_not_grow_with_the_versions(self, world: World) -> None:
        client = browser(world.adm)
        few = len(statements(client, "/flows/"))
        definition = definition_of(world.version.pk)
        for _ in range(8):
            world.publish(definition)
        assert len(statements(client, "/flows/")) == few
        assert world.version.definition.versions.count() == 9
