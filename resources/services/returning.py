"""交还: who comes back from leave gets his work again, by a handover the other way round."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from documents.choices import WfStatus
from documents.kinds import routed_kind
from documents.rules import refuse_unless
from documents.services.drafts import create_draft
from resources.choices import HandoverMode, HandoverReason, HandoverStatus, Outcome
from resources.kinds import KIND_CODE
from resources.models import WorkHandover
from resources.rules import refusals
from resources.rules.permissions import may_hand_over

if TYPE_CHECKING:
    from staff.models import Employee

_ENDED = (WfStatus.VOID, WfStatus.REJECTED)


@transaction.atomic
def begin_return(
    *,
    handover_id: int,
    giver: Employee,
    actor: Employee,
    now: datetime,
    ip: str | None = None,
) -> WorkHandover:
    """A draft that gives back what ``giver`` received in the handover and still holds.

    The same again answers with the draft that is there. Raises DOC-05, HND-13 (not carried
    out), HND-15 (nothing of it is his), HND-02 (who would get it back has left).
    """
    kind = routed_kind(KIND_CODE)
    handover: WorkHandover = kind.lock(handover_id)
    refuse_unless(may_hand_over(actor, giver))
    if handover.biz_status != HandoverStatus.DONE:
        raise refusals.not_executable(handover.get_biz_status_display())
    received = handover.items.filter(receiver=giver, outcome=Outcome.MOVED)
    keys = set(received.values_list("kind", "object_id"))
    if not keys:
        raise refusals.nothing_to_return(giver.name)
    known = handover.returned_by.filter(from_employee=giver).exclude(wf_status__in=_ENDED)
    if (running := known.first()) is not None and running.biz_status != HandoverStatus.DONE:
        return running
    if not handover.from_employee.is_active:
        raise refusals.receiver_inactive(handover.from_employee.name)
    with translation.override("zh-hans"):
        remark = _("Gives back what was handed over by %(doc_no)s.") % {"doc_no": handover.doc_no}
    draft: WorkHandover = create_draft(
        kind=kind,
        origin=giver,
        actor=actor,
        now=now,
        values={
            "to_employee": handover.from_employee,
            "supervisor": _supervisor(handover, giver),
            "reason": HandoverReason.OTHER,
            "mode": HandoverMode.BY_ITEM,
            "with_history": handover.with_history,
            "with_approvals": False,
            "remark": remark,
        },
        ip=ip,
    )
    WorkHandover.objects.filter(pk=draft.pk).update(returns=handover)
    draft.returns = handover
    mine = [item.pk for item in draft.items.all() if (item.kind, item.object_id) in keys]
    if not mine:
        raise refusals.nothing_to_return(giver.name)
    draft.items.filter(pk__in=mine).update(is_included=True)
    draft.__dict__.pop("listed", None)
    return draft


def _supervisor(handover: WorkHandover, giver: Employee) -> Employee | None:
    return handover.supervisor if handover.supervisor != giver else None


def givers_of(handover: WorkHandover) -> list[Employee]:
    """Who received something in it; each may give it back."""
    found = {
        item.receiver.pk: item.receiver
        for item in handover.listed
        if item.receiver is not None and item.outcome == Outcome.MOVED
    }
    return list(found.values())
