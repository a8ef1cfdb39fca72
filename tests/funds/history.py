"""A believable past for a loan, made by the same services as the real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from applications.assessment import local_day
from funds.choices import LineStatus, Treatment
from funds.models import Loan, ScheduleLine
from funds.selectors.loans import loan_position, settlement_figure
from funds.selectors.state import lines_in_force
from funds.services.daily import count_overdue
from funds.services.disbursement import open_loan
from funds.services.repayments import register_repayment

if TYPE_CHECKING:
    from applications.models import BusinessApplication
    from staff.models import Employee

_BANKING_HOUR = time(10, 30)


@dataclass(frozen=True)
class Behaviour:
    """How a borrower pays: ``late_days`` after each due date, ``unpaid_last`` instalments never.

    ``settles_after`` ends the loan early, so many instalments after the disbursement.
    """

    late_days: int = 0
    unpaid_last: int = 0
    settles_after: int | None = None


PUNCTUAL = Behaviour()
SLOW = Behaviour(late_days=5)
STOPPED = Behaviour(unpaid_last=4)
EARLY = Behaviour(settles_after=3)


def make_history(
    *,
    application: BusinessApplication,
    disbursed_on: date,
    bookkeeper: Employee,
    now: datetime,
    behaviour: Behaviour = PUNCTUAL,
    reference: Callable[[], str],
) -> Loan:
    """Pay the approved amount out on ``disbursed_on`` and book what fell due until ``now``.

    Terms are those of the application's first line within the approval. ``bookkeeper`` is of
    finance; ``reference()`` gives a bank reference that was not used before. Refusals of the
    services are raised: the application must be approved and valid on that day.
    """
    line = application.lines.select_related("product").order_by("position", "id")[0]
    term = min(line.term_months, application.approved_term or line.term_months)
    method = line.method if line.method != "CUSTOM" else "INTEREST_FIRST"
    loan = open_loan(
        application=application,
        transfer_ref=reference(),
        principal=application.approved_amount or Decimal(0),
        disbursed_on=disbursed_on,
        signed_on=disbursed_on,
        annual_rate=application.approved_rate or line.annual_rate,
        method=method,
        term_months=term,
        first_due=None,
        actor=bookkeeper,
        now=_moment(disbursed_on),
        product=line.product,
    )
    today = local_day(now)
    rows = lines_in_force(loan)
    due = [row for row in rows if row.due + timedelta(behaviour.late_days) <= today]
    past = len([row for row in rows if row.due < today])
    paid = due[: max(past - behaviour.unpaid_last, 0)] if behaviour.unpaid_last else due
    for index, row in enumerate(paid, start=1):
        _pay(loan, row, behaviour, bookkeeper=bookkeeper, reference=reference)
        if index == behaviour.settles_after:
            _settle(loan, row.due, bookkeeper=bookkeeper, reference=reference)
            break
    count_overdue(now=now)
    loan.refresh_from_db()
    return loan


def _pay(
    loan: Loan,
    row: ScheduleLine,
    behaviour: Behaviour,
    *,
    bookkeeper: Employee,
    reference: Callable[[], str],
) -> None:
    loan.refresh_from_db()
    day = row.due + timedelta(behaviour.late_days)
    if row.status == LineStatus.PAID or loan.is_ended:
        return
    _book(loan, loan_position(loan, day).due_total, day, Treatment.DUE, bookkeeper, reference())


def _settle(loan: Loan, after: date, *, bookkeeper: Employee, reference: Callable[[], str]) -> None:
    loan.refresh_from_db()
    if loan.is_ended:
        return
    day = max(after, loan.booked_to)
    total = settlement_figure(loan, day).total
    _book(loan, total, day, Treatment.SETTLE, bookkeeper, reference())


def _book(
    loan: Loan,
    amount: Decimal,
    day: date,
    treatment: str,
    bookkeeper: Employee,
    bank_ref: str,
) -> None:
    register_repayment(
        loan_id=loan.pk,
        amount=amount,
        paid_on=day,
        bank_ref=bank_ref,
        payer=loan.customer.acct_name or loan.customer.name,
        actor=bookkeeper,
        now=_moment(day),
        treatment=treatment,
    )


def _moment(day: date) -> datetime:
    return timezone.make_aware(
        datetime.combine(day, _BANKING_HOUR), timezone.get_default_timezone()
    )
