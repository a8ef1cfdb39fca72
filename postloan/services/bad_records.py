"""处置方案, 催收 and 回收记录: what asset recovery writes down while it has a customer (M19)."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from applications.assessment import local_day
from documents.kinds import routed_kind
from documents.rules import refuse_unless
from documents.values import as_stored, field_refusals
from lending_crm.common.errors import DomainError, not_found, refuse_all
from postloan.choices.bad_customers import HandoverStatus, RecoveryKind
from postloan.models import BadCustomerHandover, RecoveryRecord
from postloan.rules.bad_customers import refusals
from staff.choices import RoleCode
from staff.selectors import roles_of

if TYPE_CHECKING:
    from staff.models import Employee


def may_record(handover: BadCustomerHandover, user: Employee) -> bool:
    """The officer of asset recovery who answers for the customer now."""
    return handover.customer.owner_id == user.pk and roles_of(user).has(RoleCode.ARD)


@transaction.atomic
def write_record(
    *,
    handover_id: int,
    kind: str,
    done_on: date,
    content: str,
    actor: Employee,
    now: datetime,
    amount: Decimal | None = None,
    next_step_on: date | None = None,
    done_at: time | None = None,
    creation_key: uuid.UUID | None = None,
) -> RecoveryRecord:
    """Add one record; ``amount`` in yuan belongs to money recovered alone, ``done_at``, when
    somebody was called or visited, to the collection.

    The day of the next step moves to ``next_step_on``. The same ``creation_key`` again answers
    with the record that it made. Raises APP-01 for anybody but the customer's officer, BAD-09
    when asset recovery does not have the customer (any more), BAD-10 for what does not fit and
    DOC-06 for what is empty or too long.
    """
    handover: BadCustomerHandover = routed_kind("bad_customer_handover").lock(handover_id)
    refuse_unless(may_record(handover, actor))
    if creation_key is not None:
        made = RecoveryRecord.objects.filter(creation_key=creation_key).first()
        if made is not None:
            if made.by_id != actor.pk or made.handover_id != handover.pk:
                raise not_found()
            return made
    if handover.biz_status != HandoverStatus.MANAGED:
        raise refusals.not_managed()
    record = RecoveryRecord(
        handover=handover,
        kind=kind,
        done_on=done_on,
        done_at=done_at,
        content=as_stored(RecoveryRecord, "content", content),
        amount=amount,
        next_step_on=next_step_on,
        creation_key=creation_key,
        by=actor,
        at=now,
    )
    refuse_all(_refusals(record, today=local_day(now)))
    record.save()
    BadCustomerHandover.objects.filter(pk=handover.pk).update(next_step_on=next_step_on)
    return record


def _refusals(record: RecoveryRecord, *, today: date) -> list[DomainError]:
    try:
        record.clean_fields(exclude=["handover", "by"])
    except ValidationError as error:
        return field_refusals(error)
    found = []
    if record.kind == RecoveryKind.RECOVERY and record.amount is None:
        found.append(refusals.record_invalid(refusals.AMOUNT_MISSING, "amount"))
    if record.kind != RecoveryKind.RECOVERY and record.amount is not None:
        found.append(refusals.record_invalid(refusals.AMOUNT_TOO_MUCH, "amount"))
    if record.kind != RecoveryKind.COLLECTION and record.done_at is not None:
        found.append(refusals.record_invalid(refusals.TIME_TOO_MUCH, "done_at"))
    if record.done_on > today:
        found.append(refusals.record_invalid(refusals.IN_FUTURE, "done_on"))
    if record.next_step_on is None and record.kind != RecoveryKind.RECOVERY:
        found.append(refusals.record_invalid(refusals.STEP_MISSING, "next_step_on"))
    if record.next_step_on is not None and record.next_step_on < record.done_on:
        found.append(refusals.record_invalid(refusals.BEFORE_DONE, "next_step_on"))
    return found
