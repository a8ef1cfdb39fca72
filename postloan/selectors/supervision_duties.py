"""What is due of supervisions and reports, and from whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse

from customers.querysets import visible_customers
from postloan.models import SupervisionTask
from postloan.rules.supervision.schedule import RED_AFTER, SOON_BEFORE, last_day
from postloan.selectors.due_periods import Span, read_due
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
    tasks: QuerySet[SupervisionTask], *spans: Span, calendar: WorkingCalendar
) -> list[list[Duty]]:
    """What the tasks still ask for in each of the spans, the earliest of it. One query."""
    return [
        sorted(
            (_duty(row, last_day(row["due_on"], calendar)) for row in rows),
            key=lambda duty: (duty.due_on, duty.doc_no, duty.period),
        )
        for rows in read_due(tasks, spans, paths=_READ)
    ]


_OWNER, _SUPERVISOR = "transfer__customer__owner", "transfer__live_supervision__supervisor"
_READ = {
    "transfer_id": "transfer",
    "transfer_no": "transfer__doc_no",
    "supervision_no": "transfer__live_supervision__doc_no",
    "party": "transfer__customer__name",
    "branch_id": "transfer__customer__branch",
    "loan_id": "transfer__loan",
    "loan_no": "transfer__loan__loan_no",
    "owner": _OWNER,
    "owner_name": f"{_OWNER}__name",
    "owner_is_active": f"{_OWNER}__is_active",
    "supervisor": _SUPERVISOR,
    "supervisor_name": f"{_SUPERVISOR}__name",
    "supervisor_is_active": f"{_SUPERVISOR}__is_active",
}


def _duty(row: dict[str, Any], last_in_time: date) -> Duty:
    if row["loan_id"] is None:
        raise LookupError(f"transfer {row['transfer_id']} is executed and has no loan")
    people = [
        (row[who], row[f"{who}_name"]) for who in ("owner", "supervisor") if row[f"{who}_is_active"]
    ]
    same = ("task_id", "period", "due_on", "transfer_id", "supervision_id", "party")
    loan = ("loan_id", "loan_no", "loan_due", "branch_id")
    return Duty(
        **{name: row[name] for name in (*same, *loan)},
        last_day=last_in_time,
        doc_no=row["supervision_no"] or row["transfer_no"],
        person_ids=tuple(dict.fromkeys(key for key, _name in people)),
        person=people[-1][1] if people else "",
    )


def duties_for_workbench(user: Employee, *, today: date, most: int) -> list[Duty] | None:
    """What the user has to think of today; None for roles that have no part in supervision.

    Who supervises: his own, from some days before they are due. Who answers for others: what is
    late in his area, the oldest ``most`` of both. One query.
    """
    roles = roles_of(user)
    if not roles.has_any(RoleCode.AM, RoleCode.TL, RoleCode.BRM, RoleCode.BGM, RoleCode.PLM):
        return None
    soon = Span(last=today + timedelta(days=SOON_BEFORE), today=today, most=most)
    (found,) = open_duties(open_tasks(user), soon, calendar=shown_calendar())
    return [duty for duty in found if user.pk in duty.person_ids or duty.is_late(today)]
