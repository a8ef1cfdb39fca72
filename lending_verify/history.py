"""The hash chain of an exported history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lending_verify.canonical import (
    ANONYMISED,
    HASHED_FIELDS,
    REDACTED,
    SEAL,
    SIGNATURE,
    event_hash,
)
from lending_verify.words import CannotCheck, Problem

FORMAT, VERSION = "lending-history", 1
_KEYS = {*HASHED_FIELDS, "hash", "previous_hash"}


@dataclass(frozen=True)
class History:
    """What a history says of itself, after its form was found right."""

    case_id: int
    doc_no: str
    events: list[dict[str, Any]]
    #: SHA-256 by number
    snapshots: dict[int, str]
    event_count: int
    last_hash: str
    versions: set[int] = field(default_factory=set)


def parse_json(data: bytes, path: str) -> Any:
    """Raises ``BadFile`` for what is no JSON, whatever it is."""
    try:
        return json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadFile(Problem("bad-json", {"path": path})) from None


class BadFile(Exception):
    """A part of the pack is damaged beyond reading."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def read_history(found: Any, path: str) -> History:
    """Raises ``BadFile`` when something is missing, ``CannotCheck`` for a newer format."""
    form = Form(found, path)
    if form.text("format") != FORMAT:
        raise form.bad("format")
    check_version(form)
    case = form.part("case")
    snapshots = {}
    for each in form.parts("snapshots"):
        snapshots[each.number("number")] = each.text("sha256")
    return History(
        case_id=case.number("id"),
        doc_no=case.text("doc_no"),
        events=[dict(each.value) for each in form.parts("events")],
        snapshots=snapshots,
        event_count=form.number("event_count"),
        last_hash=form.text("last_hash"),
        versions={each.number("id") for each in form.parts("versions")},
    )


def check_version(form: Form) -> None:
    version = form.number("version")
    if version > VERSION:
        raise CannotCheck("newer-format", version=version)


def problems_of(history: History) -> Iterator[Problem]:
    """The first broken link, and every snapshot and version that an entry misses."""
    broken = _first_break(history)
    if broken is not None:
        yield broken
    seen: set[int] = set()
    versions: set[int] = set()
    for index, event in enumerate(history.events, start=1):
        number, version = event.get("snapshot_number"), event.get("flow_version_id")
        if isinstance(number, int) and number and number not in seen:
            seen.add(number)
            if number not in history.snapshots:
                yield Problem("snapshot-missing", {"sequence": index, "number": number})
        data = event.get("data")
        sealed = data.get(SEAL) if isinstance(data, dict) else None
        known = history.snapshots.get(number) if isinstance(number, int) else None
        if sealed is not None and known is not None and known != sealed:
            yield Problem("snapshot-changed", {"number": number})
        if isinstance(version, int) and version not in versions:
            versions.add(version)
            if version not in history.versions:
                yield Problem("definition-missing", {"sequence": index})


def signed_events(history: History) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The number of each entry that carries a signature, with what it says of the image."""
    for index, event in enumerate(history.events, start=1):
        data = event.get("data")
        bound = data.get(SIGNATURE) if isinstance(data, dict) else None
        if isinstance(bound, dict):
            yield index, bound


def contents_of(history: History) -> dict[int, str]:
    """By number the hash of what each snapshot must hold: its own, or that of what was left
    when personal information was removed, for which the chain vouches."""
    found = dict(history.snapshots)
    for event in history.events:
        data = event.get("data")
        left = data.get(REDACTED) if isinstance(data, dict) else None
        if event.get("kind") == ANONYMISED and isinstance(left, dict):
            known = {number: left.get(str(number)) for number in found}
            found |= {number: str(digest) for number, digest in known.items() if digest}
    return found


def _first_break(history: History) -> Problem | None:
    previous = ""
    for expected, event in enumerate(history.events, start=1):
        about = {
            "sequence": expected,
            "who": event.get("actor_name") or "—",
            "at": event.get("at") or "—",
        }
        if event.get("sequence") != expected:
            return Problem("event-missing", {"sequence": expected})
        if event.get("case_id") != history.case_id:
            return Problem("other-case", {"sequence": expected})
        if event.get("previous_hash") != previous:
            return Problem("event-unlinked", about)
        if set(event) != _KEYS or event.get("hash") != event_hash(event, previous):
            return Problem("event-changed", about)
        previous = event["hash"]
    if len(history.events) != history.event_count or previous != history.last_hash:
        return Problem("history-cut", {"sequence": len(history.events)})
    return None


class Form:
    """A JSON object whose members are asked for by name and type."""

    def __init__(self, value: Any, path: str, name: str = "{}") -> None:
        self.path = path
        if not isinstance(value, dict):
            raise BadFile(Problem("bad-form", {"path": path, "name": name}))
        self.value: Mapping[str, Any] = value

    def bad(self, name: str) -> BadFile:
        return BadFile(Problem("bad-form", {"path": self.path, "name": name}))

    def text(self, name: str) -> str:
        found = self.value.get(name)
        if not isinstance(found, str):
            raise self.bad(name)
        return found

    def number(self, name: str) -> int:
        found = self.value.get(name)
        if not isinstance(found, int) or isinstance(found, bool):
            raise self.bad(name)
        return found

    def part(self, name: str) -> Form:
        return Form(self.value.get(name), self.path, name)

    def parts(self, name: str) -> list[Form]:
        found = self.value.get(name)
        if not isinstance(found, list):
            raise self.bad(name)
        return [Form(each, self.path, name) for each in found]


def _refuse(constant: str) -> Any:
    raise ValueError(constant)
