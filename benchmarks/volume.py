"""Inbox, pool, search, history and case pages at 10 k, 100 k and 1 M work items.

The rows are copied in SQL from one real case: 50 branches, two items a case. The first 3,000
cases and one in fifty of the others are still open, half of them to be claimed first, so at
each size a branch's inbox and its pool fill a page of 30. Times are those of the whole page
through Django's test client, middleware and templates included, on one warm process: by the
clock, and the processor time of the process, which other work on the machine does not stretch.
Every plan of every page is kept in ``var/bench/explain-<items>.txt`` and searched for
sequential scans of the engine's large tables.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks import harness

SIZES = (10_000, 100_000, 1_000_000)
LARGE = ("workflows_case", "workflows_workitem", "workflows_stage", "workflows_historyevent")
BRANCHES = 50
ALWAYS_OPEN = 3_000
KEPT = Path("var/bench")
_TIMES = re.compile(r"^(?:Planning|Execution) Time: ([0-9.]+) ms$", re.MULTILINE)


def measure(_address: str, options: argparse.Namespace) -> str:
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tests.staff.factories import BranchFactory, person
    from tests.workflows.world import World

    world = World()
    branches = [world.branch, *(BranchFactory() for _ in range(BRANCHES - 1))]
    leads = [world.tl, *(person("TL", branch=branch) for branch in branches[1:])]
    managers = [world.brm, *(person("BRM", branch=branch) for branch in branches[1:])]
    case = world.approve(world.submitted(), world.tl)
    copier = Copier(
        connection, case.pk, [[b.pk for b in branches], [p.pk for p in leads],
                              [p.pk for p in managers]],
    )  # fmt: skip
    lines = [
        f"{'items':>9} {'page':22} {'p50':>8} {'p95':>8} {'cpu p50':>9} {'cpu p95':>9}"
        f" {'database':>9}  statements, sequential scans"
    ]
    KEPT.mkdir(parents=True, exist_ok=True)
    for size in [s for s in SIZES if s <= options.most]:
        copier.grow(size // 2)
        latest = copier.latest(managers[1].pk)
        pages = {
            "inbox": (managers[1], "/inbox/"),
            "pool to be claimed": (managers[1], "/inbox/?tab=claim"),
            "decided by me": (leads[1], "/inbox/?tab=done"),
            "search in the inbox": (leads[1], f"/inbox/?tab=done&q={copier.number_of(latest)}"),
            "case with history": (managers[1], f"/cases/{latest}/"),
        }
        with (KEPT / f"explain-{size}.txt").open("w") as plans:
            for name, (reader, path) in pages.items():
                client = Client()
                client.force_login(reader)
                cache.clear()
                _get(client, path)
                with CaptureQueriesContext(connection) as captured:
                    _get(client, path)
                statements = captured.captured_queries
                scans, in_database = explain(connection, statements, f"{name} {path}", plans, LARGE)
                meter = harness.Meter()
                meter.run(lambda c=client, p=path: _get(c, p), options.runs)
                lines.append(
                    f"{size:9,} {name:22} {meter.wall(0.5):6.1f}ms {meter.wall(0.95):6.1f}ms"
                    f" {meter.cpu(0.5):7.1f}ms {meter.cpu(0.95):7.1f}ms {in_database:7.1f}ms"
                    f"  {len(statements)}, {', '.join(scans) or 'none'}"
                )
    return "\n".join(lines)


class Copier:
    """Multiplies one case, its stages, items and events with set-based statements."""

    def __init__(self, connection: Any, case_id: int, people: list[list[int]]) -> None:
        self.connection = connection
        self.case_id = case_id
        self.people = people
        self.made = 0

    def grow(self, cases: int) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table, sql in self._statements(self.made + 1, cases):
                cursor.execute(sql)
                cursor.execute(f"ANALYZE {table}")
            cursor.execute("SET session_replication_role = DEFAULT")
        self.made = cases

    def latest(self, manager: int) -> int:
        return self._one(
            "SELECT i.case_id FROM workflows_workitem i JOIN staff_roleassignment a"
            " ON a.role_id = i.pool_role_id AND a.branch_id = i.pool_branch_id"
            f" WHERE i.state = 'OPEN' AND a.employee_id = {manager} ORDER BY i.id DESC LIMIT 1"
        )

    def number_of(self, case_id: int) -> str:
        return str(self._one(f"SELECT doc_no FROM workflows_case WHERE id = {case_id}"))

    def _one(self, sql: str) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    def _statements(self, first: int, last: int) -> list[tuple[str, str]]:
        """Copies have ids from a million on: case n is 10^6 + n, its rows 10^6 + 10 n + k."""
        series = f"generate_series({first}, {last}) n"
        branch, lead, manager = (f"(ARRAY{ids})[1 + n % {BRANCHES}]" for ids in self.people)
        is_open = f"(n <= {ALWAYS_OPEN} OR (n / {BRANCHES}) % 50 = 0)"
        to_claim = f"{is_open} AND (n / {BRANCHES} + n / {50 * BRANCHES}) % 2 = 0"
        when = "make_interval(mins => (n % 500000)::int)"
        case = "1000000 + n"

        def row(key: str) -> str:
            """The copy's id for the original row ``o`` of a table."""
            first_one = "(SELECT min(id) FROM {table} WHERE {own})"
            return f"1000000 + 10 * n::bigint + ({key} - {first_one})"

        def copy(table: str, own: str, changed: dict[str, str]) -> tuple[str, str]:
            names = self._columns(table)
            shown = ", ".join(changed.get(name, f"o.{name}") for name in names)
            sql = (
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {shown}"
                f" FROM {table} o, {series} WHERE {own}"
            )
            return table, sql.format(table=table, own=own.replace("o.", ""))

        stage_of = (
            f"1000000 + 10 * n::bigint + (o.stage_id - (SELECT min(id) FROM workflows_stage"
            f" WHERE process_id = {self.case_id}))"
        )
        was_decided = f"o.state = 'OPEN' AND NOT {is_open}"
        mine = f"o.case_id = {self.case_id}"
        return [
            copy("workflows_case", f"o.id = {self.case_id}", {
                "id": case, "document_id": case, "doc_no": "'TY-' || (1000000 + n)",
                "search": "'ty-' || (1000000 + n) || ' 北方公司' || n || ' bfgs' || n",
                "subject": "'玩具申请 ' || n", "party": "'北方公司' || n", "branch_id": branch,
                "submitted_at": f"o.submitted_at - {when}",
                "state": f"CASE WHEN {is_open} THEN 'IN_APPROVAL' ELSE 'APPROVED' END",
            }),
            copy("workflows_stage", f"o.process_id = {self.case_id}", {
                "id": row("o.id"), "process_id": case,
            }),
            copy("workflows_workitem", mine, {
                "id": row("o.id"), "case_id": case, "stage_id": stage_of,
                "pool_branch_id": f"CASE WHEN o.pool_branch_id IS NULL THEN NULL ELSE {branch} END",
                "state": f"CASE WHEN {was_decided} THEN 'DECIDED' ELSE o.state END",
                "decision": f"CASE WHEN {was_decided} THEN 'APPROVE' ELSE o.decision END",
                "decided_by_id": f"CASE WHEN {was_decided} THEN {manager}"
                                 f" WHEN o.state = 'DECIDED' THEN {lead} END",
                "assignee_id": f"CASE WHEN o.state = 'OPEN' AND {is_open} THEN NULL"
                               f" WHEN o.state = 'OPEN' THEN {manager} ELSE {lead} END",
                "decided_at": f"CASE WHEN o.state = 'OPEN' AND {is_open} THEN NULL"
                              f" ELSE o.arrived_at - {when} END",
                "arrived_at": f"o.arrived_at - {when}",
                "claim_required": f"o.state = 'OPEN' AND {to_claim}",
            }),
            copy("workflows_historyevent", mine, {
                "id": row("o.id"), "case_id": case, "stage_id": stage_of,
                "idempotency_key": "NULL", "at": f"o.at - {when}",
            }),
            copy("workflows_snapshot", mine, {"id": row("o.id"), "case_id": case}),
            copy("documents_document", "o.id = (SELECT document_id FROM workflows_case"
                 f" WHERE id = {self.case_id})", {
                "id": case, "case_id": case, "doc_no": "'TY-' || (1000000 + n)",
                "branch_id": branch,
            }),
        ]  # fmt: skip

    def _columns(self, table: str) -> list[str]:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
                " AND is_generated = 'NEVER' ORDER BY ordinal_position",
                [table],
            )
            return [name for (name,) in cursor.fetchall()]


def _get(client: Any, path: str) -> None:
    response = client.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path}: {response.status_code}")


def explain(
    connection: Any, queries: list[dict[str, str]], title: str, plans: Any, large: Sequence[str]
) -> tuple[list[str], float]:
    """Write the plan of each statement; the large tables that any of them scans in sequence,
    and the milliseconds that the database planned and ran, all statements together.
    """
    scans, milliseconds = set(), 0.0
    plans.write(f"\n==== {title}\n")
    for query in queries:
        sql = query["sql"]
        if not sql.startswith(("SELECT", "(SELECT")):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql.replace('%', '%%')}", [])
            lines = [line for (line,) in cursor.fetchall()]
        plans.write(f"\n-- {sql[:2000]}\n" + "\n".join(lines) + "\n")
        scans |= {t for t in large for line in lines if f"Seq Scan on {t} " in line}
        milliseconds += sum(float(found) for found in _TIMES.findall("\n".join(lines)))
    return sorted(scans), milliseconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="leave larger sizes out")
    parser.add_argument("--runs", type=int, default=60)
    sys.exit(harness.run(measure, parser))
