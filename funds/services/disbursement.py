"""Money that went out: a loan is opened, or gets a further part (domain M12, M24)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from applications.assessment import current_setting as lender_setting
from applications.assessment import local_day, lpr_on
from applications.calculation import CalculationError, PlanRow
from applications.choices import BizStatus
from applications.models import BusinessApplication, Product
from applications.rules.limits import cost_cap
from applications.services.business import move_business
from customers.models import Customer
from documents.numbering import next_number
from funds import errors
from funds.choices import ClassCause, EntryKind, ScheduleReason
from funds.models import Loan, ScheduleLine
from funds.models.fields import ZERO
from funds.rules.planning import Division, Due, NewLine, divide_anew, first_schedule, with_carried
from funds.rules.position import accrued_on, running_line
from funds.rules.rates import Rates
from funds.rules.transfers import above_payable
from funds.selectors.payable import disbursed_of, payable_of
from funds.selectors.rates import rates_of
from funds.selectors.settings import current_setting
from funds.services.book import Book, open_book
from funds.services.classification import classify
from funds.services.taking_back import take_back_disbursement
from lending_crm.common.errors import DomainError
from staff.calendar import load_calendar
from staff.services.guards import lock_row, refusing

if TYPE_CHECKING:
    from staff.models import Employee

_MAY_PAY_OUT = (BizStatus.APPROVED, BizStatus.SIGNED, BizStatus.PARTLY_DISBURSED)


@transaction.atomic
def open_loan(
    *,
    application: BusinessApplication,
    transfer_ref: str,
    principal: Decimal,
    disbursed_on: date,
    signed_on: date,
    annual_rate: Decimal,
    method: str,
    term_months: int,
    first_due: date | None,
    actor: Employee,
    now: datetime,
    product: Product | None = None,
    plan: Sequence[PlanRow] = (),
    contract_no: str = "",
    reference: str = "",
) -> Loan:
    """Book the first disbursement of a loan and its schedule; gives the 借据.

    ``principal`` in yuan, ``annual_rate`` in percent, ``plan`` for the method CUSTOM only.
    ``signed_on`` is the contract date, by whose LPR the loan's cost is capped (R2, R5).
    ``transfer_ref`` is the bank's reference, ``reference`` the number of the confirming document.
    Without ``product`` that of the application's first line sets the day count. Permission is
    the caller's: the transfer's document carries it.

    Raises FTR-01, FTR-03, FTR-07, REP-02, REP-05, and the calculation's sentence for terms
    that cannot be calculated.
    """
    lock_row(Customer, application.customer_id)
    application = lock_row(BusinessApplication, application.pk)
    _refuse(application, principal, disbursed_on, now=now)
    product = product or _first_product(application)
    setting = current_setting()
    calendar = load_calendar()
    rates = Rates(annual_rate)
    division = Division(method, rates, product.day_count, disbursed_on.day, setting.rounding)
    try:
        lines = first_schedule(
            division,
            principal=principal,
            months=term_months,
            start=disbursed_on,
            first_due=first_due,
            rest_day=setting.rest_day,
            is_working_day=calendar.is_working_day,
            plan=plan,
        )
    except CalculationError as error:
        raise _impossible(error) from error
    due_date = lines[-1].contractual_due
    loan = Loan.objects.create(
        loan_no=next_number("JJ", application.branch, day=local_day(now)),
        application=application,
        customer_id=application.customer_id,
        branch_id=application.branch_id,
        product=product,
        contract_no=contract_no,
        principal=principal,
        unpaid_principal=principal,
        annual_rate=annual_rate,
        method=method,
        day_count=product.day_count,
        cost_cap=cost_cap(lender_setting(), lpr=lpr_on(signed_on), day=signed_on).hard,
        term_months=term_months,
        start_date=disbursed_on,
        due_date=due_date,
        original_due_date=due_date,
        booked_to=disbursed_on,
        classified_on=disbursed_on,
        counted_on=local_day(now),
        created_at=now,
    )
    book = open_book(loan_id=loan.pk, actor=actor, now=now)
    book.replace_schedule(lines, reason=ScheduleReason.DISBURSED, day=disbursed_on)
    return _book_disbursement(
        book, principal, disbursed_on, transfer_ref=transfer_ref, reference=reference
    )


@transaction.atomic
def add_disbursement(
    *,
    loan_id: int,
    transfer_ref: str,
    principal: Decimal,
    disbursed_on: date,
    actor: Employee,
    now: datetime,
    reference: str = "",
) -> Loan:
    """Book a further disbursement of the same loan; what is not due yet is divided anew.

    The due dates stay; interest earned on the old balance goes into the next instalment.
    Raises FTR-01, FTR-03, FTR-07, REP-02, REP-05, REP-10 and REP-11.
    """
    book = open_book(loan_id=loan_id, actor=actor, now=now)
    loan = book.loan
    application = lock_row(BusinessApplication, loan.application_id)
    _refuse(application, principal, disbursed_on, now=now)
    if loan.is_ended:
        raise errors.loan_ended(loan.loan_no)
    if disbursed_on < loan.booked_to:
        raise errors.before_last_booking(loan.booked_to, field="disbursed_on")
    book.bring_up_to(disbursed_on)
    running = running_line(book.lines, disbursed_on)
    if running is None:
        raise errors.loan_ended(loan.loan_no)
    coming = [line for line in book.lines if line.due > disbursed_on and line.unpaid > 0]
    balance = sum((line.unpaid_principal for line in coming), ZERO)
    division = division_of(book, rates_of(loan))
    # The old balance has paid for the days of an instalment that was paid ahead, the new has not.
    start = max(disbursed_on, running.starts_on)
    lines = divide_anew(division, principal=balance + principal, start=start, dues=dues_of(coming))
    earned = accrued_on(loan, running, disbursed_on)
    if start > disbursed_on:
        earned += division.cost(principal, disbursed_on, start)
    loan.principal += principal
    book.replace_schedule(
        [*carried_over(book.lines, disbursed_on), *with_carried(lines, earned)],
        reason=ScheduleReason.FURTHER_DISBURSEMENT,
        day=disbursed_on,
    )
    return _book_disbursement(
        book, principal, disbursed_on, transfer_ref=transfer_ref, reference=reference
    )


@transaction.atomic
def reverse_disbursement(*, loan_id: int, bank_ref: str, actor: Employee, now: datetime) -> Loan:
    """冲销: take back the last disbursement of a loan while nothing was repaid.

    The journal keeps it and its mirror; the application waits for the money again. Permission
    and reason are the caller's. Raises REP-06 when a later booking rests on it.
    """
    book = open_book(loan_id=loan_id, actor=actor, now=now)
    application = lock_row(BusinessApplication, book.loan.application_id)
    take_back_disbursement(book, bank_ref)
    book.close()
    status = BizStatus.PARTLY_DISBURSED if disbursed_of(application.pk) > 0 else BizStatus.SIGNED
    move_business(application_id=application.pk, status=status, actor=actor, now=now)
    return book.loan


def division_of(book: Book, rates: Rates) -> Division:
    loan = book.loan
    return Division(
        loan.method,
        rates,
        loan.day_count,
        loan.start_date.day,
        book.setting.rounding,
    )


def dues_of(lines: Iterable[ScheduleLine]) -> list[Due]:
    return [Due(line.contractual_due, line.due, line.principal, line.total) for line in lines]


def carried_over(lines: Iterable[ScheduleLine], day: date) -> list[NewLine]:
    """What was due by ``day`` and is unpaid, as instalments of the next version.

    Interest on late principal becomes interest of the carried line: both are in the journal.
    """
    return [
        NewLine(
            starts_on=line.starts_on,
            contractual_due=line.contractual_due,
            due=line.due,
            base=line.base,
            principal=line.unpaid_principal,
            interest=line.unpaid_interest,
            annual_rate=line.annual_rate,
            penalty=line.unpaid_penalty,
            interest_booked=line.unpaid_interest,
            late_to=line.late_to,
            penalty_to=line.penalty_to,
        )
        for line in lines
        if line.due <= day and line.unpaid > 0
    ]


def _book_disbursement(
    book: Book, principal: Decimal, day: date, *, transfer_ref: str, reference: str
) -> Loan:
    book.enter(
        EntryKind.DISBURSEMENT,
        day,
        principal=principal,
        cash=-principal,
        bank_ref=transfer_ref,
        reference=reference,
    )
    with refusing(errors.reference_refusals(transfer_ref)):
        book.close()
    loan = book.loan
    classify(
        loan_id=loan.pk, cause=ClassCause.OPENED, day=book.today, actor=book.actor, now=book.now
    )
    application = loan.application
    status = (
        BizStatus.DISBURSED
        if disbursed_of(application.pk) >= payable_of(application).amount
        else BizStatus.PARTLY_DISBURSED
    )
    move_business(application_id=application.pk, status=status, actor=book.actor, now=book.now)
    loan.refresh_from_db()
    return loan


def _refuse(
    application: BusinessApplication, principal: Decimal, day: date, *, now: datetime
) -> None:
    is_expired = (
        application.approval_valid_until is not None and application.approval_valid_until < day
    )
    if (
        not application.is_granted
        or application.biz_status not in _MAY_PAY_OUT
        or application.approved_amount is None
        or is_expired
    ):
        raise errors.not_approved(application.doc_no)
    if principal <= 0:
        raise errors.disbursement_not_positive()
    if day > local_day(now):
        raise errors.in_the_future()
    payable = payable_of(application)
    left = payable.amount - disbursed_of(application.pk)
    if principal > left:
        raise above_payable(payable, principal, left)


def _first_product(application: BusinessApplication) -> Product:
    line = application.lines.select_related("product").first()
    if line is None:
        raise errors.not_approved(application.doc_no)
    return line.product


def _impossible(error: CalculationError) -> DomainError:
    return DomainError("REP-14", error.sentence, status=422, field=error.field, params=error.params)
