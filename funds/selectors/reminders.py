"""Unpaid instalments, as text messages remind of them (X1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from funds.choices import LineStatus, LoanStatus, ScheduleState
from funds.models import ScheduleLine
from funds.rules.growth import LateTerms, growth, late_terms
from funds.selectors.settings import current_setting
from sms.services.events import DueReminder

#: asset recovery speaks with these borrowers itself
_SILENT = (LoanStatus.BAD, LoanStatus.SETTLED, LoanStatus.WRITTEN_OFF, LoanStatus.REVERSED)


def instalments_due(due_on: date, today: date) -> list[DueReminder]:
    """The unpaid instalments of running loans that fall due on the day; one query and the
    setting's.

    The amount, in yuan, is what is unpaid of the instalment ``today``: with what late principal
    has cost since it was booked last.
    """
    setting = current_setting()
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
            values={
                "loan_no": row.version.loan.loan_no,
                "amount": str(_owed(row, today, late_terms(row.version.loan, setting))),
            },
        )
        for row in rows
        if (contact := row.version.loan.application.borrower_id) is not None
    ]


def _owed(line: ScheduleLine, today: date, terms: LateTerms) -> Decimal:
    grown = growth(line, today, terms)
    return line.unpaid + grown.interest + grown.penalty
