"""经办人变更: a document goes over to somebody else; who decided on it stays on record."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from documents import errors
from documents.choices import EDITABLE_STATUSES, WfStatus
from documents.engine_door import engine_writes
from documents.kinds import routed_kind
from documents.models import Document
from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.errors import not_found
from staff.choices import RoleCode
from staff.rules import require_keeper
from staff.selectors import roles_of
from workflows.act import Act, lock_case
from workflows.services.handler_changes import change_case_handler

if TYPE_CHECKING:
    from staff.handing import Warrant
    from staff.models import Employee

#: statuses in which a document still needs its handler
UNFINISHED = (*EDITABLE_STATUSES, WfStatus.IN_APPROVAL)


@transaction.atomic
def change_handler(
    *,
    document_id: int,
    successor: Employee,
    actor: Employee | None,
    now: datetime,
    ip: str | None = None,
    warrant: Warrant | None = None,
    giver: Employee | None = None,
) -> list[str]:
    """Give an unfinished document to another handler.

    An administrator's act (ORG-02), or that of an approved work handover, its ``warrant``;
    ``giver`` is whose it must still be (HND-11).

    The creator stays who he was, and neither of the two decides on it. Says to whom steps
    went that had waited for the new handler (HND-05). Raises HND-01 (the same person),
    HND-02 (inactive), HND-03 (another branch), HND-08 (no account manager or department
    head), WF-05 (finished).
    """
    found = Document.objects.filter(pk=document_id).first()
    if found is None:
        raise not_found()
    kind = routed_kind(found.kind)
    act = None
    if found.case_id is not None:
        act = Act(lock_case(pk=found.case_id), actor=actor, now=now)
    document: Any = kind.lock(document_id)
    if warrant is None:
        require_keeper(actor)
    if giver is not None and document.handler_id != giver.pk:
        raise errors.not_his_any_more(giver.name)
    _check(document, successor, crosses_branches=warrant is not None and warrant.crosses_branches)
    before = field_values(document, ("handler",))
    document.handler = successor
    document.version += 1
    document.updated_at = now
    with engine_writes():
        Document.objects.filter(pk=document.pk).update(
            handler=successor, version=document.version, updated_at=now
        )
    after = field_values(document, ("handler",))
    record_changes(instance=document, before=before, after=after, actor=actor, now=now, ip=ip)
    moved_on: list[str] = []
    if act is not None and document.wf_status in UNFINISHED:
        act.document = document
        moved_on = change_case_handler(act, successor)
        act.commit()
    return moved_on


def _check(document: Document, successor: Employee, *, crosses_branches: bool) -> None:
    if document.wf_status not in UNFINISHED:
        raise errors.wrong_status(document.wf_status)
    if successor.pk == document.handler_id:
        raise errors.same_handler()
    if not successor.is_active:
        raise errors.receiver_inactive(successor.name)
    if successor.branch_id != document.branch_id and not crosses_branches:
        raise errors.receiver_elsewhere(document.branch.name)
    if not roles_of(successor).has_any(RoleCode.AM, RoleCode.TL):
        raise errors.receiver_no_handler(successor.name)
