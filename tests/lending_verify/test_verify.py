"""``python -m lending_verify``: every kind of change is named, no file is a traceback."""

from __future__ import annotations

import ast
import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lending_verify
from lending_verify import canonical
from lending_verify.__main__ import main
from lending_verify.pack import Report, check_file
from lending_verify.pdf import embedded_history, is_sealed, seal
from lending_verify.words import _WORDS, CannotCheck, say
from tests.lending_verify.samples import Pack, changed_event, event, history, sha256
from workflows import hashing
from workflows.choices import EventKind

ROOT = Path(lending_verify.__file__).parent


def codes(path: Path, **options: str) -> list[str]:
    return [problem.code for problem in check_file(path, **options).problems]


def told(path: Path) -> str:
    return " ".join(problem.sentence("en") for problem in check_file(path).problems)


def written(folder: Path, data: Any) -> Path:
    path = folder / "history.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


class TestAlone:
    def test_imports_only_the_standard_library(self) -> None:
        for path in ROOT.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                for name in names:
                    top = name.partition(".")[0]
                    assert top == "lending_verify" or top in sys.stdlib_module_names, path

    def test_runs_without_the_product(self, tmp_path: Path) -> None:
        pack = Pack().write(tmp_path)
        ran = subprocess.run(
            [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT.parent)!r});"
             "from lending_verify.__main__ import main;"
             f"code = main([{str(pack)!r}, '--lang', 'en']);"
             "print('django' in sys.modules, code)"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert ran.stdout.endswith("False 0\n")

    def test_defines_the_hash_as_the_product_does(self) -> None:
        assert sorted(canonical.HASHED_FIELDS) == sorted(hashing.HASHED_FIELDS)
        assert canonical.SEAL == hashing.SEAL
        assert canonical.SIGNATURE == hashing.SIGNATURE
        assert canonical.REDACTED == hashing.REDACTED
        assert canonical.ANONYMISED == EventKind.ANONYMISED

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        )
    )
    def test_has_the_same_canonical_form(self, value: Any) -> None:
        assert canonical.canonical_json(value) == hashing.canonical_json(value)
        again = json.loads(json.dumps(value))
        assert canonical.canonical_json(again) == hashing.canonical_json(value)

    @pytest.mark.parametrize("code", _WORDS)
    def test_has_every_sentence_in_both_languages(self, code: str) -> None:
        marks = [{part[1] for part in Formatter().parse(text)} for text in _WORDS[code]]

        assert marks[0] == marks[1]
        assert not _WORDS[code][1].isascii()


class TestIntact:
    def test_a_pack(self, tmp_path: Path) -> None:
        report = check_file(Pack().write(tmp_path))

        assert report.problems == ()
        assert (report.doc_no, report.events, report.snapshots, report.files) == ("YW-1", 4, 2, 6)

    def test_a_history(self, tmp_path: Path) -> None:
        assert codes(written(tmp_path, history())) == []

    def test_the_fingerprint_is_compared(self, tmp_path: Path) -> None:
        path = Pack().write(tmp_path)
        right = check_file(path).fingerprint

        assert codes(path, expected=right.upper()) == []
        assert codes(path, expected="0" * 64) == ["fingerprint"]


class TestHistory:
    @pytest.mark.parametrize("name", sorted(canonical.HASHED_FIELDS))
    def test_every_field_of_an_entry_is_covered(self, tmp_path: Path, name: str) -> None:
        path = written(tmp_path, changed_event(3, **{name: "changed"}))
        expected = {"sequence": "event-missing", "case_id": "other-case"}

        found = [code for code in codes(path) if code.startswith(("event", "other"))]
        assert found == [expected.get(name, "event-changed")]
        assert "entry 3" in told(path).lower()

    def test_the_first_broken_link_is_named_with_who_and_when(self, tmp_path: Path) -> None:
        path = written(tmp_path, changed_event(2, opinion="不同意"))

        assert told(path) == (
            "The history breaks at entry 2 (王2, 2026-03-02T01:00:00.000000+00:00): it was changed."
        )

    def test_a_removed_entry(self, tmp_path: Path) -> None:
        data = history()
        del data["events"][1]
        assert "breaks at entry 2: the entry is missing" in told(written(tmp_path, data))

    def test_a_cut_off_end(self, tmp_path: Path) -> None:
        data = history()
        data["events"].pop()
        assert codes(written(tmp_path, data)) == ["history-cut"]

    def test_an_entry_that_was_rewritten_with_its_hash(self, tmp_path: Path) -> None:
        data = history()
        data["events"][1] = event(2, data["events"][0]["hash"], opinion="不同意")
        assert codes(written(tmp_path, data)) == ["event-unlinked"]

    def test_an_end_that_was_rewritten(self, tmp_path: Path) -> None:
        data = history()
        data["events"][3] = event(4, data["events"][2]["hash"], opinion="不同意")
        assert codes(written(tmp_path, data)) == ["history-cut"]

    def test_an_entry_with_something_added(self, tmp_path: Path) -> None:
        assert codes(written(tmp_path, changed_event(1, remark="x"))) == ["event-changed"]

    def test_a_snapshot_and_a_version_that_are_not_listed(self, tmp_path: Path) -> None:
        data = history()
        data["snapshots"].pop(0)
        data["versions"] = []
        assert codes(written(tmp_path, data)) == ["snapshot-missing", "definition-missing"]


