"""修改单据: at a stage that allows it, its approver changes exactly the fields it names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from staff.models import Employee
from workflows import errors
from workflows.access import check_may_decide
from workflows.act import Act, lock_case
from workflows.choices import EventKind
from workflows.models import Case


@transaction.atomic
def correct_document(
    *,
    item_id: int,
    actor: Employee,
    now: datetime,
    values: Mapping[str, str],
    idempotency_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Change fields of a document under approval; a new version of it, on record.

    The history keeps every field before and after, a new snapshot is taken, and pages that
    were opened before are stale (WF-12). The facts that route the case stay as they were
    submitted. Raises WF-62 for fields that the stage does not open, WF-67 for a value that
    the document does not take, WF-68 when nothing differs.
    """
    act = Act(lock_case(items=item_id), actor=actor, now=now, idempotency_key=idempotency_key)
    item = act.item(item_id)
    if act.is_replay(EventKind.CORRECTED, at=item):
        return act.case
    check_may_decide(act, item)
    settings = act.definition.stage(item.stage.node_id).settings
    foreign = sorted(set(values) - set(settings.editable_fields))
    if foreign or not settings.editable_fields:
        raise errors.fields_not_editable(foreign)
    act.check_seen(seen_version)
    changes = act.kind.change_fields(act.document, values, actor=actor, now=now)
    if not changes:
        raise errors.nothing_changed()
    summary = act.kind.summary(act.document)
    case = act.case
    case.subject, case.party, case.search = summary.subject, summary.party, summary.search
    case.document_version = summary.version
    act.take_snapshot()
    act.moved()
    act.record(
        EventKind.CORRECTED,
        stage=item.stage,
        data={"changes": [change.as_json() for change in changes]},
        item=item,
    )
    act.notify("case.corrected", [case.handler_id], step=item.stage.title)
    return act.commit()
