"""What is due of supervisions and reports, and from whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q
from django.urls import reverse

from customers.querysets import visible_customers
from postloan.models import PostLoanSupervision, SupervisionReport, SupervisionTask
from postloan.rules.supervision.schedule import (
    RED_AFTER,
    SOON_BEFORE,
    due_day,
    last_day,
    periods_due,
)
from staff.calendar import shown_calendar
from staff.choices import RoleCode
from staff.selectors import roles_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.calendar import WorkingCalendar
    from staff.models import Employee


@dataclass(frozen=True)
class Duty:
    """A supervision (``period`` 0) or report that is due.

    ``last_day`` is the last day in time: the due day, or the next working day when it is a rest
    day. ``person_ids`` answer for it: the customer's account manager and the supervisor.
    """

    task_id: int
    period: int
    due_on: date
    last_day: date
    transfer_id: int
    supervision_id: int | None
    doc_no: str
    party: str
    loan_id: int
    loan_no: str
    loan_due: date
    branch_id: int
    person_ids: tuple[int, ...]
    person: str

    @property
    def is_report(self) -> bool:
        return self.period > 0

    @property
    def url(self) -> str:
        """Where it is done: the supervision, or the form that begins it."""
        if self.supervision_id is not None:
            return reverse("postloan:supervision_detail", args=[self.supervision_id])
        return reverse("postloan:supervision_new_from", args=[self.transfer_id])

    def url_for(self, user: Employee) -> str:
        """The same for whoever does it; the loan for whoever only looks."""
        is_begun = self.supervision_id is not None
        if is_begun or user.pk in self.person_ids or roles_of(user).has(RoleCode.PLM):
            return self.url
        return reverse("funds:loan-detail", args=[self.loan_id])

    @property
    def key(self) -> tuple[int, int, date]:
        return self.task_id, self.period, self.due_on

    def days_late(self, day: date) -> int:
        return max((day - self.last_day).days, 0)

    def is_late(self, day: date) -> bool:
        return day > self.last_day

    def is_red(self, day: date) -> bool:
        """贷后监管部 knows of it by now."""
        return self.days_late(day) >= RED_AFTER


def open_tasks(user: Employee | None = None) -> QuerySet[SupervisionTask]:
    """Tasks of which something may be due; those of customers in sight of ``user``."""
    tasks = SupervisionTask.objects.filter(closed_for="")
    clause = visible_customers(user, "transfer__customer__") if user is not None else None
    if clause is not None:
        tasks = tasks.filter(clause)
    return tasks


def of_person(tasks: QuerySet[SupervisionTask], person_id: int) -> QuerySet[SupervisionTask]:
    """Those that a person answers for."""
    return tasks.filter(
        Q(transfer__customer__owner=person_id) | Q(transfer__live_supervision__supervisor=person_id)
    )


def open_duties(
    tasks: QuerySet[SupervisionTask], *, until: date, calendar: WorkingCalendar
) -> list[Duty]:
    """What the tasks still ask for and is due up to ``until``, the earliest first. One query."""
    claimed = SupervisionReport.objects.filter(
        supervision=OuterRef("transfer__live_supervision"), claimed_period__isnull=False
    )
    rows = tasks.annotate(
        base_on=F("transfer__live_supervision__base_on"),
        # What a document inherits is not read along with it: one statement more for each.
        supervision_no=F("transfer__live_supervision__doc_no"),
        claimed=ArraySubquery(claimed.values("claimed_period")),
    ).filter(
        Q(base_on=None, submit_by__lte=until) | Q(base_on__lt=until),
    )
    rows = rows.select_related(
        "transfer__customer__owner", "transfer__loan", "transfer__live_supervision__supervisor"
    )
    duties = [duty for row in rows for duty in _duties(row, until, calendar)]
    return sorted(duties, key=lambda duty: (duty.due_on, duty.doc_no, duty.period))


def _duties(row: SupervisionTask, until: date, calendar: WorkingCalendar) -> Iterator[Duty]:
    supervision = getattr(row.transfer, "live_supervision", None)
    if supervision is None or supervision.base_on is None:
        yield _duty(row, supervision, 0, row.submit_by, calendar)
        return
    base, interval = supervision.base_on, supervision.interval_days
    claimed = set(row.claimed)  # type: ignore[attr-defined]
    for period in periods_due(base, interval, first=base, last=until):
        if period not in claimed:
            yield _duty(row, supervision, period, due_day(base, interval, period), calendar)


def _duty(
    row: SupervisionTask,
    supervision: PostLoanSupervision | None,
    period: int,
    due_on: date,
    calendar: WorkingCalendar,
) -> Duty:
    transfer = row.transfer
    customer, loan = transfer.customer, transfer.loan
    if loan is None:
        raise LookupError(f"transfer {transfer.pk} is executed and has no loan")
    people = [customer.owner]
    if supervision is not None:
        people.append(supervision.supervisor)
    named = [person for person in people if person is not None and person.is_active]
    return Duty(
        task_id=row.pk,
        period=period,
        due_on=due_on,
        last_day=last_day(due_on, calendar),
        transfer_id=transfer.pk,
        supervision_id=supervision.pk if supervision else None,
        doc_no=row.supervision_no or transfer.doc_no,  # type: ignore[attr-defined]
        party=customer.name,
        loan_id=loan.pk,
        loan_no=loan.loan_no,
        loan_due=loan.due_date,
        branch_id=customer.branch_id,
        person_ids=tuple(dict.fromkeys(person.pk for person in named)),
        person=named[-1].name if named else "",
    )


def duties_for_workbench(user: Employee, *, today: date) -> list[Duty] | None:
    """What the user has to think of today; None for roles that have no part in supervision.

    Who supervises: his own, from some days before they are due. Who answers for others: what is
    late in his area. One query.
    """
    roles = roles_of(user)
    if not roles.has_any(RoleCode.AM, RoleCode.TL, RoleCode.BRM, RoleCode.BGM, RoleCode.PLM):
        return None
    found = open_duties(
        open_tasks(user), until=today + timedelta(days=SOON_BEFORE), calendar=shown_calendar()
    )
    return [duty for duty in found if user.pk in duty.person_ids or duty.is_late(today)]