class TestPack:
    @pytest.mark.parametrize("path", sorted(Pack().parts))
    def test_a_changed_file_is_named(self, tmp_path: Path, path: str) -> None:
        pack = Pack()
        data = pack.parts[path]
        pack.parts[path] = data[:-1] + bytes([data[-1] ^ 1])
        found = check_file(pack.write(tmp_path)).problems

        assert ("changed-file", path) in [(each.code, each.params.get("path")) for each in found]

    @pytest.mark.parametrize("path", sorted(Pack().parts))
    def test_a_missing_file_is_named(self, tmp_path: Path, path: str) -> None:
        pack = Pack()
        del pack.parts[path]
        assert f"{path} is missing" in told(pack.write(tmp_path))

    def test_a_longer_file_is_not_even_read(self, tmp_path: Path) -> None:
        pack = Pack()
        pack.parts["attachments/0001.pdf"] += b"x" * 1000
        assert codes(pack.write(tmp_path)) == ["changed-file"]

    def test_a_file_that_does_not_belong(self, tmp_path: Path) -> None:
        assert codes(Pack().write(tmp_path, extra=b"x")) == ["extra-file"]

    def test_a_missing_manifest(self, tmp_path: Path) -> None:
        path = tmp_path / "pack.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("history.json", "{}")
        assert codes(path) == ["no-manifest"]

    def test_a_snapshot_that_was_changed_with_the_manifest(self, tmp_path: Path) -> None:
        pack = Pack()
        pack.parts["snapshots/0001.json"] = b'{"fields":[]}'
        pack.seal()
        assert codes(pack.write(tmp_path)) == ["snapshot-changed"]

    @pytest.mark.parametrize(
        ("kind", "problems"), [("ANONYMISED", []), ("COMMENTED", ["snapshot-changed"])]
    )
    def test_a_snapshot_that_was_anonymised_is_vouched_for_by_its_entry(
        self, tmp_path: Path, kind: str, problems: list[str]
    ) -> None:
        pack, content = Pack(), b'{"fields":[]}'
        data = {canonical.REDACTED: {"1": sha256(content)}}
        added = event(5, pack.history["last_hash"], kind=kind, data=data)
        pack.history["events"].append(added)
        pack.history |= {"event_count": 5, "last_hash": added["hash"]}
        pack.parts["snapshots/0001.json"] = content
        pack.seal()

        assert codes(pack.write(tmp_path)) == problems

        pack.parts["snapshots/0001.json"] = b'{"fields":[1]}'
        pack.seal()
        assert codes(pack.write(tmp_path)) == ["snapshot-changed"]

    def test_a_snapshot_that_was_changed_with_its_hash(self, tmp_path: Path) -> None:
        pack = Pack()
        content = b'{"fields":[]}'
        pack.parts["snapshots/0001.json"] = content
        pack.history["snapshots"][0]["sha256"] = sha256(content)
        pack.seal()
        assert codes(pack.write(tmp_path)) == ["snapshot-changed"]

    def test_a_history_that_was_changed_with_the_manifest(self, tmp_path: Path) -> None:
        pack = Pack()
        pack.history = changed_event(4, opinion="x")
        pack.seal()
        assert codes(pack.write(tmp_path)) == ["event-changed"]

    def test_parts_that_were_taken_out_of_the_manifest(self, tmp_path: Path) -> None:
        pack = Pack()
        del pack.parts["snapshots/0002.json"], pack.parts["definitions/version-0001-5.bpmn"]
        pack.seal()
        assert codes(pack.write(tmp_path)) == ["missing-file", "missing-file"]

    def test_a_signature_that_was_changed_with_the_manifest(self, tmp_path: Path) -> None:
        pack = Pack()
        pack.parts["signatures/0001.png"] = b"\x89PNG another name"
        pack.seal()
        path = pack.write(tmp_path)
        assert codes(path) == ["signature-changed"]
        assert "the signature that entry 2 carries: it was changed" in told(path)

    def test_a_signature_that_was_given_another_hash(self, tmp_path: Path) -> None:
        pack = Pack()
        other = b"\x89PNG another name"
        pack.parts["signatures/0001.png"] = other
        pack.seal()
        listed = next(e for e in pack.manifest["files"] if e["kind"] == "signature")
        listed["signed_sha256"] = sha256(other)
        assert codes(pack.write(tmp_path)) == ["signature-missing"]

    def test_a_signature_that_was_taken_out_of_the_manifest(self, tmp_path: Path) -> None:
        pack = Pack()
        del pack.parts["signatures/0001.png"]
        pack.seal()
        assert codes(pack.write(tmp_path)) == ["signature-missing"]

    @pytest.mark.parametrize("who", [None, [], {}, "2", True, 3])
    def test_a_signature_of_nobody(self, tmp_path: Path, who: Any) -> None:
        pack = Pack()
        listed = next(e for e in pack.manifest["files"] if e["kind"] == "signature")
        listed["employee_id"] = who
        assert codes(pack.write(tmp_path)) == ["signature-missing"]

    def test_an_attachment_that_was_gone_already(self, tmp_path: Path) -> None:
        pack = Pack()
        pack.missing = [{"title": "合同", "reason": "gone"}]
        pack.seal()
        assert "“合同” was not there any more" in told(pack.write(tmp_path))

    def test_a_pdf_that_tells_another_history(self, tmp_path: Path) -> None:
        pack = Pack()
        pack.parts["case.pdf"] = seal(pdf_with(changed_event(1, opinion="x")))
        pack.seal()
        next(e for e in pack.manifest["files"] if e["path"] == "case.pdf")["kind"] = "pdf"
        assert codes(pack.write(tmp_path)) == ["histories-differ"]


