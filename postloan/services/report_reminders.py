"""Reminders of supervisions and reports that are due or late (domain M16)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.urls import reverse

from applications.assessment import local_day
from lending_crm.common.outbox import publish_all
from postloan.choices.supervision import ReminderStage
from postloan.models import DutyReminder, SupervisionTask
from postloan.rules.supervision.schedule import RED_AFTER, SOON_BEFORE
from postloan.selectors.due_periods import Span
from postloan.selectors.supervision_duties import Duty, open_duties, open_tasks
from staff.calendar import load_calendar
from staff.choices import RoleCode
from staff.events import notice
from staff.selectors import holders


def remind_of_duties(*, now: datetime) -> int:
    """Tell who has to know of what is due; how many reminders left.

    Some days before and on the day its people, one day late 分公司风控经理, three days late
    贷后监管部. A report due on a rest day is late from the working day after the next one on.
    Each reminder leaves once, however often this runs; a day on which it did not run is made
    good, except that nobody is told on the day itself that it comes in some days. Where nobody
    would hear it, it waits for somebody.
    """
    today = local_day(now)
    soon = Span(last=today + timedelta(days=SOON_BEFORE), today=today)
    (duties,) = open_duties(open_tasks(), soon, calendar=load_calendar())
    sent = set(
        DutyReminder.objects.filter(task__in={duty.task_id for duty in duties}).values_list(
            "task", "period", "due_on", "stage"
        )
    )
    audience = _Audience()
    count = 0
    for duty in duties:
        stages = [each for each in _stages(duty, today) if (*duty.key, each) not in sent]
        if stages:
            count += _remind(duty, stages, audience, now=now)
    return count


def _stages(duty: Duty, today: date) -> Iterator[str]:
    if today < duty.due_on:
        yield ReminderStage.SOON
    elif not duty.is_late(today):
        yield ReminderStage.DUE
    else:
        yield ReminderStage.LATE
        if duty.days_late(today) >= RED_AFTER:
            yield ReminderStage.VERY_LATE


class _Audience:
    """Who hears of a stage; the holders of a role are asked for once a run."""

    def __init__(self) -> None:
        self._holders = lru_cache(maxsize=None)(self._read)

    def of(self, duty: Duty, stage: str) -> list[int]:
        if stage == ReminderStage.LATE:
            return self._holders(RoleCode.BRM, duty.branch_id)
        if stage == ReminderStage.VERY_LATE:
            return self._holders(RoleCode.PLM, None)
        return list(duty.person_ids)

    @staticmethod
    def _read(role: str, branch_id: int | None) -> list[int]:
        return [person.pk for person in holders(role, branch_id=branch_id)]


@transaction.atomic
def _remind(duty: Duty, stages: list[str], audience: _Audience, *, now: datetime) -> int:
    """One transaction a duty; what another run is working on is left to it."""
    free = SupervisionTask.objects.select_for_update(skip_locked=True, no_key=True)
    if not free.filter(pk=duty.task_id, closed_for="").exists():
        return 0
    messages = []
    for stage in stages:
        people = audience.of(duty, stage)
        if not people:
            continue
        _reminder, is_new = DutyReminder.objects.get_or_create(
            task_id=duty.task_id,
            period=duty.period,
            due_on=duty.due_on,
            stage=stage,
            defaults={"sent_at": now},
        )
        if is_new:
            messages += _message(duty, stage, people)
    publish_all(messages, now=now)
    return len(messages)


def event_of(duty_is_report: bool, stage: str) -> str:
    what = "supervision_report" if duty_is_report else "supervision"
    tail = {
        ReminderStage.SOON: "due_soon",
        ReminderStage.DUE: "due",
        ReminderStage.LATE: "late",
        ReminderStage.VERY_LATE: "late",
    }[ReminderStage(stage)]
    return f"{what}.{tail}"


def _message(duty: Duty, stage: str, people: list[int]) -> list[tuple[str, dict[str, Any]]]:
    is_own = stage in (ReminderStage.SOON, ReminderStage.DUE)
    return notice(
        event_of(duty.is_report, stage),
        people,
        url=duty.url if is_own else reverse("postloan:supervision-calendar"),
        doc_no=duty.doc_no,
        subject=duty.loan_no,
        party=duty.party,
        actor=duty.person,
        period=duty.period,
        date=f"{duty.last_day if is_own else duty.due_on:%Y-%m-%d}",
    )
