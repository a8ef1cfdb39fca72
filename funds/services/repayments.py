"""还款登记 (domain M24): book what the borrower paid; preview it; reverse it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from applications.choices import BizStatus
from applications.services.business import move_business
from documents.rules import refuse_unless
from funds import errors
from funds.choices import (
    ChargeKind,
    ClassCause,
    EntryKind,
    LoanStatus,
    ScheduleReason,
    Treatment,
)
from funds.models import Loan, LoanCharge, Repayment, RepaymentAllocation, ScheduleLine
from funds.models.fields import ZERO
from funds.permissions import may_book
from funds.rules.allocation import Allocation, Share, allocate, allocate_next
from funds.rules.planning import NewLine, divide_anew
from funds.rules.position import running_line
from funds.selectors.rates import rates_of
from funds.services.book import Book, open_book, read_book
from funds.services.classification import classify
from funds.services.disbursement import division_of, dues_of
from funds.services.taking_back import take_back
from lending_crm.common.money import FEN, yuan
from staff.services.guards import refusing, required_line

if TYPE_CHECKING:
    from staff.models import Employee


@dataclass(frozen=True)
class Early:
    """What goes beyond the amounts due into an early repayment; yuan."""

    interest: Decimal
    fee: Decimal
    principal: Decimal
    lines: tuple[NewLine, ...]


@dataclass(frozen=True)
class RepaymentPlan:
    """Where an amount goes: due amounts and next instalment, and what is repaid early."""

    shares: tuple[Share, ...]
    early: Early | None = None

    def total(self, part: str) -> Decimal:
        found = Allocation(self.shares, ZERO).total(part)
        return found + (getattr(self.early, part, ZERO) if self.early else ZERO)


@transaction.atomic
def register_repayment(
    *,
    loan_id: int,
    amount: Decimal,
    paid_on: date,
    bank_ref: str,
    payer: str,
    actor: Employee,
    now: datetime,
    treatment: str = Treatment.DUE,
) -> Repayment:
    """Book a repayment with its allocation; finance only.

    ``treatment`` says what happens with more than is due: DUE takes the next instalment at
    most, REDUCE and SHORTEN repay principal early (domain §4.9), SETTLE ends the loan with
    exactly the settlement figure. Raises APP-01, ORG-20, ORG-21, REP-01 to REP-05, REP-08 to
    REP-11.
    """
    refuse_unless(may_book(actor))
    bank_ref = required_line(bank_ref, field="bank_ref", label=_label("bank_ref"), limit=60)
    payer = required_line(payer, field="payer", label=_label("payer"), limit=80)
    book = open_book(loan_id=loan_id, actor=actor, now=now)
    _refuse(book, amount, paid_on)
    if Repayment.objects.standing().filter(bank_ref=bank_ref).exists():
        raise errors.reference_taken()
    book.bring_up_to(paid_on)
    plan = _plan(book, amount, paid_on, treatment)
    repayment = Repayment(
        loan=book.loan,
        paid_on=paid_on,
        amount=amount,
        bank_ref=bank_ref,
        payer=payer,
        treatment=treatment,
        booked_at=now,
        booked_by=actor,
    )
    with refusing({"repayment_reference_once": errors.reference_taken}):
        repayment.save()
    _book(book, repayment, plan)
    finish(book, cause=ClassCause.REPAYMENT)
    return repayment


def preview_repayment(
    *, loan: Loan, amount: Decimal, paid_on: date, now: datetime, treatment: str = Treatment.DUE
) -> RepaymentPlan:
    """What ``register_repayment`` would do with the amount; writes nothing, same refusals."""
    book = read_book(loan=loan, actor=None, now=now)
    _refuse(book, amount, paid_on)
    book.bring_up_to(paid_on)
    return _plan(book, amount, paid_on, treatment)


@transaction.atomic
def reverse_repayment(
    *, repayment_id: int, reason: str, actor: Employee, now: datetime
) -> Repayment:
    """Take back a repayment that was booked by mistake; its rows stay, mirrored in the journal.

    Only the last act on the loan can be taken back: what came later was computed on it.
    Penalties counted since then are taken back too and grow again on the higher balance.
    Raises APP-01, ORG-20, REP-06 and REP-07.
    """
    refuse_unless(may_book(actor))
    reason = required_line(reason, field="reason", label=_label("reverse_reason"), limit=200)
    loan_id = Repayment.objects.filter(pk=repayment_id).values_list("loan_id", flat=True).first()
    book = open_book(loan_id=loan_id or 0, actor=actor, now=now)
    repayment = Repayment.objects.get(pk=repayment_id)
    if repayment.reversed_at is not None:
        raise errors.already_reversed()
    if book.loan.status == LoanStatus.WRITTEN_OFF:
        raise errors.loan_ended(book.loan.loan_no)
    take_back(book, repayment)
    repayment.reversed_at, repayment.reversed_by = now, actor
    repayment.reverse_reason = reason
    repayment.save(update_fields=["reversed_at", "reversed_by", "reverse_reason"])
    finish(book, cause=ClassCause.REPAYMENT)
    return repayment


def _refuse(book: Book, amount: Decimal, paid_on: date) -> None:
    loan = book.loan
    if amount <= 0:
        raise errors.amount_not_positive()
    if amount != yuan(amount):
        raise errors.amount_not_positive()
    if paid_on > book.today:
        raise errors.in_the_future()
    if loan.is_ended:
        raise errors.loan_ended(loan.loan_no)
    last = loan.repayments.standing().order_by("-paid_on").first()
    if last is not None and paid_on < last.paid_on:
        raise errors.before_last_repayment(last.paid_on)
    if paid_on < loan.booked_to:
        raise errors.before_last_booking(loan.booked_to, field="paid_on")


def _plan(book: Book, amount: Decimal, day: date, treatment: str) -> RepaymentPlan:
    due = _allocated(book, amount, day)
    if treatment == Treatment.DUE:
        coming = running_line(book.lines, day)
        ahead = allocate_next(due.left, coming)
        if ahead.left:
            raise errors.above_total_due(amount - ahead.left)
        return RepaymentPlan((*due.shares, *ahead.shares))
    settlement = book.settlement(day)
    if amount > settlement.total:
        raise errors.above_total_due(settlement.total)
    if treatment == Treatment.SETTLE and amount < settlement.total:
        raise errors.below_settlement(settlement.total)
    accrued = book.accrued(day)
    if amount == settlement.total:
        due = _allocated(book, amount, day, is_settling=True)
        left = due.left - accrued - settlement.fee
        early = Early(accrued, settlement.fee, left, ()) if due.left else None
        return RepaymentPlan(due.shares, early)
    fee, principal = _early_parts(book, due.left - accrued, day)
    if principal <= 0:
        raise errors.no_early_principal(amount - due.left + accrued)
    left = settlement.position.unpaid_principal - settlement.position.principal_due - principal
    if left <= 0:
        # Nothing but fees would be left to pay: that is a settlement short of them.
        raise errors.below_settlement(settlement.total)
    undue = [line for line in book.lines if line.due > day and line.unpaid > 0]
    lines = divide_anew(
        division_of(book, rates_of(book.loan)),
        principal=left,
        # The days of an instalment that was paid ahead are paid for.
        start=max(day, undue[0].starts_on),
        dues=dues_of(undue),
        treatment=treatment,
    )
    return RepaymentPlan(due.shares, Early(accrued, fee, principal, tuple(lines)))


def _allocated(book: Book, amount: Decimal, day: date, *, is_settling: bool = False) -> Allocation:
    return allocate(
        amount,
        order=book.order,
        lines=book.lines,
        charges=book.charges,
        day=day,
        is_settling=is_settling,
    )


def _early_parts(book: Book, amount: Decimal, day: date) -> tuple[Decimal, Decimal]:
    """Fee and principal that ``amount`` pays for; the fee is a percentage of the principal."""
    rate = book.loan.product.early_repayment_fee
    if amount <= 0 or not rate:
        return ZERO, amount
    principal = (amount * 100 / (100 + rate)).quantize(FEN)
    if not book.early_fee(principal, day):
        return ZERO, amount
    return amount - principal, principal


def _book(book: Book, repayment: Repayment, plan: RepaymentPlan) -> None:
    shares = list(plan.shares)
    day = repayment.paid_on
    for share in shares:
        if share.line is not None and share.line.due > day and share.interest:
            book.book_interest(share.line, share.interest, day, repayment)
    for share in shares:
        _apply(book, share)
    if plan.early is not None:
        shares += _book_early(book, repayment, plan.early)
    RepaymentAllocation.objects.bulk_create(
        RepaymentAllocation(
            repayment=repayment,
            line=share.line,
            charge=share.charge,
            principal=share.principal,
            interest=share.interest,
            penalty=share.penalty,
            fee=share.fee,
        )
        for share in shares
    )
    paid = Allocation(tuple(shares), ZERO)
    book.enter(
        EntryKind.REPAYMENT,
        day,
        principal=-paid.total("principal"),
        interest=-paid.total("interest"),
        penalty=-paid.total("penalty"),
        fee=-paid.total("fee"),
        cash=repayment.amount,
        repayment=repayment,
        bank_ref=repayment.bank_ref,
    )


def _book_early(book: Book, repayment: Repayment, early: Early) -> list[Share]:
    """Replace the schedule: one instalment for what is repaid early, then what is left."""
    day, shares = repayment.paid_on, []
    running = running_line(book.lines, day)
    if early.principal or early.interest:
        starts_on = min(running.starts_on, day) if running else day
        today = NewLine(
            starts_on=starts_on,
            contractual_due=day,
            due=day,
            base=running.base if running else ZERO,
            principal=early.principal,
            interest=early.interest,
            annual_rate=running.annual_rate if running else book.loan.annual_rate,
        )
        repayment.schedule = book.replace_schedule(
            [today, *early.lines], reason=ScheduleReason.PREPAID, day=day
        )
        repayment.save(update_fields=["schedule"])
        if early.lines:
            book.loan.due_date = book.lines[-1].contractual_due
        line = book.lines[0]
        book.book_interest(line, early.interest, day, repayment)
        shares.append(Share(line=line, principal=early.principal, interest=early.interest))
    if early.fee:
        charge = LoanCharge.objects.create(
            loan=book.loan,
            kind=ChargeKind.EARLY_REPAYMENT,
            due_on=day,
            amount=early.fee,
            created_at=book.now,
            created_by=repayment.booked_by,
        )
        book.charges.append(charge)
        book.enter(EntryKind.FEE, day, fee=early.fee, repayment=repayment)
        shares.append(Share(charge=charge, fee=early.fee))
    for share in shares:
        _apply(book, share)
    return shares


def _apply(book: Book, share: Share) -> None:
    if share.line is not None:
        line: ScheduleLine = share.line
        line.principal_paid += share.principal
        line.interest_paid += share.interest
        line.penalty_paid += share.penalty
        book.touch(line)
    if share.charge is not None:
        share.charge.paid += share.fee
        share.charge.save(update_fields=["paid"])


def finish(book: Book, *, cause: str) -> None:
    """Write the book, classify, and let the business follow when the loan is settled or not.

    Counting the days anew may have moved the class, whatever was booked.
    """
    book.close()
    classify(loan_id=book.loan.pk, cause=cause, day=book.today, actor=book.actor, now=book.now)
    follow_settlement(book)


def follow_settlement(book: Book) -> None:
    """已结清 once every loan of a fully disbursed business is settled, and back again.

    What was written off is still owed by the borrower, so its business is not settled.
    """
    application = book.loan.application
    loans = Loan.objects.filter(application=application)
    is_settled = not loans.exclude(status__in=(LoanStatus.SETTLED, LoanStatus.REVERSED)).exists()
    if application.biz_status == BizStatus.DISBURSED and is_settled:
        status = BizStatus.SETTLED
    elif application.biz_status == BizStatus.SETTLED and not is_settled:
        status = BizStatus.DISBURSED
    else:
        return
    move_business(application_id=application.pk, status=status, actor=book.actor, now=book.now)


def _label(field: str) -> str:
    return str(Repayment._meta.get_field(field).verbose_name)  # type: ignore[union-attr]
