"""The page and the API of an import: findings first, then the draft; never a 500."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import pytest
from lxml import html

from tests.workflows.bpmn.samples import HEAD, TAIL, VENDOR_APPROVAL, around
from tests.workflows.pages import browser, statements, text_of
from tests.workflows.world import World, by_role, stage
from workflows.bpmn.parsing import parse, schema_findings
from workflows.choices import VersionState
from workflows.models import FlowVersion

pytestmark = pytest.mark.django_db

VENDOR = VENDOR_APPROVAL.replace("exposure", "amount")


@pytest.fixture
def world(db: None) -> World:
    return World(stage("tl", by_role("TL")), stage("brm", by_role("BRM")))


def drafts() -> Any:
    return FlowVersion.objects.filter(state=VersionState.DRAFT)


class ImportPage:
    def __init__(self, world: World, language: str = "en") -> None:
        self.client = browser(world.adm, language=language)
        self.path = f"/flows/{world.version.definition_id}/import/"

    def check(self, data: str | bytes, name: str = "其他工具.bpmn") -> Any:
        content = data.encode() if isinstance(data, str) else data
        return self.client.post(self.path, {"file": SimpleUploadedFile(name, content)})

    def take_over(self, page: Any) -> Any:
        """Send the form of the result page as the browser would."""
        form = html.fromstring(page.content.decode()).xpath("//form[textarea[@name='bpmn']]")[0]
        return self.client.post(form.action, dict(form.form_values()))


class TestImportPage:
    def test_shows_what_the_file_would_become_and_keeps_nothing(self, world: World) -> None:
        page = ImportPage(world).check(VENDOR)
        said = text_of(page)

        assert page.status_code == 200
        assert "“其他工具.bpmn” can be imported" in said
        assert "“Approve” (a) was given to candidateGroups “APP” by another tool" in said
        assert "Say who is asked at “Approve”." in said
        assert not drafts().exists()

    def test_makes_it_the_draft(self, world: World) -> None:
        page = ImportPage(world)
        response = page.take_over(page.check(VENDOR))
        draft = drafts().get()

        assert response.url == f"/flows/versions/{draft.pk}/edit/"
        assert draft.created_by == world.adm
        assert "Approve" in text_of(page.client.get(response.url))

    def test_an_export_imports_again_to_an_equal_version(self, world: World) -> None:
        page = ImportPage(world)
        exported = page.client.get(f"/flows/versions/{world.version.pk}/bpmn").content
        page.take_over(page.check(exported))

        assert drafts().get().bpmn == world.version.bpmn
        assert schema_findings(parse(exported)) == []

    def test_a_draft_is_replaced_only_as_it_was_shown(self, world: World) -> None:
        page = ImportPage(world)
        page.take_over(page.check(VENDOR))
        shown = page.check(world.version.bpmn)
        assert "Replace the draft V2" in text_of(shown)
        assert page.take_over(shown).status_code == 302
        late = page.take_over(shown)

        assert (late.status_code, "WF-12" in text_of(late)) == (409, True)
        assert drafts().get().revision == 2

    def test_flow_06_for_a_draft_that_began_meanwhile(self, world: World) -> None:
        page = ImportPage(world)
        shown = page.check(VENDOR)
        page.take_over(page.check(VENDOR))
        response = page.take_over(shown)

        assert (response.status_code, "FLOW-06" in text_of(response)) == (409, True)

    def test_names_every_element_that_is_refused(self, world: World) -> None:
        page = ImportPage(world).check(
            around('<scriptTask id="x" name="Run it"/><callActivity id="y" name="Call it"/>')
        )

        assert page.status_code == 422
        assert "“Run it” (x)" in text_of(page)
        assert "“Call it” (y)" in text_of(page)
        assert "nothing was changed" in text_of(page)

    def test_flow_05_for_a_form_that_was_tampered_with(self, world: World) -> None:
        page = ImportPage(world)
        response = page.client.post(
            f"{page.path}draft/", {"bpmn": around('<scriptTask id="x" name="Run it"/>')}
        )

        assert (response.status_code, "FLOW-05" in text_of(response)) == (422, True)
        assert "“Run it” (x)" in text_of(response)
        assert page.client.post(f"{page.path}draft/", {"bpmn": ""}).status_code == 302

    def test_names_are_text(self, world: World) -> None:
        hostile = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/textarea&gt;"
        page = ImportPage(world).check(VENDOR.replace("Second check", hostile), "<b>.bpmn")

        assert page.status_code == 200
        assert b"<script>alert" not in page.content
        assert b"<b>.bpmn" not in page.content

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\x00" * 100,
            b"PK\x03\x04",
            b"\xff\xfe\x00",
            b"x" * 10_000_000,
            (HEAD + "<a>" * 50_000).encode(),
            (HEAD + TAIL).encode("utf-16"),
            b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        ],
        ids=["empty", "nul", "zip", "bom", "10mb", "deep", "utf-16", "entity"],
    )
    def test_no_file_is_an_error_of_the_program(self, world: World, data: bytes) -> None:
        page = ImportPage(world, "zh-hans").check(data)

        assert page.status_code == 422
        assert "无法导入" in text_of(page)

    def test_no_file_at_all(self, world: World) -> None:
        page = ImportPage(world)
        assert "Choose a file." in text_of(page.client.post(page.path))
        assert page.client.post(page.path, {"file": "text"}).status_code == 422

    def test_statements_do_not_grow_with_the_route(self, world: World) -> None:
        client = browser(world.adm)
        assert len(statements(client, f"/flows/{world.version.definition_id}/import/")) <= 8

    @pytest.mark.parametrize("role", ["am", "tl", "ceo"])
    def test_wf_31_for_everybody_else(self, world: World, role: str) -> None:
        client = browser(getattr(world, role))
        path = f"/flows/{world.version.definition_id}/import/"

        assert client.get(path).status_code == 403
        assert client.post(path).status_code == 403
        assert client.post(f"{path}draft/", {"bpmn": VENDOR}).status_code == 403
        assert Client().get(path).status_code == 302
        assert not drafts().exists()

    @pytest.mark.parametrize("flow_id", ["0", "9" * 30])
    def test_a_flow_that_is_not_there(self, world: World, flow_id: str) -> None:
        assert browser(world.adm).get(f"/flows/{flow_id}/import/").status_code == 404


class Api:
    def __init__(self, world: World, who: Any = None) -> None:
        self.client = browser(who or world.adm)
        self.path = f"/api/v1/flows/{world.version.definition_id}/"

    def post(self, act: str, data: str | bytes, **values: Any) -> Any:
        content = io.BytesIO(data.encode() if isinstance(data, str) else data)
        content.name = "route.bpmn"
        return self.client.post(f"{self.path}{act}/", {"file": content, **values})

    def get(self, path: str) -> Any:
        return self.client.get(f"{self.path}{path}")


class TestApi:
    def test_check(self, world: World) -> None:
        answer = Api(world).post("check", VENDOR).json()

        assert answer["is_accepted"] is True
        assert ("a", "vendor-assignment") in [
            (each["element_id"], each["code"]) for each in answer["notes"]
        ]
        assert "no-assignee" in [each["code"] for each in answer["to_do"]]
        refused = Api(world).post("check", b"hello").json()
        assert (refused["is_accepted"], refused["errors"][0]["code"]) == (False, "file-not-xml")
        assert not drafts().exists()

    def test_import(self, world: World) -> None:
        api = Api(world)
        answer = api.post("import", VENDOR)
        assert answer.status_code == 201
        assert (answer.json()["version"], answer.json()["revision"]) == (2, 1)
        assert api.post("import", VENDOR).json()["code"] == "FLOW-06"
        assert api.post("import", VENDOR, replaces_revision=1).json()["revision"] == 2
        assert api.post("import", VENDOR, replaces_revision=1).json()["code"] == "WF-12"

    def test_flow_05_lists_every_reason(self, world: World) -> None:
        answer = Api(world).post(
            "import", around('<scriptTask id="x" name="Run it"/><callActivity id="y"/>')
        )

        assert answer.status_code == 422
        assert answer["Content-Type"] == "application/problem+json"
        assert [each["field"] for each in answer.json()["errors"]] == ["x", "y"]

    def test_export(self, world: World) -> None:
        api = Api(world, world.am)
        found = api.get("versions/1/bpmn/")

        assert found.content.decode() == world.version.bpmn
        assert found["Content-Type"].startswith("application/xml")

    def test_a_draft_is_not_there_for_others(self, world: World) -> None:
        Api(world).post("import", VENDOR)

        assert Api(world).get("versions/2/bpmn/").status_code == 200
        assert Api(world, world.am).get("versions/2/bpmn/").status_code == 404
        assert Api(world, world.am).get("diff/?before=1&after=2").status_code == 404

    def test_diff(self, world: World) -> None:
        api = Api(world)
        api.post("import", world.version.bpmn.replace("Step tl", "Leader"))
        changes = api.get("diff/?before=1&after=2").json()

        assert [(each["kind"], each["element_id"]) for each in changes] == [("changed", "tl")]
        assert changes[0]["details"] == ["English title: Step tl → Leader"]
        assert api.get("diff/?before=1&after=1").json() == []
        assert api.get("diff/?before=x").status_code in (400, 422)

    def test_wf_31_for_everybody_else(self, world: World) -> None:
        api = Api(world, world.am)

        assert api.post("check", VENDOR).json()["code"] == "WF-31"
        assert api.post("import", VENDOR).status_code == 403
        assert not drafts().exists()
