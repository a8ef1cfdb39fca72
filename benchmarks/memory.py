"""Memory of one worker process over 10,000 decisions: it must not grow with their number."""

from __future__ import annotations

import argparse
import sys

from benchmarks import harness

BATCH = 500


def measure(_address: str, options: argparse.Namespace) -> str:
    from django.db import reset_queries

    from tests.workflows.finished import many_running
    from tests.workflows.world import NOW, World, fresh
    from workflows.models import WorkItem
    from workflows.services.decisions import approve

    world = World()
    actor = fresh(world.tl)
    many_running(world.submitted(), options.decisions - 1)
    items = list(WorkItem.objects.filter(state="OPEN").values_list("pk", flat=True))
    seen = []
    for first in range(0, options.decisions, BATCH):
        for item in items[first : first + BATCH]:
            actor.__dict__.pop("_role_set", None)
            approve(item_id=item, actor=actor, now=NOW, opinion="同意")
        reset_queries()
        seen.append(harness.resident())
    marks = [f"{(at + 1) * BATCH:,}: {seen[at]:.1f} MB" for at in range(0, len(seen), 4)]
    half = len(seen) // 2
    return (
        f"resident after {', '.join(marks)}\n"
        f"growth over the second half ({half * BATCH:,} decisions):"
        f" {seen[-1] - seen[half - 1]:+.1f} MB"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=10_000)
    sys.exit(harness.run(measure, parser))
