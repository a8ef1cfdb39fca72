"""Acts on a loan that are no repayment and no fee: waiver, refund, write-off (M13, M24).

Waivers and refunds are the effect of an approved document, which carries the permission; its
number is the ``reference``.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from applications.assessment import local_day
from documents.rules import refuse_unless
from funds import errors
from funds.choices import ClassCause, EntryKind, LoanStatus
from funds.models import LedgerEntry, ScheduleLine
from funds.models.fields import ZERO
from funds.permissions import may_book
from funds.rules.position import accrued_on, running_line
from funds.selectors.loans import refundable_interest
from funds.services.book import Book, open_book
from funds.services.repayments import finish
from lending_crm.common.text import clean_line
from staff.services.guards import refusing, required_line

if TYPE_CHECKING:
    from staff.models import Employee


@transaction.atomic
def waive_interest(
    *,
    loan_id: int,
    amount: Decimal,
    day: date,
    reason: str,
    reference: str,
    actor: Employee,
    now: datetime,
    penalty_part: Decimal = ZERO,
) -> LedgerEntry:
    """免息: forgive unpaid interest, and ``penalty_part`` of the penalty interest on top.

    The oldest first; interest of the running period counts up to ``day``. The schedule is not
    edited. Raises INT-01 and INT-12 (N11), REP-02, REP-05, REP-10 and REP-11.
    """
    book = _open(loan_id, day, actor=actor, now=now)
    if amount < 0 or penalty_part < 0 or amount + penalty_part <= 0:
        raise errors.amount_not_positive()
    book.bring_up_to(day)
    position = book.position(day)
    if amount > position.interest + position.accrued:
        raise errors.waiver_above_unpaid(amount, position.interest + position.accrued)
    if penalty_part > position.penalty:
        raise errors.penalty_waiver_above_unpaid(penalty_part, position.penalty)
    _waive_interest(book, amount, day)
    _waive_penalty(book, penalty_part, day)
    entry = book.enter(
        EntryKind.WAIVER,
        day,
        interest=-amount,
        penalty=-penalty_part,
        reference=reference,
        note=clean_line(reason)[:200],
    )
    finish(book, cause=ClassCause.REPAYMENT)
    return entry


@transaction.atomic
def refund_interest(
    *,
    loan_id: int,
    amount: Decimal,
    day: date,
    bank_ref: str,
    reason: str,
    reference: str,
    actor: Employee,
    now: datetime,
) -> LedgerEntry:
    """退息: interest that was received goes back to the payer; finance only.

    Also after the settlement, which is when an early repayment leads to it. Raises APP-01,
    FTR-07 for a reference that has left the bank before, INT-02 (N11), REP-02 and REP-05.
    """
    refuse_unless(may_book(actor))
    bank_ref = required_line(
        bank_ref,
        field="bank_ref",
        label=LedgerEntry._meta.get_field("bank_ref").verbose_name,
        limit=60,
    )
    book = open_book(loan_id=loan_id, actor=actor, now=now)
    if amount <= 0:
        raise errors.amount_not_positive()
    if day > book.today:
        raise errors.in_the_future()
    left = refundable_interest(book.loan)
    if amount > left:
        raise errors.refund_above_received(amount, left)
    entry = book.enter(
        EntryKind.REFUND,
        day,
        cash=-amount,
        bank_ref=bank_ref,
        reference=reference,
        note=clean_line(reason)[:200],
    )
    with refusing(errors.reference_refusals(bank_ref)):
        finish(book, cause=ClassCause.RUN)
    return entry


@transaction.atomic
def write_off(
    *, loan_id: int, day: date, reason: str, reference: str, actor: Employee, now: datetime
) -> LedgerEntry:
    """核销: everything that is owed leaves the books; finance only, with a document's number.

    The claim against the borrower is not given up, so instalments stay unpaid on record.
    Raises APP-01, ORG-20, REP-05, REP-10 and REP-11.
    """
    refuse_unless(may_book(actor))
    reason = required_line(
        reason, field="reason", label=LedgerEntry._meta.get_field("note").verbose_name, limit=200
    )
    book = _open(loan_id, day, actor=actor, now=now)
    book.bring_up_to(day)
    entry = book.enter(
        EntryKind.WRITE_OFF,
        day,
        reference=reference,
        note=reason,
        **{part: -book.balances[part] for part in ("principal", "interest", "penalty", "fee")},
    )
    book.loan.status = LoanStatus.WRITTEN_OFF
    finish(book, cause=ClassCause.REPAYMENT)
    return entry


def _open(loan_id: int, day: date, *, actor: Employee | None, now: datetime) -> Book:
    book = open_book(loan_id=loan_id, actor=actor, now=now)
    if book.loan.is_ended:
        raise errors.loan_ended(book.loan.loan_no)
    if day > local_day(now):
        raise errors.in_the_future()
    if day < book.loan.booked_to:
        raise errors.before_last_booking(book.loan.booked_to, field="day")
    return book


def _waive_interest(book: Book, amount: Decimal, day: date) -> None:
    left = amount
    for line in book.lines:
        if line.due <= day and (taken := min(left, line.unpaid_interest)):
            _take(book, line, taken)
            left -= taken
    running = running_line(book.lines, day)
    if left and running is not None:
        taken = min(left, accrued_on(book.loan, running, day))
        book.book_interest(running, taken, day)
        _take(book, running, taken)


def _take(book: Book, line: ScheduleLine, amount: Decimal) -> None:
    line.interest_waived += amount
    book.touch(line)


def _waive_penalty(book: Book, amount: Decimal, day: date) -> None:
    left = amount
    for line in book.lines:
        if line.due <= day and (taken := min(left, line.unpaid_penalty)):
            line.penalty_waived += taken
            book.touch(line)
            left -= taken
