"""What a work report counts of supervision (M21)."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from funds.models import Loan
from postloan.models import PostLoanSupervision, SupervisionReport
from postloan.rules.supervision.schedule import periods_due
from staff.models import Employee
from staff.work_figures import Figure, FigureSource


def _reports(author: Employee, first: date, last: date) -> Figure:
    """Submitted by the author, and due from him as supervisor in the period."""
    done = SupervisionReport.objects.filter(handler=author, reported_on__range=(first, last))
    begun = PostLoanSupervision.objects.filter(
        supervisor=author, live_transfer__isnull=False, base_on__lte=last
    ).filter(Q(ended_on=None) | Q(ended_on__gte=first))
    due = 0
    for base, interval, ended in begun.values_list("base_on", "interval_days", "ended_on"):
        if base is not None and interval is not None:
            until = min(last, ended or last)
            due += sum(1 for _period in periods_due(base, interval, first=first, last=until))
    return Figure(done.count(), due=due)


def _overdue_loans(author: Employee, first: date, last: date) -> Figure:
    """Loans of the author's customers that are overdue now; the amount is unpaid principal."""
    rows = Loan.objects.filter(customer__owner=author, overdue_days__gt=0).running()
    return Figure(rows.count(), amount=rows.aggregate(total=Sum("unpaid_principal"))["total"])


SUPERVISION_FIGURES = (
    FigureSource("supervision_reports", _("Supervision reports"), _reports, order=60),
    FigureSource("overdue_loans", _("Overdue loans"), _overdue_loans, order=70),
)
