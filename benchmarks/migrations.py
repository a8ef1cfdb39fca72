"""Bringing running cases to a newer version: cases a second, and the memory of the worker.

Both halves of a migration are followed: the check of all cases, in batches, and the moves, one
transaction a case. The cases are copies of one that waits at its first stage.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from benchmarks import harness


def measure(_address: str, options: argparse.Namespace) -> str:
    from tests.workflows.finished import many_running
    from tests.workflows.world import NOW, World, default_stages, fresh
    from workflows.bpmn.chain import Chain, from_chain
    from workflows.choices import MoveState
    from workflows.services import flow_migrations

    world = World()
    actor = fresh(world.adm)
    many_running(world.submitted(), options.cases - 1)
    world.publish(from_chain(Chain("toy_route", "玩具流程", nodes=tuple(default_stages()))))
    asked = flow_migrations.request_migration(version_id=world.version.pk, actor=actor, now=NOW)

    def step() -> bool:
        done = flow_migrations.continue_migration(migration_id=asked.pk, now=NOW)
        return done is flow_migrations.Progress.WORKED

    checked = _followed(step, "checked", options.cases)
    flow_migrations.start_migration(
        migration_id=asked.pk, actor=actor, now=NOW, reason="新版本自今日起适用于在途业务"
    )
    moved = _followed(step, "moved", options.cases)
    arrived = asked.cases.filter(state=MoveState.MOVED).count()
    if arrived != options.cases:
        raise RuntimeError(f"{arrived} of {options.cases} cases moved")
    return f"{checked}\n{moved}"


def _followed(step: Callable[[], bool], what: str, cases: int) -> str:
    """Do all steps; the time they took and what memory did after a warm-up of ten."""
    began, steps, warm = time.perf_counter(), 0, harness.resident()
    while step():
        steps += 1
        if steps == 10:
            warm = harness.resident()
    seconds = time.perf_counter() - began
    return (
        f"{cases:,} cases {what} in {seconds:.1f} s, {cases / seconds:,.0f} a second,"
        f" memory after the first ten steps {harness.resident() - warm:+.1f} MB"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    sys.exit(harness.run(measure, parser))
