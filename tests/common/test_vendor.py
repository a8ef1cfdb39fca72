"""The browser libraries in the repository are the ones that the manifest names."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from django.core.management import CommandError, call_command

import pytest

from lending_crm.common import vendoring

ROOT = vendoring.vendor_root()


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    target = tmp_path / "vendor"
    shutil.copytree(ROOT, target)
    monkeypatch.setattr(vendoring, "vendor_root", lambda: target)
    return target


class TestVendorCheck:
    def test_passes_for_what_is_committed(self) -> None:
        call_command("vendor", "--check")

    def test_names_an_altered_file(self, copy: Path) -> None:
        path = copy / vendoring.LIBRARIES[0].folder / "htmx.min.js"
        path.write_text(path.read_text() + "\nalert(1)")

        with pytest.raises(CommandError, match=r"htmx\.min\.js differs from the manifest"):
            call_command("vendor", "--check")

    def test_names_a_missing_file(self, copy: Path) -> None:
        (copy / vendoring.LIBRARIES[1].folder / "LICENSE").unlink()

        with pytest.raises(CommandError, match="LICENSE is missing"):
            call_command("vendor", "--check")

    def test_names_a_file_that_nobody_listed(self, copy: Path) -> None:
        (copy / vendoring.LIBRARIES[0].folder / "extra.js").write_text("1")

        with pytest.raises(CommandError, match=r"extra\.js is not in the manifest"):
            call_command("vendor", "--check")

    def test_names_a_version_that_was_pinned_but_not_fetched(
        self, copy: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vendoring, "LIBRARIES", vendoring.LIBRARIES[1:])

        with pytest.raises(CommandError, match="is not both pinned"):
            call_command("vendor", "--check")


class TestManifest:
    def test_gives_every_library_a_licence_text(self) -> None:
        for entry in json.loads((ROOT / "manifest.json").read_text())["libraries"]:
            assert entry["licence"]
            assert (ROOT / entry["folder"] / "LICENSE").stat().st_size > 100

    def test_names_no_registry(self) -> None:
        assert "://" not in (ROOT / "manifest.json").read_text()

    def test_refers_to_no_file_that_is_not_kept(self) -> None:
        for path in ROOT.rglob("*.css"):
            text = path.read_text(encoding="utf-8")
            assert "sourceMappingURL" not in text
            for target in re.findall(r"url\(['\"]?(?!data:|#)([^'\")]+)", text):
                assert (path.parent / target).exists(), f"{path.name} names {target}"


class TestIcons:
    def test_are_all_in_the_sprite(self) -> None:
        sprite = (ROOT.parent / vendoring.vendor_path("tabler-icons/sprite.svg")).read_text()

        assert re.findall(r'<symbol id="([^"]+)"', sprite) == vendoring.icon_names()

    def test_used_by_templates_exist(self) -> None:
        known = set(vendoring.icon_names())
        pattern = re.compile(
            r"""{%\s*icon\s+"([^"]+)"|icon_name="([^"]+)"|{%\s*badge\s+\S+\s+"\w+"\s+"([^"]+)\""""
        )
        for path in (ROOT.parent.parent / "templates").rglob("*.html"):
            for names in pattern.findall(path.read_text(encoding="utf-8")):
                assert set(filter(None, names)) <= known, f"{path.name}: {names}"