def pdf_with(data: Any) -> bytes:
    packed = zlib.compress(json.dumps(data).encode())
    return (
        b"%%PDF-1.7\n1 0 obj\n<</Type /EmbeddedFile/Params <</Size 1>>/Filter /FlateDecode"
        b"/Length %d>>\nstream\n%s\nendstream\nendobj\n%%%%EOF\n" % (len(packed), packed)
    )


class TestPdf:
    def write(self, folder: Path, data: bytes) -> Path:
        path = folder / "case.pdf"
        path.write_bytes(data)
        return path

    def test_an_intact_one(self, tmp_path: Path) -> None:
        pdf = seal(pdf_with(history()))
        assert is_sealed(pdf)
        assert json.loads(embedded_history(pdf, "")) == history()
        assert codes(self.write(tmp_path, pdf)) == []

    def test_one_that_was_changed(self, tmp_path: Path) -> None:
        pdf = seal(pdf_with(history())).replace(b"%PDF-1.7", b"%PDF-1.6")
        assert codes(self.write(tmp_path, pdf)) == ["pdf-changed"]

    def test_one_with_a_broken_history(self, tmp_path: Path) -> None:
        pdf = seal(pdf_with(changed_event(1, opinion="x")))
        assert codes(self.write(tmp_path, pdf)) == ["event-changed"]

    def test_any_other_pdf(self, tmp_path: Path) -> None:
        found = codes(self.write(tmp_path, b"%PDF-1.4\n%%EOF\n"))
        assert found == ["pdf-changed", "pdf-without-history"]


