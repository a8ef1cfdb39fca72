"""What differs between two snapshots, field by field and row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Difference:
    """One field, table or attachment that differs; texts as a reader sees them."""

    name: str
    label: str
    old: str
    new: str


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Difference]:
    """Everything that changed from ``before`` to ``after``; nothing without a ``before``."""
    if before is None:
        return []
    return [
        *_fields(before, after),
        *_tables(before, after),
        *_attachments(before, after),
    ]


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    old = {field["name"]: field for field in before.get("fields", [])}
    new = {field["name"]: field for field in after.get("fields", [])}
    nothing = {"value": None, "display": ""}
    return [
        Difference(
            name,
            (new.get(name) or old[name])["label"],
            str(old.get(name, nothing)["display"]),
            str(new.get(name, nothing)["display"]),
        )
        for name in dict.fromkeys([*old, *new])
        if old.get(name, nothing)["value"] != new.get(name, nothing)["value"]
    ]


def _tables(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    old = {table["name"]: table for table in before.get("tables", [])}
    new = {table["name"]: table for table in after.get("tables", [])}
    found = []
    for name in dict.fromkeys([*old, *new]):
        was, now = old.get(name, {}).get("rows", []), new.get(name, {}).get("rows", [])
        if was != now:
            label = (new.get(name) or old[name])["label"]
            found.append(Difference(name, label, _lines(was, now), _lines(now, was)))
    return found


def _lines(rows: list[list[Any]], others: list[list[Any]]) -> str:
    """The rows that the other side has not."""
    return "\n".join(" · ".join(str(cell) for cell in row) for row in rows if row not in others)


def _attachments(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    old = {file["id"]: file for file in before.get("attachments", [])}
    new = {file["id"]: file for file in after.get("attachments", [])}
    added = [
        Difference("attachments", f["category"], "", f["title"])
        for pk, f in new.items()
        if pk not in old
    ]
    removed = [
        Difference("attachments", f["category"], f["title"], "")
        for pk, f in old.items()
        if pk not in new
    ]
    return [*added, *removed]
