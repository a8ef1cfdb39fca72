"""Unpaid instalments, as text messages remind of them (X1)."""

from __future__ import annotations

from datetime import date

from funds.choices import LineStatus, LoanStatus, ScheduleState
from funds.models import ScheduleLine
from sms.services.events import DueReminder

#: asset recovery speaks with these borrowers itself
_SILENT = (LoanStatus.BAD, LoanStatus.SETTLED, LoanStatus.WRITTEN_OFF, LoanStatus.REVERSED)


def instalments_due(due_on: date) -> list[DueReminder]:
    """The unpaid instalments of running loans that fall due on the day; one query.

    The amount, in yuan, is what is still unpaid of the instalment, penalty interest included.
    """
    rows = (
        ScheduleLine.objects.filter(
            due=due_on,
            version__state=ScheduleState.CURRENT,
        )
        .exclude(status=LineStatus.PAID)
        .exclude(version__loan__status__in=_SILENT)
        .select_related("version__loan__application")
        .order_by("pk")
    )
    return [
        DueReminder(
            key=f"{row.version.loan_id}:{row.due.isoformat()}",
            contact_id=contact,
            values={"loan_no": row.version.loan.loan_no, "amount": str(row.unpaid)},
        )
        for row in rows
        if (contact := row.version.loan.application.borrower_id) is not None
    ]