def archive_of(*entries: tuple[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return target.getvalue()


def manifest_of(**values: Any) -> bytes:
    base = {"format": "lending-audit-pack", "version": 1, "files": [], "missing": []}
    return json.dumps({**base, **values}).encode()


def listed(**values: Any) -> dict[str, Any]:
    return {"path": "a", "kind": "attachment", "size": 1, "sha256": "0"} | values


HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "text": lambda: b"hello",
    "half-a-zip": lambda: Pack().bytes()[:500],
    "no-end": lambda: Pack().bytes()[:-30],
    "only-an-end": lambda: b"PK\x05\x06" + b"\x00" * 18,
    "garbage-zip": lambda: b"PK\x03\x04" + b"\xff" * 1000,
    "traversal": lambda: archive_of(("../../etc/passwd", b"x")),
    "absolute": lambda: archive_of(("/etc/passwd", b"x")),
    "drive": lambda: archive_of(("C:/x", b"x")),
    "backslash": lambda: archive_of(("a\\..\\b", b"x")),
    "long-name": lambda: archive_of(("a" * 5000, b"x")),
    "many-entries": lambda: archive_of(*((f"f{n}", b"") for n in range(20_001))),
    "manifest-list": lambda: archive_of(("manifest.json", b"[]")),
    "manifest-text": lambda: archive_of(("manifest.json", b"\xff\xfe")),
    "manifest-deep": lambda: archive_of(("manifest.json", b"[" * 200_000)),
    "manifest-digits": lambda: archive_of(("manifest.json", b"9" * 100_000)),
    "manifest-nan": lambda: archive_of(("manifest.json", b'{"version": NaN}')),
    "manifest-newer": lambda: archive_of(("manifest.json", manifest_of(version=2))),
    "listed-traversal": lambda: archive_of(
        ("manifest.json", manifest_of(files=[listed(path="../x")]))
    ),
    "listed-wrong": lambda: archive_of(("manifest.json", manifest_of(files=[listed(size="x")]))),
    "listed-negative": lambda: archive_of(("manifest.json", manifest_of(files=[listed(size=-1)]))),
    "listed-twice": lambda: archive_of(
        ("manifest.json", manifest_of(files=[listed(), listed()])), ("a", b"x")
    ),
    "bomb": lambda: archive_of(
        ("manifest.json", manifest_of(files=[listed(size=10)])), ("a", b"\x00" * 200_000_000)
    ),
    "lying-history": lambda: archive_of(
        ("manifest.json", manifest_of(last_hash="x", files=[])), ("history.json", b'{"a": 1}')
    ),
    "json-of-another-kind": lambda: b'{"a": 1}',
    "json-deep": lambda: b'{"format":"lending-history","events":' + b"[" * 100_000,
    "history-of-numbers": lambda: json.dumps(
        history() | {"events": [1, 2], "snapshots": None}
    ).encode(),
    "history-of-odd-entries": lambda: json.dumps(
        history()
        | {
            "events": [
                {
                    "sequence": True,
                    "hash": [],
                    "snapshot_number": {},
                    "data": {"snapshot_sha256": []},
                },
                {"sequence": 2, "snapshot_number": 1, "data": {"snapshot_sha256": {}}, "at": {}},
            ]
        }
    ).encode(),
    "pdf-bomb": lambda: b"%PDF-1.7\n/EmbeddedFile\nstream\n" + zlib.compress(b"{" * 300_000_000),
    "escape-sequences": lambda: json.dumps(
        changed_event(1, actor_name="\x1b[2J\x9b31m王", opinion="x")
    ).encode(),
}


class TestHostileFiles:
    @pytest.mark.parametrize("name", HOSTILE)
    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_are_told_in_plain_words(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, language: str
    ) -> None:
        path = tmp_path / "file"
        path.write_bytes(HOSTILE[name]())
        code = main([str(path), "--lang", language])
        out = capsys.readouterr().out

        assert code in (1, 2)
        assert len(out.splitlines()) >= 2
        assert "\x1b" not in out
        assert "\x9b" not in out

    @pytest.mark.parametrize("name", ["nowhere.zip", ".", "a\x00b", "x" * 5000])
    def test_a_file_that_is_not_there(self, capsys: pytest.CaptureFixture[str], name: str) -> None:
        assert main([name, "--lang", "en"]) == 2
        assert "CANNOT BE CHECKED" in capsys.readouterr().out

    @settings(
        max_examples=150, deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )  # fmt: skip
    @given(st.data())
    def test_a_damaged_pack_is_never_intact(self, tmp_path: Path, data: st.DataObject) -> None:
        whole = Pack().bytes()
        at = data.draw(st.integers(0, len(whole) - 1))
        damaged = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
        path = tmp_path / "damaged.zip"
        path.write_bytes(damaged)
        try:
            report: Report = check_file(path)
        except CannotCheck:
            return
        # A byte that only the container reads (a date, a flag) changes nothing that was said.
        if not report.problems:
            path.write_bytes(whole)
            assert report == check_file(path)


class TestCommand:
    def test_exit_codes_and_the_worst_of_several(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        good = written(tmp_path, history())
        bad = tmp_path / "bad.json"
        bad.write_text(json.dumps(changed_event(2, opinion="x")), encoding="utf-8")

        assert main([str(good), "--lang", "en"]) == 0
        assert f"Fingerprint: {sha256(good.read_bytes())}" in capsys.readouterr().out
        assert main([str(good), str(bad), "--lang", "en"]) == 1
        assert main([str(bad), "nowhere", "--lang", "zh"]) == 2
        out = capsys.readouterr().out
        assert "审批历史在第 2 条断开(王2," in out
        assert say("cannot", "zh") in out

    def test_a_terminal_that_knows_no_chinese(self, tmp_path: Path) -> None:
        path = written(tmp_path, changed_event(2, opinion="x"))
        ran = subprocess.run(
            [sys.executable, "-m", "lending_verify", str(path), "--lang", "zh"],
            capture_output=True, cwd=ROOT.parent, check=False,
            env={"PYTHONIOENCODING": "ascii", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert (ran.returncode, ran.stderr) == (1, b"")
