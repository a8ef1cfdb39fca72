"""Lists, searches and exports at 200,000 customers and 1,000,000 documents.

``manage.py demo`` makes one lender, ``benchmarks.copies`` multiplies its rows. Times are those of
the whole page through Django's test client, middleware and templates included, on one warm
process. A page is marked that sends more than ten statements, takes more than 200 ms of the
processor and the database together (the clock also counts what other work on the machine took),
or scans a large table in sequence.

``--menu`` measures each list that a reader's menu offers, its search and its export, and prints
one table in Markdown; ``--exports`` makes the workbook of each of these lists, in a process of its
own. ``--keep NAME`` fills that database once and leaves it for the next run.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from benchmarks import desk_exports, harness, menu_lists, volume
from benchmarks.copies import LARGE, Copier, begin
from benchmarks.desk_pages import Page, pages_of, words_of

CUSTOMERS = 200_000
DOCUMENTS = 1_000_000
BUDGET = (10, 200.0)
KEPT = Path("var/bench")
HEAD = (
    f"{'reader':6} {'page':44} {'p50':>8} {'p95':>8} {'cpu p50':>9} {'database':>9}"
    "  statements, sequential scans"
)


def measure(_address: str, options: argparse.Namespace) -> str:
    from django.db import connection

    copier = Copier(connection, options.documents, options.customers)
    if not copier.is_filled:
        begin()
        copier = Copier(connection, options.documents, options.customers)
        copier.fill()
    lines = [copier.size()]
    words, people = words_of(copier), copier.readers()
    readers = {name: people[name] for name in options.readers.split()}
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "explain-desks.txt").open("w") as plans:
        meter = menu_lists.Scale(options.runs, plans, LARGE)
        if options.menu:
            found = (words.name, words.common)
            return "\n".join([*lines, *menu_lists.table(readers, found, meter, options.only)])
        if options.exports:
            return "\n".join([*lines, *desk_exports.table(readers, options.only)])
        branch = {"branch": copier.one("SELECT id FROM staff_branch WHERE code = 'JN-1'")}
        lines.append(HEAD)
        for page in pages_of(words):
            if options.only and not re.search(options.only, f"{page.reader} {page.name}"):
                continue
            path = page.path % branch if "%(" in page.path else page.path
            line = _line(page, path, people[page.reader], options.runs, plans)
            lines.append(line)
            print(line, file=sys.stderr, flush=True)
    return "\n".join(lines)


def _line(page: Page, path: str, reader: Any, runs: int, plans: Any) -> str:
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(reader)
    cache.clear()
    title = f"{page.reader:6} {page.name + (' deep' if page.is_deep else ''):44.44}"
    response = client.get(path)
    if response.status_code != 200:
        return f"{title} answers {response.status_code}"
    if page.is_deep:
        cursor = _deep(response)
        if not cursor:
            return f"{title} has one page"
        path = f"{path}?cursor={cursor}"
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    statements = captured.captured_queries
    scans, in_database = volume.explain(connection, statements, title, plans, LARGE)
    meter = harness.Meter()
    meter.run(lambda: client.get(path), runs)
    wall = meter.wall(0.5)
    spent = meter.cpu(0.5) + in_database
    is_missed = len(statements) > BUDGET[0] or spent > BUDGET[1] or scans
    return (
        f"{title} {wall:6.1f}ms {meter.wall(0.95):6.1f}ms {meter.cpu(0.5):7.1f}ms"
        f" {in_database:7.1f}ms  {len(statements)}, {', '.join(scans) or 'none'}"
        f"{'  MISSED' if is_missed else ''}"
    )


def _deep(response: Any) -> str:
    """A cursor in the middle of the list: the first page's, two years back."""
    from django.core import signing

    from lending_crm.common import pagination

    links = re.findall(r'[?&;]cursor=([^"&]+)', response.content.decode())
    if not links:
        return ""
    direction, order, values = signing.loads(unquote(links[-1]), salt=pagination._SALT)
    if isinstance(values[0], str) and "T" in values[0]:
        values[0] = (datetime.fromisoformat(values[0]) - timedelta(days=730)).isoformat()
    return str(signing.dumps([direction, order, values], salt=pagination._SALT, compress=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=DOCUMENTS)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--only", default="", help="pages whose reader and name match this")
    parser.add_argument(
        "--menu", action="store_true", help="only the table of the menu's lists and exports"
    )
    parser.add_argument("--exports", action="store_true", help="only the workbooks of these lists")
    parser.add_argument("--readers", default="am brm hrm", help="whose menus are measured")
    parser.add_argument("--keep", default="", help="fill this database once and leave it there")
    sys.exit(harness.run(measure, parser))
