"""展期 (domain M7, §4.13): a later due date, with a new version of the schedule."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from applications.assessment import local_day
from funds import errors
from funds.choices import (
    ClassCause,
    EntryKind,
    InterestTreatment,
    ScheduleReason,
    ScheduleState,
)
from funds.models import Loan
from funds.models.fields import ZERO
from funds.rules.planning import NewLine, extension_lines, with_carried
from funds.rules.rates import Rates
from funds.services.book import Book, open_book
from funds.services.classification import classify
from funds.services.disbursement import carried_over, division_of
from lending_crm.common.money import yuan
from staff.calendar import load_calendar

if TYPE_CHECKING:
    from funds.models import ScheduleLine
    from staff.models import Employee


@transaction.atomic
def extend_loan(
    *,
    loan_id: int,
    new_due: date,
    rate: Decimal,
    treatment: str,
    reference: str,
    actor: Employee,
    now: datetime,
    amount: Decimal | None = None,
) -> Loan:
    """Move the due date of ``amount`` (all unpaid principal when None) to ``new_due``.

    The extension starts on the old due date, or today when that has passed; until then the
    instalments stay, and principal that is taken from them keeps earning its interest to the
    old due date. ``rate`` is annual percent and holds from the start of the extension.
    ``treatment`` MERGE moves the interest of the last instalment into the first new one;
    SETTLE_FIRST refuses while due interest is unpaid. Nothing is paid out. How long and how
    often, and who may ask for it, is the document's business (EXT-03 to EXT-05, EXT-09).

    Raises EXT-01, EXT-06, EXT-08 and EXT-11.
    """
    book = open_book(loan_id=loan_id, actor=actor, now=now)
    loan, today = book.loan, local_day(now)
    if loan.is_ended:
        raise errors.extension_of_ended(loan.loan_no)
    if new_due <= max(loan.due_date, today):
        raise errors.extension_not_later(max(loan.due_date, today))
    value_day = max(today, loan.booked_to)
    book.bring_up_to(value_day)
    moved = loan.unpaid_principal if amount is None else amount
    if not ZERO < moved <= loan.unpaid_principal:
        raise errors.extension_above_unpaid(loan.unpaid_principal)
    interest = book.position(value_day).interest
    if treatment == InterestTreatment.SETTLE_FIRST and interest:
        raise errors.extension_interest_unpaid(interest)
    _replace(book, moved, value_day=value_day, new_due=new_due, rate=rate, treatment=treatment)
    loan.extension_count += 1
    loan.extended_on = value_day
    loan.due_date = new_due
    book.enter(EntryKind.EXTENSION, value_day, reference=reference)
    book.close()
    classify(loan_id=loan.pk, cause=ClassCause.EXTENSION, day=today, actor=actor, now=now)
    loan.refresh_from_db()
    return loan


def _replace(
    book: Book,
    moved: Decimal,
    *,
    value_day: date,
    new_due: date,
    rate: Decimal,
    treatment: str,
) -> None:
    loan = book.loan
    start = max(loan.due_date, value_day)
    kept, carried = _without_moved(book, moved, value_day, treatment=treatment)
    calendar = load_calendar()
    new = extension_lines(
        division_of(book, Rates(rate)),
        principal=moved,
        start=start,
        end=new_due,
        rest_day=book.setting.rest_day,
        is_working_day=calendar.is_working_day,
    )
    loan.annual_rate = rate
    book.replace_schedule(
        [*kept, *with_carried(new, carried)],
        reason=ScheduleReason.EXTENDED,
        day=value_day,
        old_state=ScheduleState.REPLACED_BY_EXTENSION,
    )


def _without_moved(
    book: Book, moved: Decimal, day: date, *, treatment: str
) -> tuple[list[NewLine], Decimal]:
    """The unpaid instalments without the principal that is extended, the latest given first.

    Also the interest of the last one, when it goes into the extension.
    """
    loan = book.loan
    overdue = carried_over(book.lines, day)
    coming = [_as_new(line) for line in book.lines if line.due > day and line.unpaid > 0]
    rows, extra, left = [], ZERO, moved
    for row in reversed([*overdue, *coming]):
        taken = min(left, row.principal)
        left -= taken
        extra += _interest_to_maturity(book, row, taken, loan.due_date)
        rows.append(replace(row, principal=row.principal - taken))
    rows.reverse()
    if not coming:
        # Past the old due date: what is late stays late, only its principal moves.
        return [row for row in rows if _is_owed(row)], ZERO
    last = replace(rows[-1], interest=rows[-1].interest + extra)
    carried = last.interest if treatment == InterestTreatment.MERGE else ZERO
    if carried:
        last = replace(last, interest=ZERO, carried_interest=ZERO)
    return [row for row in [*rows[:-1], last] if _is_owed(row)], carried


def _as_new(line: ScheduleLine) -> NewLine:
    paid = line.interest_paid + line.interest_waived
    interest = line.interest - paid
    return NewLine(
        starts_on=line.starts_on,
        contractual_due=line.contractual_due,
        due=line.due,
        base=line.base,
        principal=line.unpaid_principal,
        interest=interest,
        annual_rate=line.annual_rate,
        carried_interest=min(line.carried_interest, interest),
    )


def _interest_to_maturity(book: Book, row: NewLine, taken: Decimal, maturity: date) -> Decimal:
    days = (maturity - row.contractual_due).days
    if not taken or days <= 0:
        return ZERO
    return yuan(book.terms.amount(taken, row.annual_rate, days))


def _is_owed(row: NewLine) -> bool:
    return row.principal + row.interest + row.penalty > 0
