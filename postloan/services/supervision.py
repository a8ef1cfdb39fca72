"""The life of a supervision beyond its approval: begun by the money, ended with the loan."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import translation

from applications.assessment import local_day
from funds.choices import LoanStatus
from funds.hooks import LoanWatcher
from funds.models import FundTransfer, Loan
from lending_crm.common.changes import field_values, record_changes
from lending_crm.common.outbox import publish_all
from postloan.choices.supervision import EndReason, SupervisionStatus
from postloan.models import PostLoanSupervision, SupervisionTask
from postloan.rules.supervision.schedule import working_days_after
from postloan.selectors.supervision import current_setting
from staff.calendar import load_calendar
from staff.events import notice

TASK_EVENT = "supervision.task"
_ENDINGS = {
    LoanStatus.SETTLED: EndReason.SETTLED,
    LoanStatus.WRITTEN_OFF: EndReason.WRITTEN_OFF,
    LoanStatus.REVERSED: EndReason.REVERSED,
}
_LIFE = ("biz_status", "ended_on", "end_reason")


@transaction.atomic
def open_task(*, transfer: FundTransfer, now: datetime) -> SupervisionTask:
    """Lay down that an executed transfer is to be supervised, and tell the account manager.

    The supervision is due within the setting's working days of the transfer (domain M15).
    """
    day = transfer.executed_on or local_day(now)
    within = current_setting().submit_within
    task, is_new = SupervisionTask.objects.get_or_create(
        transfer=transfer,
        defaults={"submit_by": working_days_after(day, within, load_calendar())},
    )
    if is_new:
        message = notice(
            TASK_EVENT,
            [transfer.customer.owner_id],
            url=transfer.get_absolute_url(),
            doc_no=transfer.doc_no,
            subject=transfer.subject,
            party=transfer.customer.name,
            date=f"{task.submit_by:%Y-%m-%d}",
        )
        publish_all(message, now=now)
    return task


@transaction.atomic
def end_supervisions(loans: Iterable[Loan], *, reason: str, now: datetime) -> int:
    """End what supervises the loans, and what was still to be supervised; how many ended.

    Called when a loan is settled, its business completed or its customer handed over as bad.
    ``reason`` is an ``EndReason`` or, where none fits, a sentence. Again it changes nothing.
    The last report that can be due is that of the day of the end (domain M16).
    """
    ids = [loan.pk for loan in loans]
    SupervisionTask.objects.filter(transfer__loan__in=ids, closed_for="").update(closed_for=reason)
    return _end(Q(loan__in=ids), reason=reason, now=now)


def end_of_transfer(*, transfer: FundTransfer, now: datetime) -> int:
    """冲销: there is no money left to follow."""
    reason = EndReason.REVERSED.value
    SupervisionTask.objects.filter(transfer=transfer, closed_for="").update(closed_for=reason)
    return _end(Q(transfer=transfer), reason=reason, now=now)


@transaction.atomic
def resume_supervisions(*, loan: Loan, now: datetime) -> int:
    """Go on with what the settlement of the loan had ended, after its reversal."""
    reason = EndReason.SETTLED.value
    tasks = SupervisionTask.objects.filter(transfer__loan=loan, closed_for=reason)
    tasks.update(closed_for="")
    ended = PostLoanSupervision.objects.filter(
        loan=loan, biz_status=SupervisionStatus.ENDED, end_reason=reason
    )
    return _write(
        list(ended.select_for_update(of=("self",), no_key=True)),
        now=now,
        biz_status=SupervisionStatus.RUNNING,
        ended_on=None,
        end_reason="",
    )


def _end(which: Q, *, reason: str, now: datetime) -> int:
    running = PostLoanSupervision.objects.filter(which, biz_status=SupervisionStatus.RUNNING)
    return _write(
        list(running.select_for_update(of=("self",), no_key=True).order_by("pk")),
        now=now,
        biz_status=SupervisionStatus.ENDED,
        ended_on=local_day(now),
        end_reason=reason,
    )


def _write(found: list[PostLoanSupervision], *, now: datetime, **values: object) -> int:
    """What the loan's life does to its supervisions, and 修改记录; nobody is its author."""
    for supervision in found:
        with translation.override("zh-hans"):
            before = field_values(supervision, _LIFE)
            for name, value in values.items():
                setattr(supervision, name, value)
            after = field_values(supervision, _LIFE)
        PostLoanSupervision.objects.filter(pk=supervision.pk).update(**values)
        record_changes(instance=supervision, before=before, after=after, actor=None, now=now)
    return len(found)


class SupervisionWatcher(LoanWatcher):
    """Begins and ends supervision with the money (``funds.hooks``)."""

    def transfer_executed(self, transfer: FundTransfer, *, now: datetime) -> None:
        open_task(transfer=transfer, now=now)

    def transfer_reversed(self, transfer: FundTransfer, *, now: datetime) -> None:
        end_of_transfer(transfer=transfer, now=now)

    def loan_ended(self, loan: Loan, *, now: datetime) -> None:
        reason = _ENDINGS[LoanStatus(loan.status)]
        end_supervisions([loan], reason=reason.value, now=now)

    def loan_resumed(self, loan: Loan, *, now: datetime) -> None:
        resume_supervisions(loan=loan, now=now)
