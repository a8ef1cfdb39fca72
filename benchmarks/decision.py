"""One decision (approve, one next stage) against the hand-written minimum in SQL.

``python -m benchmarks.decision`` makes a database of its own on the server of DATABASE_URL,
runs both sides interleaved on different cases of it and prints medians and their ratio. The
hand-written side locks the case and writes the same rows through psycopg: item, stage, next
stage, next item, history event, case, outbox.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

RUNS = 7
PER_RUN = 30


@contextmanager
def own_database(address: str) -> Iterator[str]:
    """A fresh database beside the given one, dropped afterwards."""
    parts = urlsplit(address)
    name = f"bench_decision_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        from django.db import connections

        connections.close_all()
        with psycopg.connect(address, autocommit=True) as server:
            server.execute(f"DROP DATABASE {name}")


class ByHand:
    """The same rows in as few statements as SQL needs."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.columns = {
            table: [
                row[0]
                for row in connection.execute(
                    "SELECT column_name FROM information_schema.columns"
                    " WHERE table_name = %s AND column_name <> 'id' ORDER BY ordinal_position",
                    [table],
                )
            ]
            for table in (
                "workflows_stage",
                "workflows_workitem",
                "workflows_historyevent",
                "common_outboxmessage",
            )
        }
        self.statements = 0

    def run(self, sql: str, *values: Any) -> Any:
        self.statements += 1
        return self.connection.execute(sql, values)  # type: ignore[arg-type]

    def copy(self, table: str, row_id: int, **changed: Any) -> int:
        """Insert a row like another one, with some columns changed."""
        names = self.columns[table]
        shown = [f"%s::text::{kind}" if (kind := _CASTS.get(n)) and n in changed else
                 ("%s" if n in changed else n) for n in names]  # fmt: skip
        found = self.run(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(shown)}"
            f" FROM {table} WHERE id = %s RETURNING id",
            *(changed[n] for n in names if n in changed),
            row_id,
        )
        return int(found.fetchone()[0])

    def decide(self, item_id: int, actor_id: int) -> None:
        self.statements = 0
        with self.connection.transaction():
            case_id, count, last_hash = self.run(
                "SELECT c.id, c.event_count, c.last_hash FROM workflows_case c"
                " JOIN workflows_workitem i ON i.case_id = c.id WHERE i.id = %s FOR UPDATE OF c",
                item_id,
            ).fetchone()
            stage_id = self.run(
                "UPDATE workflows_workitem SET state = 'DECIDED', decision = 'APPROVE',"
                " opinion = '同意', assignee_id = %s, decided_by_id = %s, decided_at = now()"
                " WHERE id = %s RETURNING stage_id",
                actor_id, actor_id, item_id,
            ).fetchone()[0]  # fmt: skip
            new_stage = self.copy("workflows_stage", stage_id, node_id="brm", title="风控")
            self.run(
                "UPDATE workflows_stage SET status = 'DONE', outcome = 'APPROVED',"
                " finished = now() WHERE id = %s",
                stage_id,
            )
            self.copy(
                "workflows_workitem", item_id, stage_id=new_stage, state="OPEN", decision="",
                opinion="", decided_by_id=None, decided_at=None, assignee_id=None,
            )  # fmt: skip
            event_id = self.run(
                "SELECT max(id) FROM workflows_historyevent WHERE case_id = %s", case_id
            ).fetchone()[0]
            self.copy(
                "workflows_historyevent", event_id, sequence=count + 1, kind="APPROVED",
                opinion="同意", previous_hash=last_hash, hash="0" * 64,
            )  # fmt: skip
            self.run(
                "UPDATE workflows_case SET version = version + 1, event_count = %s,"
                " last_hash = %s, tokens = '[[\"brm\", \"\"]]' WHERE id = %s",
                count + 1, "0" * 64, case_id,
            )  # fmt: skip
            self.run(
                "INSERT INTO common_outboxmessage"
                " (topic, payload, created_at, due_at, attempts, last_error)"
                " VALUES ('notify', '{}', now(), now(), 0, '')"
            )


_CASTS = {"decided_by_id": "bigint", "assignee_id": "bigint", "decided_at": "timestamptz"}


def measure(address: str, runs: int, per_run: int) -> str:
    """Set up, run both sides in turns, and say how they compare."""
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    call_command("migrate", verbosity=0)
    from tests.workflows.world import NOW, World, fresh
    from workflows.models import WorkItem
    from workflows.services.decisions import approve

    world = World()
    needed = runs * per_run * 2 + 1
    cases = [world.submitted() for _ in range(needed)]
    items = {
        item.case_id: item.pk for item in WorkItem.objects.filter(case__in=cases, state="OPEN")
    }
    queue = [items[case.pk] for case in cases]
    actor = fresh(world.tl)

    def by_engine() -> None:
        approve(item_id=queue.pop(), actor=fresh_roles(actor), now=NOW, opinion="同意")

    with CaptureQueriesContext(connection) as captured:
        by_engine()
    engine_statements = len(captured)
    engine, hand = [], []
    with psycopg.connect(address, autocommit=True) as raw:
        written = ByHand(raw)
        for _ in range(runs):
            engine.append(_timed(by_engine, per_run))
            hand.append(_timed(lambda: written.decide(queue.pop(), actor.pk), per_run))
    ours, minimum = statistics.median(engine), statistics.median(hand)
    return (
        f"engine        {ours * 1000:6.2f} ms a decision, {engine_statements} statements\n"
        f"hand-written  {minimum * 1000:6.2f} ms a decision, {written.statements} statements\n"
        f"ratio         {ours / minimum:6.2f}  (medians of {runs} runs of {per_run}, interleaved)"
    )


def fresh_roles(actor: Any) -> Any:
    """The same person as the next request sees him: his roles are asked again."""
    actor.__dict__.pop("_role_set", None)
    return actor


def _timed(call: Any, times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - began) / times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--per-run", type=int, default=PER_RUN)
    options = parser.parse_args()
    address = os.environ.get("DATABASE_URL")
    if not address:
        print("Set DATABASE_URL to a PostgreSQL server; a database of its own is made there.")
        return 1
    with own_database(address) as own:
        os.environ["DATABASE_URL"] = own
        os.environ["DJANGO_SETTINGS_MODULE"] = "lending_crm.settings.test"
        import django

        django.setup()
        print(measure(own, max(5, options.runs), options.per_run))
    return 0


if __name__ == "__main__":
    sys.exit(main())
