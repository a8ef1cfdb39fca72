"""``manage.py flow``: files are checked, imported, exported and compared, never a traceback."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command

import pytest

from lending_crm.common.errors import DomainError
from tests.workflows.bpmn.samples import HEAD, TAIL, VENDOR_APPROVAL, around, process
from tests.workflows.world import NOW, World, by_role, stage
from workflows.choices import VersionState
from workflows.definitions import parse
from workflows.models import FlowVersion
from workflows.services.definitions import import_route

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    return World(stage("tl", by_role("TL")), stage("brm", by_role("BRM")))


class Ran:
    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = text


def flow(*arguments: str, lang: str = "en") -> Ran:
    """Run the command; the code is what the shell would see."""
    out = io.StringIO()
    try:
        call_command("flow", *arguments, f"--lang={lang}", stdout=out)
    except CommandError as error:
        return Ran(error.returncode, out.getvalue() + str(error))
    return Ran(0, out.getvalue())


@pytest.fixture
def vendor(tmp_path: Path) -> str:
    path = tmp_path / "供应商.bpmn"
    path.write_text(VENDOR_APPROVAL.replace("exposure", "amount"), encoding="utf-8")
    return str(path)


class TestCheck:
    def test_tells_what_is_not_taken_over_and_what_is_to_do(self, vendor: str) -> None:
        ran = flow("check", vendor)

        assert ran.code == 0
        assert "供应商.bpmn: can be imported (elements: 5, approval stages: 2)" in ran.text
        assert "“Approve” (a) was given to candidateGroups “APP” by another tool" in ran.text
        assert "Say who is asked at “Approve”." in ran.text

    def test_names_every_element_that_is_refused(self, tmp_path: Path, vendor: str) -> None:
        bad = tmp_path / "bad.bpmn"
        bad.write_text(around('<scriptTask id="x" name="Run it"/><callActivity id="y"/>'))
        ran = flow("check", vendor, str(bad))

        assert ran.code == 1
        assert "“Run it” (x): the kind “script task” is not supported." in ran.text
        assert "(y): the kind “call activity”" in ran.text
        assert "1 of 2 files cannot be imported." in ran.text

    def test_a_kind_judges_the_conditions(self, tmp_path: Path, world: World) -> None:
        path = tmp_path / "f.bpmn"
        path.write_text(VENDOR_APPROVAL)

        assert "exposure" not in flow("check", str(path)).text
        assert "exposure" in flow("check", str(path), "--kind=toy").text

    def test_in_chinese(self, vendor: str) -> None:
        assert "可以导入" in flow("check", vendor, lang="zh-hans").text

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"hello",
            b"PK\x03\x04",
            b"\x89PNG",
            b"\xff\xfe",
            b"<" * 2_000_000,
            b" " * 10_000_000,
            (HEAD + "<a>" * 50_000).encode(),
            (HEAD + TAIL).encode("utf-16"),
            b'<?xml version="1.0" encoding="GBK"?><a>\x81</a>',
            b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>',
            process("<userTask/>").encode(),
            around('<userTask id="x" name="\x9b31m"/>').encode(),
        ],
        ids=range(13),
    )
    def test_no_file_ends_in_a_traceback(self, tmp_path: Path, data: bytes) -> None:
        path = tmp_path / "x.bpmn"
        path.write_bytes(data)
        ran = flow("check", str(path))

        assert ran.code in (0, 1)
        assert str(path) in ran.text
        assert "\x9b" not in ran.text

    @pytest.mark.parametrize("name", ["nowhere.bpmn", ".", "x" * 5000, "a\x00b", ""])
    def test_a_file_that_is_not_there(self, name: str) -> None:
        ran = flow("check", name)

        assert ran.code == 2
        assert "cannot be used" in ran.text

    def test_an_unknown_kind(self, vendor: str, world: World) -> None:
        ran = flow("check", vendor, "--kind=poem")

        assert (ran.code, "Known: " in ran.text and "toy" in ran.text) == (2, True)

    def test_the_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stdin: Any = io.TextIOWrapper(io.BytesIO(VENDOR_APPROVAL.encode()))
        monkeypatch.setattr(sys, "stdin", stdin)

        assert flow("check", "-").code == 0


class TestExportAndImport:
    def test_an_export_comes_back_as_an_equal_version(self, world: World, tmp_path: Path) -> None:
        path = str(tmp_path / "out.bpmn")
        assert flow("export", "toy", "--output", path).code == 0
        assert flow("import", path, "--flow=toy", f"--actor={world.adm.username}").code == 0

        draft = FlowVersion.objects.get(state=VersionState.DRAFT)
        assert (draft.bpmn, draft.sha256) == (world.version.bpmn, world.version.sha256)
        assert draft.created_by == world.adm

    def test_to_the_standard_output(self, world: World) -> None:
        assert flow("export", "toy@1").text == world.version.bpmn

    @pytest.mark.parametrize("name", ["poem", "toy@9", "toy@draft", "toy@", "", "a\x00b"])
    def test_flow_07_says_what_there_is(self, world: World, name: str) -> None:
        ran = flow("export", name)
        if name == "toy@":
            assert ran.code == 0
        else:
            assert (ran.code, "FLOW-07" in ran.text) == (2, True)

    def test_a_draft_is_replaced_only_when_told_to(self, world: World, vendor: str) -> None:
        arguments = ("import", vendor, "--flow=toy", f"--actor={world.adm.username}")
        assert flow(*arguments).code == 0
        again = flow(*arguments)
        assert (again.code, "FLOW-06" in again.text) == (2, True)
        assert flow(*arguments, "--replace").code == 0

        draft = FlowVersion.objects.get(state=VersionState.DRAFT)
        assert (draft.number, draft.revision) == (2, 2)
        assert parse(draft.bpmn, "toy").stage("a").name == "Approve"

    def test_a_refused_file_changes_nothing(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "bad.bpmn"
        path.write_text(around('<scriptTask id="x"/>'))
        ran = flow("import", str(path), "--flow=toy", f"--actor={world.adm.username}")

        assert (ran.code, "Nothing was imported." in ran.text) == (1, True)
        assert not FlowVersion.objects.filter(state=VersionState.DRAFT).exists()

    @pytest.mark.parametrize("who", ["am", "ceo", None])
    def test_only_for_information_administrators(
        self, world: World, vendor: str, who: str | None
    ) -> None:
        login = getattr(world, who).username if who else "nobody\x00"
        ran = flow("import", vendor, "--flow=toy", f"--actor={login}")

        assert ran.code == 2
        assert not FlowVersion.objects.filter(state=VersionState.DRAFT).exists()

    def test_wf_12_when_the_draft_changed_meanwhile(self, world: World) -> None:
        def again(revision: int | None) -> FlowVersion:
            return import_route(
                definition_id=world.version.definition_id, actor=world.adm, now=NOW,
                data=world.version.bpmn, replaces_revision=revision,
            )  # fmt: skip

        again(None)
        again(1)
        with pytest.raises(DomainError) as refused:
            again(1)
        assert refused.value.code == "WF-12"


class TestDiff:
    def test_no_difference(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "same.bpmn"
        path.write_text(world.version.bpmn)
        ran = flow("diff", "toy", str(path))

        assert (ran.code, ran.text) == (0, "No difference.\n")

    def test_names_each_difference(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "other.bpmn"
        path.write_text(world.version.bpmn.replace("节点tl", "主管").replace("Step tl", "Leader"))
        ran = flow("diff", "toy@1", str(path))

        assert ran.code == 1
        assert "~ approval stage “Leader” (tl)\n    Chinese title: 节点tl → 主管\n" in ran.text

    def test_a_side_that_cannot_be_read(self, world: World, tmp_path: Path) -> None:
        path = tmp_path / "bad.bpmn"
        path.write_text(around('<scriptTask id="x" name="Run"/>'))
        ran = flow("diff", "toy", str(path))

        assert (ran.code, "“Run” (x)" in ran.text) == (2, True)
