"""What is known of supervisions: settings, colours, and the plan of their reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from customers.choices import CreditColour
from documents.choices import WfStatus
from funds.models import Loan
from postloan.choices.supervision import SupervisionStatus
from postloan.models import PostLoanSupervision, SupervisionReport, SupervisionSetting
from postloan.rules.supervision.creation import due_on_of, last_wanted
from postloan.rules.supervision.schedule import due_day, last_day, periods_due

if TYPE_CHECKING:
    from staff.calendar import WorkingCalendar

_RANK: dict[str, int] = {CreditColour.GREEN: 0, CreditColour.YELLOW: 1, CreditColour.RED: 2}


def current_setting() -> SupervisionSetting:
    """The lender's settings; the shipped values while nobody has saved any."""
    return SupervisionSetting.objects.filter(pk=1).first() or SupervisionSetting(pk=1)


def red_twice(customer_ids: Collection[int]) -> set[int]:
    """Those of the customers who were red twice in a row: the last two approved reports of a
    supervision of one of their running loans (M19)."""
    rows = (
        SupervisionReport.objects.filter(
            loan__in=Loan.objects.filter(customer__in=customer_ids).running(),
            wf_status=WfStatus.APPROVED,
        )
        .order_by("supervision", "-period")
        .values_list("loan__customer", "supervision", "period", "colour")
    )
    newest: dict[tuple[int, int], list[tuple[int, str]]] = {}
    for customer, supervision, period, colour in rows:
        newest.setdefault((customer, supervision), []).append((period, colour))
    return {customer for (customer, _supervision), found in newest.items() if _are_red(found[:2])}


def _are_red(newest: Sequence[tuple[int, str]]) -> bool:
    """Two reports of which one follows the other; what is not approved between them may differ."""
    if len(newest) < 2 or any(colour != CreditColour.RED for _period, colour in newest):
        return False
    (last, _), (before, _) = newest
    return last == before + 1


def colours_of_customers(customer_ids: Collection[int]) -> dict[int, str]:
    """The worst of the latest colours of each running supervision; the ``ColourSource`` (X5).

    The latest is that of the last approved report, before the first one that of the approved
    supervision. One query.
    """
    reports = SupervisionReport.objects.filter(
        supervision=OuterRef("pk"), wf_status=WfStatus.APPROVED
    ).order_by("-period")
    found = (
        PostLoanSupervision.objects.filter(
            customer__in=customer_ids,
            biz_status=SupervisionStatus.RUNNING,
            wf_status=WfStatus.APPROVED,
        )
        .order_by()
        .values_list("customer", Coalesce(Subquery(reports.values("colour")[:1]), "colour"))
    )
    worst: dict[int, str] = {}
    for customer, colour in found:
        if colour and _RANK[colour] >= _RANK[worst.get(customer, CreditColour.GREEN)]:
            worst[customer] = colour
    return worst


@dataclass(frozen=True)
class PlannedReport:
    """One report of a supervision: when it is due and what became of it.

    ``report`` is the submitted one, or the newest draft of the period; ``is_done`` says that it
    was submitted.
    """

    period: int
    due_on: date
    last_day: date
    report: SupervisionReport | None
    is_done: bool

    @property
    def has_grace(self) -> bool:
        return self.last_day != self.due_on

    def is_late(self, day: date) -> bool:
        return not self.is_done and day > self.last_day


def report_plan(
    supervision: PostLoanSupervision, *, today: date, calendar: WorkingCalendar, ahead: int = 3
) -> list[PlannedReport]:
    """The reports that were due, and the next ``ahead``; none after the end. One query.

    The last one of a settled loan is due on the day of its settlement.
    """
    base, interval = supervision.base_on, supervision.interval_days
    if base is None or interval is None:
        return []
    reports: dict[int, SupervisionReport] = {}
    rows = SupervisionReport.objects.filter(supervision=supervision).exclude(
        wf_status__in=(WfStatus.VOID, WfStatus.REJECTED)
    )
    for row in rows.order_by("pk"):
        known = reports.get(row.period)
        if known is None or known.claimed_period is None:
            reports[row.period] = row
    coming = due_day(base, interval, (today - base).days // interval + ahead)
    # A loan that is paid on its due date asks for no report after it.
    last = supervision.ended_on or min(coming, max(supervision.loan.due_date, today))
    found = [
        _planned(period, due_day(base, interval, period), reports.get(period), calendar)
        for period in periods_due(base, interval, first=base, last=last)
    ]
    if (closing := last_wanted(supervision)) > len(found):
        due_on = due_on_of(supervision, closing)
        found.append(_planned(closing, due_on, reports.get(closing), calendar))
    # What was reported ahead of its time stays in the list, also after an early end.
    return found + [
        _planned(period, row.due_on, row, calendar)
        for period, row in sorted(reports.items())
        if period > len(found) and row.claimed_period is not None
    ]


def _planned(
    period: int, due_on: date, report: SupervisionReport | None, calendar: WorkingCalendar
) -> PlannedReport:
    is_done = report is not None and report.claimed_period is not None
    return PlannedReport(period, due_on, last_day(due_on, calendar), report, is_done)
