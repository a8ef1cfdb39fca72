"""What a lender needs of a decision beside the state of a process, written through Django's ORM.

The peers keep the state of their own process only. So that they can be compared with the
engine, which writes all of this in its one statement, a decision of a peer is followed in the
same transaction by the rows that its users would have to add: the history event with its hash
and the case's new head, the message in the outbox, the timers of the stage that opens and, for
a peer that has no list of tasks in tables, the work item that is done and the next one. Nothing
is checked: no permission, no calendar, no rule of who may decide.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone


def write(case_id: int, actor: Any, opinion: str, *, with_items: bool) -> None:
    """Inside the transaction of the peer's own decision."""
    from lending_crm.common.models import OutboxMessage
    from workflows import hashing
    from workflows.models import Case, HistoryEvent, Timer, WorkItem

    now = timezone.now()
    case = Case.objects.select_for_update().get(pk=case_id)
    item = WorkItem.objects.select_related("stage").get(case=case)
    stage = item.stage
    event = HistoryEvent(
        case=case, kind="APPROVED", stage=stage, node_id=stage.node_id, node_title=stage.title,
        round=case.round, actor=actor, actor_name=actor.name, opinion=opinion,
        flow_version_id=case.flow_version_id, arrived_at=item.arrived_at, at=now,
    )  # fmt: skip
    hashing.chain(case, event)
    event.save()
    case.version += 1
    case.save(update_fields=["version", "event_count", "last_hash"])
    if with_items:
        item.state, item.decision, item.opinion = "DECIDED", "APPROVE", opinion
        item.assignee, item.decided_by, item.decided_at = actor, actor, now
        item.save()
        WorkItem.objects.create(
            case=case, stage=stage, round=case.round, seat=2, arrived_at=now,
            pool_role_id=item.pool_role_id, pool_branch_id=item.pool_branch_id,
        )  # fmt: skip
    rungs = Timer.objects.filter(stage=stage)
    Timer.objects.bulk_create(
        Timer(stage=stage, kind=rung.kind, percent=rung.percent + 1000, tell=rung.tell, due_at=now)
        for rung in rungs
    )
    OutboxMessage.objects.create(
        topic="notify", created_at=now, due_at=now,
        payload={"event": "work_item.arrived", "case_id": case.pk, "doc_no": case.doc_no},
    )  # fmt: skip
