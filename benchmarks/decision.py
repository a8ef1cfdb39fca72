"""One decision (approve, one next stage) against the hand-written minimum and the peers.

``python -m benchmarks.decision`` takes turns on different cases of one database: the engine on
default settings, the engine with server-side binding and prepared statements, the same rows
written by hand through psycopg, stock viewflow through its activation API, and SpiffWorkflow
with its state as one JSON row a case (its own state only: no work item, history or message).
"""

from __future__ import annotations

import argparse
import sys
from typing import Any

import psycopg

from benchmarks import harness

WARM_UP = 8


def measure(address: str, options: argparse.Namespace) -> str:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from benchmarks.by_hand import ByHand
    from benchmarks.spiff import Spiff
    from benchmarks.stock_viewflow import flows as stock
    from tests.workflows.world import NOW, World, fresh
    from workflows.models import WorkItem
    from workflows.services.decisions import approve

    world = World()
    runs, per_run = max(5, options.runs), options.per_run
    each_run = per_run + WARM_UP
    cases = [world.submitted() for _ in range(runs * each_run * 3 + 1)]
    items = WorkItem.objects.filter(case__in=cases, state="OPEN").order_by("pk")
    queue = list(items.values_list("pk", flat=True))
    tasks = [stock.submit() for _ in range(runs * each_run + 1)]
    actor = fresh(world.tl)

    def by_engine() -> None:
        approve(item_id=queue.pop(), actor=fresh_roles(actor), now=NOW, opinion="同意")

    def timed(call: Any) -> float:
        harness.each(call, WARM_UP)
        return harness.each(call, per_run)

    def prepared() -> float:
        _reconnect(server_side_binding=True, prepare_threshold=2)
        try:
            return timed(by_engine)
        finally:
            _reconnect(server_side_binding=False, prepare_threshold=None)

    with CaptureQueriesContext(connection) as captured:
        by_engine()
    with CaptureQueriesContext(connection) as stock_captured:
        stock.approve(tasks.pop(), actor)
    with psycopg.connect(address, autocommit=True) as raw:
        written, spiff = ByHand(raw), Spiff(raw)
        spiff_cases = [spiff.submit() for _ in range(runs * each_run)]
        medians = harness.in_turns(
            {
                "hand-written minimum": lambda: timed(
                    lambda: written.decide(queue.pop(), actor.pk)
                ),
                "engine, default settings": lambda: timed(by_engine),
                "engine, prepared statements": prepared,
                "stock viewflow": lambda: timed(lambda: stock.approve(tasks.pop(), actor)),
                "SpiffWorkflow, one JSON row": lambda: timed(
                    lambda: spiff.decide(spiff_cases.pop(), "同意")
                ),
            },
            runs,
        )
    minimum = medians["hand-written minimum"]
    statements = {
        "hand-written minimum": written.statements + 2,
        "engine, default settings": len(captured),
        "engine, prepared statements": len(captured),
        "stock viewflow": len(stock_captured),
        "SpiffWorkflow, one JSON row": 4,
    }
    lines = [
        f"{name:28} {seconds * 1000:7.2f} ms {statements[name]:3} statements"
        f" {seconds / minimum:6.2f} x"
        for name, seconds in medians.items()
    ]
    return "\n".join([*lines, f"medians of {runs} runs of {per_run}; BEGIN and COMMIT counted"])


def fresh_roles(actor: Any) -> Any:
    """The same person as the next request sees him: his roles are asked again."""
    actor.__dict__.pop("_role_set", None)
    return actor


def _reconnect(**options: Any) -> None:
    from django.db import connection

    connection.close()
    connection.settings_dict["OPTIONS"].update(options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--per-run", type=int, default=30)
    sys.exit(harness.run(measure, parser))
