"""An audit pack: every file against the manifest, then the history and what it points at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lending_verify.archive import HELD_AT_MOST, Archive, Damaged, is_plain
from lending_verify.canonical import content_hash, sha256_of
from lending_verify.history import (
    BadFile,
    Form,
    History,
    check_version,
    contents_of,
    parse_json,
    problems_of,
    read_history,
    signed_events,
)
from lending_verify.pdf import embedded_history, is_sealed
from lending_verify.words import CannotCheck, Problem

FORMAT = "lending-audit-pack"
MANIFEST, HISTORY = "manifest.json", "history.json"


@dataclass(frozen=True)
class Report:
    """What was checked and what is wrong with it; without problems it is intact."""

    problems: tuple[Problem, ...]
    doc_no: str = ""
    events: int = 0
    snapshots: int = 0
    files: int = 0
    last_hash: str = ""
    fingerprint: str = ""


def check_file(path: Path, *, expected: str = "") -> Report:
    """Check a pack, a history or a PDF; raises ``CannotCheck`` for anything else.

    ``expected`` is the fingerprint that the system shows for the export.
    """
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except FileNotFoundError:
        raise CannotCheck("not-there", path=path) from None
    except (OSError, ValueError) as error:
        raise CannotCheck("unreadable", path=path, reason=str(error)) from None
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        archive = Archive(path)
        try:
            return _Pack(archive, expected).report()
        finally:
            archive.close()
    if head.startswith(b"%PDF-") or head.lstrip().startswith(b"{"):
        return _single(path, is_pdf=head.startswith(b"%PDF-"), expected=expected)
    raise CannotCheck("unknown-format", path=path)


def _single(path: Path, *, is_pdf: bool, expected: str) -> Report:
    if path.stat().st_size > HELD_AT_MOST:
        raise CannotCheck("hostile", reason="more than 256 MB")
    data = path.read_bytes()
    problems = list(_unexpected(data, expected))
    name = path.name
    try:
        if is_pdf:
            problems += [] if is_sealed(data) else [Problem("pdf-changed", {"path": name})]
            found = parse_json(embedded_history(data, name), name)
        else:
            found = parse_json(data, name)
            if not isinstance(found, dict) or found.get("format") != "lending-history":
                raise CannotCheck("unknown-format", path=path)
        history = read_history(found, name)
    except BadFile as bad:
        return Report((*problems, bad.problem), fingerprint=sha256_of(data))
    problems += problems_of(history)
    return _report(history, problems, 1, sha256_of(data))


def _unexpected(data: bytes, expected: str) -> Iterator[Problem]:
    found = sha256_of(data)
    if expected and found != expected.strip().lower():
        yield Problem("fingerprint", {"found": found, "wanted": expected})


def _report(history: History, problems: list[Problem], files: int, fingerprint: str) -> Report:
    return Report(
        tuple(problems),
        history.doc_no,
        len(history.events),
        len(history.snapshots),
        files,
        history.last_hash,
        fingerprint,
    )


class _Pack:
    def __init__(self, archive: Archive, expected: str) -> None:
        self.archive = archive
        self.expected = expected
        self.problems: list[Problem] = []
        #: paths of the files that are what the manifest says
        self.sound: set[str] = set()

    def report(self) -> Report:
        if MANIFEST not in self.archive.entries:
            return Report((Problem("no-manifest"),))
        try:
            data = self.archive.read(MANIFEST)
        except Damaged:
            return Report((Problem("damaged-file", {"path": MANIFEST, "what": MANIFEST}),))
        self.problems += _unexpected(data, self.expected)
        fingerprint = sha256_of(data)
        try:
            manifest = Form(parse_json(data, MANIFEST), MANIFEST)
            if manifest.text("format") != FORMAT:
                raise manifest.bad("format")
            check_version(manifest)
            files = [self._listed(each) for each in manifest.parts("files")]
            self._told(manifest)
        except BadFile as bad:
            return Report((*self.problems, bad.problem), fingerprint=fingerprint)
        self._check_files(files)
        history = self._history(manifest, files)
        if history is None:
            return Report(tuple(self.problems), fingerprint=fingerprint)
        return _report(history, self.problems, len(files), fingerprint)

    def _listed(self, each: Form) -> Mapping[str, Any]:
        path = each.text("path")
        if not is_plain(path):
            raise each.bad("path")
        each.text("kind")
        each.text("sha256")
        if each.number("size") < 0:
            raise each.bad("size")
        return each.value

    def _told(self, manifest: Form) -> None:
        """What was gone already when the pack was made is no fault of the pack, but is told."""
        for each in manifest.parts("missing"):
            params = {"title": each.text("title"), "reason": each.text("reason")}
            self.problems.append(Problem("missing-then", params))

    def _check_files(self, files: list[Mapping[str, Any]]) -> None:
        listed: set[str] = set()
        for each in files:
            path, what = each["path"], each.get("title") or each["kind"]
            if path in listed:
                self.problems.append(Problem("listed-twice", {"path": path}))
                continue
            listed.add(path)
            problem = self._fault(each)
            if problem is None:
                self.sound.add(path)
            else:
                self.problems.append(Problem(problem, {"path": path, "what": what}))
        for name in self.archive.entries:
            if name not in listed and name != MANIFEST:
                self.problems.append(Problem("extra-file", {"path": name}))
        for name in self.archive.twice:
            self.problems.append(Problem("listed-twice", {"path": name}))

    def _fault(self, each: Mapping[str, Any]) -> str | None:
        path = each["path"]
        if path not in self.archive.entries:
            return "missing-file"
        # A file that says it is larger than it should be is not even opened.
        if self.archive.entries[path].file_size != each["size"]:
            return "changed-file"
        try:
            size, digest = self.archive.size_and_hash(path, each["size"])
        except Damaged:
            return "damaged-file"
        return None if (size, digest) == (each["size"], each["sha256"]) else "changed-file"

    def _history(self, manifest: Form, files: list[Mapping[str, Any]]) -> History | None:
        if HISTORY not in self.archive.entries:
            if not any(each["path"] == HISTORY for each in files):
                self.problems.append(Problem("missing-file", {"path": HISTORY, "what": "history"}))
            return None
        try:
            found = parse_json(self.archive.read(HISTORY), HISTORY)
            history = read_history(found, HISTORY)
            if manifest.text("last_hash") != history.last_hash:
                raise manifest.bad("last_hash")
        except BadFile as bad:
            self.problems.append(bad.problem)
            return None
        except Damaged:
            return None  # told with the files
        self.problems += problems_of(history)
        self._check_snapshots(history, files)
        self._check_signatures(history, files)
        self._check_versions(history, files)
        self._check_pdfs(found, files)
        return history

    def _check_snapshots(self, history: History, files: list[Mapping[str, Any]]) -> None:
        paths = {each.get("number"): each["path"] for each in files if each["kind"] == "snapshot"}
        for number, digest in contents_of(history).items():
            path = paths.get(number)
            if path is None:
                self.problems.append(
                    Problem("missing-file", {"path": f"snapshot {number}", "what": "snapshot"})
                )
            elif path in self.sound and self._content_hash(path) != digest:
                self.problems.append(Problem("snapshot-changed", {"number": number}))

    def _check_signatures(self, history: History, files: list[Mapping[str, Any]]) -> None:
        """Each image must be the one that the entry names: the chain covers its hash."""
        held = {
            (each.get("employee_id"), str(each.get("signed_sha256"))): each
            for each in files
            if each["kind"] == "signature" and isinstance(each.get("employee_id"), int)
        }
        told: set[str] = set()
        for sequence, bound in signed_events(history):
            who, digest = bound.get("employee"), str(bound.get("sha256"))
            image = held.get((who, digest)) if isinstance(who, int) else None
            if image is None:
                self.problems.append(Problem("signature-missing", {"sequence": sequence}))
            elif image["path"] in self.sound - told and image["sha256"] != digest:
                told.add(image["path"])
                params = {"path": image["path"], "sequence": sequence}
                self.problems.append(Problem("signature-changed", params))

    def _content_hash(self, path: str) -> str:
        try:
            return content_hash(parse_json(self.archive.read(path), path))
        except (BadFile, Damaged):
            return ""

    def _check_versions(self, history: History, files: list[Mapping[str, Any]]) -> None:
        held = {each.get("version_id") for each in files if each["kind"] == "definition"}
        for version in sorted(history.versions - held):
            params = {"path": f"version {version}", "what": "definition"}
            self.problems.append(Problem("missing-file", params))

    def _check_pdfs(self, history: Any, files: list[Mapping[str, Any]]) -> None:
        for each in files:
            path = each["path"]
            if each["kind"] != "pdf" or path not in self.sound:
                continue
            try:
                pdf = self.archive.read(path)
                told = parse_json(embedded_history(pdf, path), path)
            except BadFile as bad:
                self.problems.append(bad.problem)
            except Damaged:
                self.problems.append(Problem("damaged-file", {"path": path, "what": "pdf"}))
            else:
                if not is_sealed(pdf):
                    self.problems.append(Problem("pdf-changed", {"path": path}))
                if told != history:
                    self.problems.append(Problem("histories-differ", {"path": path}))
