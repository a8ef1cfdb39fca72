"""贷后日历: what is due of the loans in sight, day by day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from funds.choices import ENDED_STATUSES, LineStatus, ScheduleState
from funds.models import Loan, ScheduleLine
from lending_crm.common.arms import first_rows
from lending_crm.common.design.grades import field_grade
from lending_crm.common.design.status import Mark
from lending_crm.common.money import format_amount
from postloan.models import SupervisionReport, SupervisionTask
from postloan.rules.supervision.schedule import late_up_to
from postloan.selectors.due_periods import Span, Statement, counting_due, rows_of
from postloan.selectors.supervision_duties import Duty, of_person, open_duties, open_tasks
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of

if TYPE_CHECKING:
    from staff.calendar import WorkingCalendar

#: so many entries of a source are listed; the days say how many there are
MOST = 200
#: late ones that stand at the top
MOST_LATE = 50
SUPERVISION, REPORT, INSTALMENT, LOAN_DUE = "supervision", "report", "instalment", "loan_due"

# What an entry shows of them: the texts of a report and all else of a customer are not read.
_OF_REPORT = ("due_on", "period", "doc_no", "colour", "customer__name", "handler__name")
_OF_LINE = (
    "no", "due", "contractual_due", "status",
    "principal", "principal_paid",
    "interest", "late_interest", "interest_paid", "interest_waived",
    "penalty", "penalty_paid", "penalty_waived",
    "version__loan__loan_no", "version__loan__due_date",
    "version__loan__customer__name", "version__loan__customer__owner__name",
)  # fmt: skip


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
        Exists(loans.filter(customer__owner=OuterRef("pk")))
        | Exists(loans.filter(supervisions__supervisor=OuterRef("pk")))
    ).order_by("employee_no")


@dataclass(frozen=True)
class Found:
    """What is due in a span: the earliest ``MOST`` of each source, and all of them by day.

    ``late`` are the supervisions and reports that are late: the oldest ``MOST_LATE``, one more
    if there is one.
    """

    late: list[Entry]
    entries: list[Entry]
    by_day: dict[date, int]

    @property
    def is_cut(self) -> bool:
        return len(self.entries) < sum(self.by_day.values())


def find(
    user: Employee,
    scope: Scope,
    *,
    first: date,
    last: date,
    today: date,
    calendar: WorkingCalendar,
) -> Found:
    """Everything between the two days, in order, and what is late. Three queries, one more where
    a source is cut."""
    tasks = _tasks(user, scope)
    late = Span(last=late_up_to(today, calendar), today=today, most=MOST_LATE + 1)
    span = Span(last=last, today=today, first=first, most=MOST + 1)
    overdue, duties = (
        [_of_duty(duty, today, user) for duty in found]
        for found in open_duties(tasks, late, span, calendar=calendar)
    )
    reports, lines = _reports(user, scope, first, last), _lines(user, scope, first, last)
    filed, instalments = first_rows(reports, MOST + 1), first_rows(lines, MOST + 1)
    sources: list[tuple[list[Entry], Callable[[], Statement]]] = [
        (duties, lambda: counting_due(tasks, span)),
        ([_of_report(row) for row in filed], lambda: _counting(reports, "due_on")),
        ([_of_line(line, today) for line in instalments], lambda: _counting(lines, "due")),
    ]
    shown: list[Entry] = []
    by_day: Counter[date] = Counter()
    cut: list[Statement] = []
    for found, counting in sources:
        shown += found[:MOST]
        if len(found) > MOST:
            cut.append(counting())
        else:
            by_day.update(entry.day for entry in found)
    for day, number in rows_of(cut) if cut else ():
        by_day[day] += number
    shown.sort(key=lambda entry: (entry.day, entry.what, entry.party))
    return Found(overdue, shown, dict(by_day))


def _counting(rows: QuerySet[Any], day: str) -> Statement:
    return rows.order_by().values_list(day).annotate(Count("pk")).query.sql_with_params()


def _tasks(user: Employee, scope: Scope) -> QuerySet[SupervisionTask]:
    if scope.what in (INSTALMENT, LOAN_DUE):
        return SupervisionTask.objects.none()
    tasks = open_tasks(user)
    if scope.what:
        has_not_begun = scope.what == SUPERVISION
        tasks = tasks.filter(transfer__live_supervision__base_on__isnull=has_not_begun)
    if scope.branch_id is not None:
        tasks = tasks.filter(transfer__customer__branch=scope.branch_id)
    return tasks if scope.person_id is None else of_person(tasks, scope.person_id)


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


def _reports(user: Employee, scope: Scope, first: date, last: date) -> QuerySet[SupervisionReport]:
    """Those that were filed, by the days on which they were due."""
    if scope.what not in ("", REPORT):
        return SupervisionReport.objects.none()
    rows = SupervisionReport.objects.filter(
        _of_loans("loan", _loans(user, scope, with_supervised=True)),
        claimed_period__isnull=False,
        due_on__range=(first, last),
    )
    return rows.select_related("customer", "handler").only(*_OF_REPORT).order_by("due_on", "pk")


def _of_report(row: SupervisionReport) -> Entry:
    return Entry(
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


def _of_loans(path: str, loans: QuerySet[Loan]) -> Q:
    # Each row has a loan: where none is left out, none is asked for.
    return Q(**{f"{path}__in": loans}) if loans.query.where else Q()


def _lines(user: Employee, scope: Scope, first: date, last: date) -> QuerySet[ScheduleLine]:
    """Instalments of running loans; the last of a loan is its due date."""
    if scope.what in (SUPERVISION, REPORT):
        return ScheduleLine.objects.none()
    rows = ScheduleLine.objects.filter(
        _of_loans("version__loan", _loans(user, scope)),
        version__state=ScheduleState.CURRENT,
        due__range=(first, last),
    ).exclude(version__loan__status__in=ENDED_STATUSES)
    ends_loan = Q(contractual_due=F("version__loan__due_date"))
    if scope.what:
        rows = rows.filter(ends_loan if scope.what == LOAN_DUE else ~ends_loan)
    shown = rows.select_related("version__loan__customer__owner").only(*_OF_LINE)
    return shown.order_by("due", "pk")


def _of_line(line: ScheduleLine, today: date) -> Entry:
    loan = line.version.loan
    is_last = line.contractual_due == loan.due_date
    is_paid = line.status == LineStatus.PAID
    owner = loan.customer.owner
    return Entry(
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
