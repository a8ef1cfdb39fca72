"""Every list of the menu, its search and its export, in one table.

The lists are those that the reader's own menu offers, so that a new one is measured without
being named here. A cell says statements, milliseconds of the database (planning and execution
by ``EXPLAIN ANALYZE``) and of the web process's processor; ``seq`` marks a large table that was
read in sequence. Of an export the table says what asking for it costs and whether it was made,
left to the worker or refused for its length (EXP-01).
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks import harness, volume

HEAD = "| reader | list | page | search: a name | search: a word that most have | export |"
_RULE = "|---|---|---|---|---|---|"
_EXPORT = re.compile(r"/exports/([\w-]+)/new/\?([^\"]*)")


def table(
    readers: Mapping[str, Any],
    words: Sequence[str],
    *,
    runs: int,
    plans: Any,
    large: Sequence[str],
) -> list[str]:
    """``words`` are a name that few rows have and one that most have."""
    lines = [HEAD, _RULE]
    for name, reader in readers.items():
        for line in _lists_of(name, reader, words, runs=runs, plans=plans, large=large):
            lines.append(line)
            print(line, file=sys.stderr, flush=True)
    return lines


def _lists_of(
    name: str, reader: Any, words: Sequence[str], *, runs: int, plans: Any, large: Sequence[str]
) -> Iterator[str]:
    from django.test import Client, RequestFactory

    from lending_crm.common.navigation import menu_for

    client, request = Client(), RequestFactory().get("/")
    client.force_login(reader)
    request.user = reader
    for group in menu_for(request):
        for entry in group.entries:
            answer = client.get(entry.url)
            if answer.status_code != 200:
                yield f"| {name} | {entry.label} | answers {answer.status_code} | | | |"
                continue
            content = answer.content.decode()
            sign = "&" if "?" in entry.url else "?"
            paths = [entry.url]
            if 'name="q"' in content.partition("<main")[2]:
                paths += [f"{entry.url}{sign}q={word}" for word in words]
            cells = [
                _cost(lambda path=path: client.get(path), f"{name} {path}", runs, plans, large)
                for path in paths
            ]
            cells += [""] * (1 + len(words) - len(cells))
            found = _EXPORT.search(content)
            cells.append(_export(reader, found[1], found[2], plans, large) if found else "")
            yield f"| {name} | {entry.label} | {' | '.join(cells)} |"


def _cost(
    ask: Callable[[], object], title: str, runs: int, plans: Any, large: Sequence[str]
) -> str:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ask()
    with CaptureQueriesContext(connection) as captured:
        ask()
    sent = list(captured.captured_queries)  # the next request empties the log
    scans, milliseconds = volume.explain(connection, sent, title, plans, large)
    meter = harness.Meter()
    meter.run(ask, runs)
    seq = f" seq {' '.join(scans)}" if scans else ""
    return f"{len(sent)} / {milliseconds:.1f} / {meter.cpu(0.5):.0f}{seq}"


def _export(reader: Any, code: str, query: str, plans: Any, large: Sequence[str]) -> str:
    from django.test import override_settings
    from django.utils import timezone

    from lending_crm.common.errors import DomainError
    from lending_crm.common.exports import runs

    told: list[str] = []

    def ask() -> None:
        try:
            run = runs.request_list_export(
                code=code, query=query.replace("&amp;", "&"),
                actor=reader, now=timezone.now(),
            )  # fmt: skip
        except DomainError as refusal:
            told.append(refusal.code)
        else:
            told.append(f"{run.rows} rows" if run.state == "DONE" else "by the worker")

    with tempfile.TemporaryDirectory() as folder, override_settings(MEDIA_ROOT=folder):
        cost = _cost(ask, f"export {code}", 1, plans, large)
    return f"{cost}, {told[-1]}"
