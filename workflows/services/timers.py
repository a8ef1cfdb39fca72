"""Parked timers and messages: an administrator tries them again, or drops a timer for good."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from lending_crm.common.changes import record_changes
from lending_crm.common.errors import not_found
from lending_crm.common.models import OutboxMessage
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of
from workflows import errors
from workflows.act import Act, lock_case
from workflows.choices import EventKind, TimerState
from workflows.models import Stage, Timer
from workflows.services.opinions import cleaned_reason

DROP_REASON_LENGTH = 2


@transaction.atomic
def retry_timer(*, timer_id: int, actor: Employee, now: datetime) -> Timer:
    """Give a parked timer a fresh start; it rings at the next tick. Raises WF-31 and TIM-03."""
    timer = _lock_parked(timer_id, actor)
    before = {"state": str(timer.get_state_display())}
    timer.state, timer.attempts, timer.ended_at = TimerState.WAITING, 0, None
    # A clock that stands still rings when it goes on.
    timer.ring_at = now if timer.due_at is not None else None
    timer.save(update_fields=["state", "attempts", "ended_at", "ring_at"])
    after = {"state": str(timer.get_state_display())}
    record_changes(instance=timer, before=before, after=after, actor=actor, now=now)
    return timer


@transaction.atomic
def drop_timer(*, timer_id: int, actor: Employee, now: datetime, reason: str) -> Timer:
    """Give a parked timer up; kept in the case's history as the administrator's act.

    Raises WF-31, TIM-03 for a timer that is not parked, WF-07 without a reason.
    """
    _administrators_only(actor)
    case_id = Stage.objects.filter(timers=timer_id).values_list("process", flat=True).first()
    if case_id is None:
        raise not_found()
    act = Act(lock_case(pk=case_id), actor=actor, now=now, while_suspended=True)
    timer = _lock_parked(timer_id, actor)
    reason = cleaned_reason(reason, DROP_REASON_LENGTH)
    timer.state, timer.ended_at = TimerState.DROPPED, now
    timer.save(update_fields=["state", "ended_at"])
    act.record(
        EventKind.TIMER_DROPPED,
        stage=timer.stage,
        opinion=reason,
        data={"timer": str(timer), "error": timer.last_error},
    )
    act.commit()
    return timer


@transaction.atomic
def retry_message(*, message_id: int, actor: Employee, now: datetime) -> OutboxMessage:
    """Give a parked message a fresh start. Raises WF-31 and TIM-03."""
    _administrators_only(actor)
    message = OutboxMessage.objects.select_for_update().filter(pk=message_id).first()
    if message is None:
        raise not_found()
    if message.parked_at is None:
        raise errors.not_parked()
    message.parked_at, message.attempts, message.due_at = None, 0, now
    message.save(update_fields=["parked_at", "attempts", "due_at"])
    record_changes(
        instance=message,
        before={"last_error": message.last_error},
        after={"last_error": ""},
        actor=actor,
        now=now,
    )
    return message


def _administrators_only(actor: Employee) -> None:
    if not roles_of(actor).has(RoleCode.ADM):
        raise errors.administrators_only()


def _lock_parked(timer_id: int, actor: Employee) -> Timer:
    timer = (
        Timer.objects.select_for_update(of=("self",))
        .select_related("stage")
        .filter(pk=timer_id)
        .first()
    )
    _administrators_only(actor)
    if timer is None:
        raise not_found()
    if timer.state != TimerState.PARKED:
        raise errors.not_parked()
    return timer
