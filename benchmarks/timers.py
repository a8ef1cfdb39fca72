"""Due timers per second with one dispatcher and with two, each a process of its own.

``python -m benchmarks.timers`` makes a database of its own on the server of DATABASE_URL with
10,000 open stages whose reminder is due. One dispatcher and two take turns at ringing all of
them; each ring writes a history event with its hash, the case's new head, an outbox message
and the timer's end. Every run checks that each timer rang exactly once.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

from benchmarks import harness

TIMERS = 10_000
RUNS = 3
GATE = 4711
LONGEST = 600

WORKER = """
import sys, time
import django
django.setup()
from django.db import connection
from tests.workflows.timing.steps import AT_80
from workflows.timing.dispatch import ring_due
from workflows.timing import acting
ring_due(clock=lambda: AT_80.replace(year=2020), limit=1)
print("ready", flush=True)
with connection.cursor() as cursor:
    cursor.execute("SET lock_timeout = 0")
    cursor.execute("SELECT pg_advisory_lock_shared(%s)", [int(sys.argv[1])])
    cursor.execute("SET lock_timeout = 2000")
began = time.time()
report = ring_due(clock=lambda: AT_80, limit=10**9)
print(began, time.time(), report.done, report.failed, report.busy, flush=True)
"""


def fill(n: int) -> None:
    """``n`` open stages, each with one reminder that is due."""
    from django.db import connection

    from tests.workflows.finished import many_running, many_timers
    from tests.workflows.world import World
    from workflows.models import Timer

    case = World().submitted()
    timer = Timer.objects.get(stage__process=case, percent=80)
    Timer.objects.exclude(pk=timer.pk).delete()
    many_running(case, n - 1)
    many_timers(timer, n - 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def ring_all(dispatchers: int, address: str) -> tuple[float, int]:
    """Seconds from the first start to the last end, and how many timers rang."""
    import psycopg

    from tests.workflows.timing.steps import AT_80
    from workflows.models import Timer

    Timer.objects.update(state="WAITING", attempts=0, ring_at=AT_80, ended_at=None)
    workers = []
    with psycopg.connect(address, autocommit=True) as gate:
        gate.execute("SELECT pg_advisory_lock(%s)", [GATE])
        for _ in range(dispatchers):
            worker = subprocess.Popen(
                [sys.executable, "-c", WORKER, str(GATE)], stdout=subprocess.PIPE, text=True
            )
            workers.append(worker)
        for worker in workers:
            assert worker.stdout is not None
            if worker.stdout.readline().strip() != "ready":
                raise SystemExit("a dispatcher did not start")
        time.sleep(0.2)
    said = [worker.communicate(timeout=LONGEST)[0].split() for worker in workers]
    seconds = max(float(line[1]) for line in said) - min(float(line[0]) for line in said)
    return seconds, sum(int(line[2]) for line in said)


def measure(address: str, options: argparse.Namespace) -> str:
    from workflows.models import HistoryEvent

    timers, runs = options.timers, options.runs
    fill(timers)
    seconds: dict[int, list[float]] = {1: [], 2: []}
    expected = HistoryEvent.objects.filter(kind="REMINDED").count()
    for _ in range(runs):
        for dispatchers, found in seconds.items():
            took, rung = ring_all(dispatchers, address)
            expected += timers
            kept = HistoryEvent.objects.filter(kind="REMINDED").count()
            if (rung, kept) != (timers, expected):
                raise SystemExit(f"{rung} of {timers} timers rang, {kept} of {expected} events")
            found.append(timers / took)
    one, two = (statistics.median(found) for found in seconds.values())
    return (
        f"one dispatcher   {one:7.0f} timers a second\n"
        f"two dispatchers  {two:7.0f} timers a second\n"
        f"ratio            {two / one:7.2f}  (medians of {runs} runs of {timers}, in turns)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timers", type=int, default=TIMERS)
    parser.add_argument("--runs", type=int, default=RUNS)
    sys.exit(harness.run(measure, parser))
