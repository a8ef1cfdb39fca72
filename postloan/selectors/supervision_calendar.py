"""贷后日历: what is due of the loans in sight, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from funds.choices import ENDED_STATUSES, LineStatus, ScheduleState
from funds.models import Loan, ScheduleLine
from lending_crm.common.design.grades import field_grade
from lending_crm.common.design.status import Mark
from lending_crm.common.money import format_amount
from postloan.models import SupervisionReport, SupervisionTask
from postloan.selectors.supervision_duties import (
    Duty,
    of_person,
    open_duties,
    open_tasks,
)
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of

if TYPE_CHECKING:
    from staff.calendar import WorkingCalendar

#: more than so many instalments a month are narrowed by a filter instead
MOST_INSTALMENTS = 500
SUPERVISION, REPORT, INSTALMENT, LOAN_DUE = "supervision", "report", "instalment", "loan_due"


@dataclass(frozen=True)
class Scope:
    """Which part of what he sees the reader wants; empty values narrow nothing."""

    branch_id: int | None = None
    person_id: int | None = None
    what: str = ""


@dataclass(frozen=True)
class Entry:
    """One thing that is due on ``day``.

    ``state`` is ``done``, ``late``, ``red`` (three days late: 贷后监管部 knows), ``today`` or
    empty; ``grace`` is the last day in time where the due day is a rest day, ``grade`` the badge
    of a report's risk level.
    """

    day: date
    what: str
    title: str
    detail: str
    party: str
    url: str
    person: str = ""
    state: str = ""
    amount: str = ""
    grace: date | None = None
    grade: Mark | None = None

    @property
    def is_open(self) -> bool:
        return self.state != "done"


def chooses_person(user: Employee) -> bool:
    """Whoever answers for others may look at one of them."""
    roles = roles_of(user)
    return roles.sees_all or roles.has_any(RoleCode.TL, RoleCode.BRM, RoleCode.BGM)


def people_in_sight(user: Employee) -> QuerySet[Employee]:
    """Account managers of the running loans that the user sees, and their supervisors."""
    loans = Loan.objects.visible_to(user).running()
    return Employee.objects.filter(
        Q(pk__in=loans.values("customer__owner"))
        | Q(
            pk__in=loans.filter(supervisions__supervisor__isnull=False).values(
                "supervisions__supervisor"
            )
        )
    ).order_by("employee_no")


def late_entries(
    user: Employee, scope: Scope, *, today: date, calendar: WorkingCalendar
) -> list[Entry]:
    """Supervisions and reports that are late, the oldest first. One query."""
    duties = open_duties(_tasks(user, scope), until=today, calendar=calendar)
    found = [_of_duty(duty, today, user) for duty in duties if duty.is_late(today)]
    return [entry for entry in found if _is_asked(entry, scope)]


def entries(
    user: Employee,
    scope: Scope,
    *,
    first: date,
    last: date,
    today: date,
    calendar: WorkingCalendar,
) -> list[Entry]:
    """Everything between the two days, in order. Three queries."""
    found = [
        *_duty_entries(user, scope, first, last, today, calendar),
        *_done_entries(user, scope, first, last),
        *_instalments(user, scope, first, last, today),
    ]
    asked = (entry for entry in found if _is_asked(entry, scope))
    return sorted(asked, key=lambda entry: (entry.day, entry.what, entry.party))


def _is_asked(entry: Entry, scope: Scope) -> bool:
    return not scope.what or entry.what == scope.what


def _tasks(user: Employee, scope: Scope) -> QuerySet[SupervisionTask]:
    tasks = open_tasks(user)
    if scope.branch_id is not None:
        tasks = tasks.filter(transfer__customer__branch=scope.branch_id)
    return tasks if scope.person_id is None else of_person(tasks, scope.person_id)


def _duty_entries(
    user: Employee,
    scope: Scope,
    first: date,
    last: date,
    today: date,
    calendar: WorkingCalendar,
) -> Iterator[Entry]:
    for duty in open_duties(_tasks(user, scope), until=last, calendar=calendar):
        # A loan that is paid on its due date asks for no report after it.
        is_beyond = duty.is_report and duty.due_on > max(duty.loan_due, today)
        if duty.due_on >= first and not is_beyond:
            yield _of_duty(duty, today, user)


def _of_duty(duty: Duty, today: date, user: Employee) -> Entry:
    state = "today" if duty.due_on <= today <= duty.last_day else ""
    if duty.is_late(today):
        state = "red" if duty.is_red(today) else "late"
    title = _("Report %(period)s") % {"period": duty.period} if duty.is_report else ""
    return Entry(
        day=duty.due_on,
        what=REPORT if duty.is_report else SUPERVISION,
        title=title or _("Supervision to submit"),
        detail=duty.doc_no,
        party=duty.party,
        url=duty.url_for(user),
        person=duty.person,
        state=state,
        grace=duty.last_day if duty.last_day != duty.due_on else None,
    )


def _done_entries(user: Employee, scope: Scope, first: date, last: date) -> Iterator[Entry]:
    rows = SupervisionReport.objects.filter(
        claimed_period__isnull=False,
        due_on__range=(first, last),
        loan__in=_loans(user, scope, with_supervised=True),
    ).select_related("customer", "handler")
    for row in rows:
        yield Entry(
            day=row.due_on,
            what=REPORT,
            title=_("Report %(period)s") % {"period": row.period},
            detail=row.doc_no,
            grade=field_grade(row, "colour"),
            party=row.customer.name,
            url=row.get_absolute_url(),
            person=row.handler.name,
            state="done",
        )


def _loans(user: Employee, scope: Scope, *, with_supervised: bool = False) -> QuerySet[Loan]:
    loans = Loan.objects.visible_to(user)
    if scope.branch_id is not None:
        loans = loans.filter(customer__branch=scope.branch_id)
    if scope.person_id is not None:
        mine = Q(customer__owner=scope.person_id)
        if with_supervised:
            mine |= Q(supervisions__supervisor=scope.person_id)
        loans = loans.filter(mine)
    return loans


def _instalments(
    user: Employee, scope: Scope, first: date, last: date, today: date
) -> Iterable[Entry]:
    if scope.what in (SUPERVISION, REPORT):
        return
    rows = (
        ScheduleLine.objects.filter(
            version__state=ScheduleState.CURRENT,
            version__loan__in=_loans(user, scope),
            due__range=(first, last),
        )
        .exclude(version__loan__status__in=ENDED_STATUSES)
        .select_related("version__loan__customer__owner")
        .order_by("due", "pk")[:MOST_INSTALMENTS]
    )
    for line in rows:
        loan = line.version.loan
        is_last = line.contractual_due == loan.due_date
        is_paid = line.status == LineStatus.PAID
        owner = loan.customer.owner
        yield Entry(
            day=line.due,
            what=LOAN_DUE if is_last else INSTALMENT,
            title=_("Loan due") if is_last else _("Instalment %(no)s") % {"no": line.no},
            detail=loan.loan_no,
            party=loan.customer.name,
            url=loan.get_absolute_url(),
            person=owner.name if owner else "",
            state="done" if is_paid else _state_of(line.due, today),
            amount=format_amount(line.principal + line.interest if is_paid else line.unpaid),
        )


def _state_of(due: date, today: date) -> str:
    if due == today:
        return "today"
    return "late" if due < today else ""
