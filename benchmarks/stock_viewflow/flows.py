"""Stock viewflow: the same three stages, driven through its activation API."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from viewflow import this
from viewflow.workflow import flow, lock
from viewflow.workflow.models import Process, Task

from benchmarks import lender_rows


class ThreeApprovals(flow.Flow):
    process_class = Process
    lock_impl = lock.select_for_update_lock

    start = flow.StartHandle(this.begin).Next(this.team_lead)
    team_lead = flow.View(lambda request: None).Permission("staff.tl").Next(this.risk)
    risk = flow.View(lambda request: None).Permission("staff.brm").Next(this.branches)
    branches = (
        flow.If(lambda activation: activation.process.data["large"])
        .Then(this.manager)
        .Else(this.end)
    )
    manager = flow.View(lambda request: None).Permission("staff.bgm").Next(this.end)
    end = flow.End()

    def begin(self, activation: Any) -> Any:
        activation.process.data = {"large": True}
        return activation.process


def submit() -> int:
    """A case that waits at its first stage; the id of the waiting task."""
    process = ThreeApprovals.start.run()
    return int(Task.objects.get(process=process, flow_task_type="HUMAN").pk)


def approve(task_id: int, user: Any) -> None:
    """Claim and decide, in one lock as the others do."""
    task = Task.objects.get(pk=task_id)
    with task.activation() as activation:
        activation.assign(user)
        activation.start(None)
        activation.execute()


def approve_as_lender(task_id: int, file_id: int, user: Any) -> None:
    """The decision with the rows of the lender's file, in one transaction."""
    with transaction.atomic():
        approve(task_id, user)
        lender_rows.write(file_id, user, "同意", with_items=False)
