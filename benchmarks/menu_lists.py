"""Every list of the menu, its search and its export, in one table.

The lists are those that the reader's own menu offers, so that a new one is measured without
being named here. A cell says statements, milliseconds of the database (planning and execution
by ``EXPLAIN ANALYZE``) and of the web process's processor; ``seq`` marks a large table that was
read in sequence. Of an export the table says what its dialog costs, which counts the rows.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from benchmarks import harness, volume

HEAD = "| reader | list | page | search: a name | search: a word that most have | export |"
_RULE = "|---|---|---|---|---|---|"


@dataclass(frozen=True)
class Listed:
    """An entry of a reader's menu with its page as it came; ``content`` is empty when it did
    not come."""

    label: str
    path: str
    content: str
    status: int

    @property
    def can_search(self) -> bool:
        return 'name="q"' in self.content.partition("<main")[2]

    @property
    def export(self) -> str:
        """The address of its export; empty for a list without one."""
        from django.urls import reverse

        before, after = reverse("exports:new", args=["CODE"]).split("CODE")
        found = re.search(rf'{re.escape(before)}[\w-]+{re.escape(after)}[^"]*', self.content)
        return unescape(found[0]) if found else ""


@dataclass(frozen=True)
class Scale:
    """What a page is weighed with: how often, where its plans go, which tables are large."""

    runs: int
    plans: Any
    large: Sequence[str]

    def cost(self, ask: Callable[[], object], title: str) -> str:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        ask()
        with CaptureQueriesContext(connection) as captured:
            ask()
        sent = list(captured.captured_queries)  # the next request empties the log
        scans, milliseconds = volume.explain(connection, sent, title, self.plans, self.large)
        meter = harness.Meter()
        meter.run(ask, self.runs)
        seq = f" seq {' '.join(scans)}" if scans else ""
        return f"{len(sent)} / {milliseconds:.1f} / {meter.cpu(0.5):.0f}{seq}"


def lists_of(name: str, reader: Any, only: str = "") -> Iterator[Listed]:
    """The reader's menu, opened entry by entry; ``only`` is a pattern of ``name`` and label."""
    from django.test import Client, RequestFactory

    from lending_crm.common.navigation import menu_for

    client, request = Client(), RequestFactory().get("/")
    client.force_login(reader)
    request.user = reader
    for group in menu_for(request):
        for entry in group.entries:
            if not re.search(only, f"{name} {entry.label}"):
                continue
            answer = client.get(entry.url)
            content = answer.content.decode() if answer.status_code == 200 else ""
            yield Listed(str(entry.label), entry.url, content, answer.status_code)


def table(
    readers: Mapping[str, Any], words: Sequence[str], scale: Scale, only: str = ""
) -> list[str]:
    """``words`` are a name that few rows have and one that most have; ``only`` is a pattern of
    reader and label."""
    lines = [HEAD, _RULE]
    for name, reader in readers.items():
        for listed in lists_of(name, reader, only):
            lines.append(f"| {name} | {listed.label} | {_cells(reader, listed, words, scale)} |")
            print(lines[-1], file=sys.stderr, flush=True)
    return lines


def _cells(reader: Any, listed: Listed, words: Sequence[str], scale: Scale) -> str:
    from django.test import Client

    if not listed.content:
        return f"answers {listed.status} | | |"
    client = Client()
    client.force_login(reader)
    sign = "&" if "?" in listed.path else "?"
    paths = [listed.path]
    if listed.can_search:
        paths += [f"{listed.path}{sign}q={word}" for word in words]
    paths += [""] * (1 + len(words) - len(paths))
    paths.append(listed.export)
    cells = [
        scale.cost(lambda path=path: client.get(path), f"{reader} {path}") if path else ""
        for path in paths
    ]
    return " | ".join(cells)
