"""Contested items: two people of a pool decide each one at the same moment.

Exactly one may win; the other must have his plain answer soon, without sleeping and retrying.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from benchmarks import harness


def measure(_address: str, options: argparse.Namespace) -> str:
    from django.db import connections

    from lending_crm.common.errors import DomainError
    from tests.staff.factories import person
    from tests.workflows.finished import many_running
    from tests.workflows.world import NOW, World, fresh
    from workflows.models import HistoryEvent, WorkItem
    from workflows.services.decisions import approve

    world = World()
    rival = person("TL", branch=world.branch, department=world.sales, superior=world.bgm)
    many_running(world.submitted(), options.items - 1)
    queue = list(WorkItem.objects.filter(state="OPEN").values_list("pk", flat=True))
    lost: list[float] = []
    codes: Counter[str] = Counter()
    barrier = threading.Barrier(2)

    def contend(actor: Any) -> int:
        won = 0
        for item in queue:
            actor.__dict__.pop("_role_set", None)
            barrier.wait()
            began = time.perf_counter()
            try:
                approve(item_id=item, actor=actor, now=NOW, opinion="同意")
                won += 1
            except DomainError as error:
                lost.append(time.perf_counter() - began)
                codes[error.code] += 1
        connections.close_all()
        return won

    with ThreadPoolExecutor(2) as pool:
        wins = list(pool.map(contend, [fresh(world.tl), fresh(rival)]))
    decided = HistoryEvent.objects.filter(kind="APPROVED", node_id="tl").count()
    if sum(wins) != len(queue) or decided != len(queue) or len(lost) != len(queue):
        raise RuntimeError(f"{wins} wins, {decided} decisions, {len(lost)} losers")
    return (
        f"{len(queue)} contested items: one winner each {tuple(wins)},"
        f" losers' answers {dict(codes)}\n"
        f"loser's answer p50 {harness.percentile(lost, 0.5) * 1000:.1f} ms,"
        f" p95 {harness.percentile(lost, 0.95) * 1000:.1f} ms,"
        f" worst {max(lost) * 1000:.1f} ms (waiting for the winner included)"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=10_000)
    sys.exit(harness.run(measure, parser))
