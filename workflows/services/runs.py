"""Take unfinished runs on, a step at a time, until they are done or the time is up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from workflows.choices import RunState
from workflows.models import FlowMigration, Replay
from workflows.services.flow_migrations import Progress, continue_migration
from workflows.services.replays import continue_replay

_LIVE = [RunState.WAITING, RunState.RUNNING]


def continue_runs(
    *, clock: Callable[[], datetime], for_at_most: timedelta = timedelta(seconds=20)
) -> int:
    """Work on every unfinished run in turn; gives how many steps were done.

    A step that another worker is doing is left to it. What is not done when the time is up is
    done by the next call, so a worker that is stopped or killed loses nothing.
    """
    ends = clock() + for_at_most
    steps = 0
    for (pk,) in Replay.objects.filter(state__in=_LIVE).order_by("pk").values_list("pk"):
        while clock() < ends and continue_replay(replay_id=pk, now=clock()):
            steps += 1
    for (pk,) in FlowMigration.objects.filter(state__in=_LIVE).order_by("pk").values_list("pk"):
        while (
            clock() < ends and continue_migration(migration_id=pk, now=clock()) is Progress.WORKED
        ):
            steps += 1
    return steps
