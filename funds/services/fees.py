"""费用 of a loan beyond its interest (M24): charge one by hand; reverse one charged by mistake."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from documents.rules import refuse_unless
from funds import errors
from funds.choices import CHARGED_BY_HAND, ChargeKind, ClassCause, EntryKind
from funds.models import LedgerEntry, LoanCharge
from funds.permissions import may_book
from funds.rules.cost import Flow
from funds.services.book import Book, open_book
from funds.services.repayments import finish
from lending_crm.common.errors import not_found
from lending_crm.common.money import yuan
from staff.services.guards import required_line

if TYPE_CHECKING:
    from staff.models import Employee


@transaction.atomic
def charge_fee(
    *,
    loan_id: int,
    kind: str,
    amount: Decimal,
    due_on: date,
    note: str,
    actor: Employee,
    now: datetime,
    creation_key: uuid.UUID | None = None,
) -> LoanCharge:
    """Charge a fee (违约金, cost of recovery …); finance only.

    The same ``creation_key`` again answers with the fee that it charged. Raises APP-01, ORG-20
    and ORG-21 for what it is charged for, REP-02, REP-10, REP-11, REP-15, and BUS-05 when the
    all-in cost with it is above the cap that the loan was paid out under (N22).
    """
    refuse_unless(may_book(actor))
    note = _line(note, "note")
    book = open_book(loan_id=loan_id, actor=actor, now=now)
    if creation_key is not None and (made := _made_before(book, creation_key, actor)):
        return made
    _refuse(book, kind, amount, due_on)
    charge = LoanCharge.objects.create(
        loan=book.loan,
        kind=ChargeKind(kind),
        due_on=due_on,
        amount=amount,
        note=note,
        creation_key=creation_key,
        created_at=now,
        created_by=actor,
    )
    book.charges.append(charge)
    book.enter(EntryKind.FEE, due_on, fee=amount, note=charge.note)
    finish(book, cause=ClassCause.RUN)
    return charge


@transaction.atomic
def reverse_fee(*, charge_id: int, reason: str, actor: Employee, now: datetime) -> LoanCharge:
    """Take back a fee that was charged by mistake, while nothing of it is paid; finance only.

    The fee stays on record as waived, and the journal gets the mirror of its entry with the
    reason. Raises APP-01, ORG-20, ORG-21, REP-10 and REP-15 to REP-17.
    """
    refuse_unless(may_book(actor))
    reason = _line(reason, "reason")
    loan_id = LoanCharge.objects.filter(pk=charge_id).values_list("loan_id", flat=True).first()
    book = open_book(loan_id=loan_id or 0, actor=actor, now=now)
    charge = next(each for each in book.charges if each.pk == charge_id)
    if charge.kind not in CHARGED_BY_HAND:
        raise errors.fee_of_a_repayment()
    if charge.waived:
        raise errors.fee_already_reversed()
    if book.loan.is_ended:
        raise errors.loan_ended(book.loan.loan_no)
    if charge.paid:
        raise errors.fee_partly_paid()
    entry = _entry_of(charge)
    charge.waived = charge.amount
    charge.save(update_fields=["waived"])
    book.enter(EntryKind.REVERSAL, entry.day, reverses=entry, fee=-entry.fee, note=reason)
    finish(book, cause=ClassCause.RUN)
    return charge


def _refuse(book: Book, kind: str, amount: Decimal, due_on: date) -> None:
    loan = book.loan
    if loan.is_ended:
        raise errors.loan_ended(loan.loan_no)
    if kind not in CHARGED_BY_HAND:
        raise errors.fee_of_a_repayment()
    if amount <= 0 or amount != yuan(amount):
        raise errors.fee_not_positive()
    if due_on < loan.booked_to:
        raise errors.before_last_booking(loan.booked_to, field="due_on")
    rate = book.cost(book.today, [Flow(max(due_on, book.today), -amount)])
    if rate > loan.cost_cap:
        raise errors.cost_above_cap(rate, loan.cost_cap)


def _made_before(book: Book, key: uuid.UUID, actor: Employee) -> LoanCharge | None:
    """What the same form charged before, for a double click; another's is not found."""
    made = LoanCharge.objects.filter(creation_key=key).first()
    if made is not None and (made.created_by_id, made.loan_id) != (actor.pk, book.loan.pk):
        raise not_found()
    return made


def _entry_of(charge: LoanCharge) -> LedgerEntry:
    """The row of the journal that was written together with the fee."""
    rows = LedgerEntry.objects.filter(
        loan=charge.loan_id,
        kind=EntryKind.FEE,
        at=charge.created_at,
        day=charge.due_on,
        fee=charge.amount,
        repayment=None,
        reversed_by=None,
    )
    return rows.order_by("no")[0]


def _line(text: str, field: str) -> str:
    label = LoanCharge._meta.get_field("note").verbose_name
    return required_line(text, field=field, label=label, limit=200)
