"""Decisions per second with 1, 2, 4 and 8 worker processes on different cases.

Each process has a connection and a list of cases of its own and decides until all are done;
the clock runs from the moment when all are ready to the moment when the last has finished.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from multiprocessing.synchronize import Barrier
from typing import Any

from benchmarks import harness

WORKERS = (1, 2, 4, 8)
WARM_UP = 10


def measure(_address: str, options: argparse.Namespace) -> str:
    from django.db import connections

    from tests.workflows.world import World
    from workflows.models import WorkItem

    world = World()
    each = options.decisions
    wanted = sum(workers * (each + WARM_UP) for workers in WORKERS)
    cases = [world.submitted() for _ in range(wanted)]
    queue = list(WorkItem.objects.filter(case__in=cases, state="OPEN").values_list("pk", flat=True))
    lines = []
    for workers in WORKERS:
        connections.close_all()
        barrier = multiprocessing.get_context("fork").Barrier(workers + 1)
        shares = [[queue.pop() for _ in range(each + WARM_UP)] for _ in range(workers)]
        started = [
            multiprocessing.get_context("fork").Process(
                target=_work, args=(share, world.tl.pk, barrier, options.prepared)
            )
            for share in shares
        ]
        for process in started:
            process.start()
        barrier.wait()
        began = time.perf_counter()
        for process in started:
            process.join()
        seconds = time.perf_counter() - began
        lines.append(
            f"{workers} workers: {workers * each / seconds:7.1f} decisions a second,"
            f" {seconds / each * 1000:6.2f} ms each"
        )
        if any(process.exitcode for process in started):
            raise RuntimeError("a worker failed")
    left = WorkItem.objects.filter(case__in=cases, stage__node_id="tl", state="OPEN").count()
    settings = "prepared statements" if options.prepared else "default settings"
    return "\n".join([*lines, f"{each} decisions a worker, {settings}; undecided: {left}"])


def _work(items: list[int], actor_id: int, barrier: Barrier, prepared: bool) -> None:
    from django.db import connection

    from staff.models import Employee
    from tests.workflows.world import NOW
    from workflows.services.decisions import approve

    if prepared:
        connection.settings_dict["OPTIONS"].update(server_side_binding=True, prepare_threshold=2)

    def decide(item: int) -> Any:
        actor.__dict__.pop("_role_set", None)
        return approve(item_id=item, actor=actor, now=NOW, opinion="同意")

    actor = Employee.objects.get(pk=actor_id)
    for item in items[:WARM_UP]:
        decide(item)
    barrier.wait()
    for item in items[WARM_UP:]:
        decide(item)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=250)
    parser.add_argument("--prepared", action="store_true")
    sys.exit(harness.run(measure, parser))
