"""One decision (approve, one next stage) against the hand-written minimum and the peers.

``python -m benchmarks.decision`` takes turns on different cases of one database: the engine on
default settings, the engine with server-side binding and prepared statements for everything,
the same rows written by hand through psycopg, stock viewflow through its activation API, and
SpiffWorkflow with its state as one JSON row a case. Each peer stands there twice: with its own
state only, and with the rows that a lender needs beside it (see ``benchmarks.lender_rows``).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import Any

import psycopg

from benchmarks import harness

WARM_UP = 8
MINIMUM = "hand-written minimum"


def measure(address: str, options: argparse.Namespace) -> str:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    runs, per_run = max(5, options.runs), options.per_run
    sides = _sides(address, runs * (per_run + WARM_UP) + 1)
    statements = {}
    for name, side in sides.items():
        with CaptureQueriesContext(connection) as captured:
            side()
        statements[name] = len(captured)
    statements |= {MINIMUM: 11, "SpiffWorkflow, one JSON row": 4}
    meters = {name: harness.Meter() for name in sides}
    for _ in range(runs):
        for name, side in sides.items():
            if name.endswith("prepared"):
                _reconnect(server_side_binding=True, prepare_threshold=2)
            harness.each(side, WARM_UP)
            meters[name].run(side, per_run)
            if name.endswith("prepared"):
                _reconnect(server_side_binding=False, prepare_threshold=None)
    least = meters[MINIMUM]
    lines = [f"{'':30} {'median':>8} {'best tenth':>10} {'processor':>9}  statements, ratios"]
    for name, meter in meters.items():
        ratios = " ".join(
            f"{value / minimum:6.2f} x"
            for value, minimum in (
                (meter.wall(0.5), least.wall(0.5)),
                (meter.wall(0.1), least.wall(0.1)),
                (meter.cpu(0.5), least.cpu(0.5)),
            )
        )
        lines.append(
            f"{name:30} {meter.wall(0.5):5.2f} ms {meter.wall(0.1):7.2f} ms"
            f" {meter.cpu(0.5):6.2f} ms  {statements[name]:3} {ratios}"
        )
    return "\n".join(
        [
            *lines,
            f"{runs} runs of {per_run} in turns; BEGIN and COMMIT counted;"
            " processor: of the client process only",
        ]
    )


def _sides(address: str, number: int) -> dict[str, Callable[[], object]]:
    """What is compared, each with ``number`` cases that wait for its decision."""
    from django.db import connection

    from benchmarks.by_hand import ByHand
    from benchmarks.spiff import Spiff
    from benchmarks.stock_viewflow import flows as stock
    from tests.workflows.finished import many_running, many_timers
    from tests.workflows.world import NOW, World, fresh
    from workflows.models import Timer, WorkItem
    from workflows.services.decisions import approve

    world = World()
    case = world.submitted()
    many_running(case, 5 * number)
    for timer in list(Timer.objects.filter(stage__process=case)):
        many_timers(timer, 5 * number)
    found = WorkItem.objects.filter(state="OPEN").exclude(case=case).order_by("pk")
    queue = list(found.values_list("pk", "case_id"))
    raw = psycopg.connect(address, autocommit=True)
    written, spiff = ByHand(raw, case.events.latest("sequence").pk), Spiff(raw)
    tasks = [stock.submit() for _ in range(2 * number)]
    spiff_cases = [spiff.submit() for _ in range(2 * number)]
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    actor = fresh(world.tl)

    def by_engine() -> None:
        approve(item_id=queue.pop()[0], actor=fresh_roles(actor), now=NOW, opinion="同意")

    return {
        MINIMUM: lambda: written.decide(queue.pop()[0], actor.pk),
        "engine": by_engine,
        "engine, all prepared": by_engine,
        "stock viewflow": lambda: stock.approve(tasks.pop(), actor),
        "viewflow, a lender's rows": lambda: stock.approve_as_lender(
            tasks.pop(), queue.pop()[1], actor
        ),
        "SpiffWorkflow, one JSON row": lambda: spiff.decide(spiff_cases.pop(), "同意"),
        "SpiffWorkflow, a lender's rows": lambda: spiff.decide_as_lender(
            spiff_cases.pop(), queue.pop()[1], actor
        ),
    }


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
