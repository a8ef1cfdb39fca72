"""五级分类 (domain §5): by days, on every repayment and in the regular run, worse by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from applications.assessment import local_day
from customers.choices import RiskClass
from customers.models import Customer
from customers.services.standing import set_risk_class
from documents.rules import refuse_unless
from funds import errors
from funds.choices import ClassCause
from funds.models import Loan, LoanClassification
from funds.permissions import may_classify
from funds.rules.classification import (
    Holding,
    floor_class,
    is_better,
    is_customer_bad,
    next_class,
    worst,
)
from funds.selectors.settings import buckets, current_setting
from funds.selectors.state import state_of
from funds.services.book import refresh
from lending_crm.common.text import clean_line
from staff.services.guards import lock_row, required_line

if TYPE_CHECKING:
    from staff.models import Employee


@transaction.atomic
def classify(*, loan_id: int, cause: str, day: date, actor: Employee | None, now: datetime) -> str:
    """Classify a loan and, with it, all running loans of its customer; gives the loan's class.

    A history row is written for each change. The customer's class becomes the worst of them.
    """
    customer_id = Loan.objects.values_list("customer_id", flat=True).get(pk=loan_id)
    lock_row(Customer, customer_id)
    given = classify_customer(
        customer_id=customer_id, about=loan_id, cause=cause, day=day, actor=actor, now=now
    )
    return given.get(loan_id, RiskClass.NORMAL)


def classify_customer(
    *,
    customer_id: int,
    day: date,
    now: datetime,
    about: int | None = None,
    cause: str = ClassCause.RUN,
    actor: Employee | None = None,
) -> dict[int, str]:
    """The classes of the customer's running loans by id; the caller holds the customer's lock.

    ``about`` is the loan that ``cause`` happened to; the others change by the regular run or
    because too much of what the customer owes is bad.
    """
    setting, tiers = current_setting(), buckets()
    loans = list(
        Loan.objects.filter(customer=customer_id)
        .running()
        .select_related("application")
        .select_for_update(of=("self",), no_key=True)
        .order_by("id")
    )
    given = {
        loan.pk: next_class(
            loan,
            floor=floor_class(
                loan,
                # What is booked may lie before today; the days counted last bind all the same.
                days=max(loan.days_overdue(day), loan.overdue_days),
                day=day,
                buckets=tiers,
                setting=setting,
            ),
            day=day,
            setting=setting,
        )
        for loan in loans
    }
    held = [Holding(loan.pk, given[loan.pk], loan.unpaid_principal) for loan in loans]
    by_customer: set[int] = set()
    if is_customer_bad(held, share=setting.bad_share):
        for loan in loans:
            if is_better(given[loan.pk], RiskClass.SUBSTANDARD):
                given[loan.pk] = RiskClass.SUBSTANDARD
                by_customer.add(loan.pk)
    for loan in loans:
        why = ClassCause.CUSTOMER if loan.pk in by_customer else ClassCause.RUN
        _give(
            loan,
            given[loan.pk],
            cause=cause if loan.pk == about and loan.pk not in by_customer else why,
            day=day,
            actor=actor if loan.pk == about else None,
            now=now,
        )
    set_risk_class(customer_id=customer_id, risk_class=worst(given.values()), actor=actor, now=now)
    return given


@transaction.atomic
def set_class_by_hand(
    *, loan_id: int, risk_class: str, reason: str, actor: Employee, now: datetime
) -> Loan:
    """Give a loan a worse class than its days do; head-office risk only, with a reason.

    A later call may take it back as far as the rules allow. Raises APP-01, ORG-20, REP-10 for
    an ended loan, and CLS-01 for a class better than days, history and observation allow.
    """
    refuse_unless(may_classify(actor))
    customer_id = Loan.objects.filter(pk=loan_id).values_list("customer_id", flat=True).first()
    lock_row(Customer, customer_id or 0)
    loan = lock_row(Loan, loan_id)
    reason = required_line(
        clean_line(reason),
        field="reason",
        label=LoanClassification._meta.get_field("reason").verbose_name,
        limit=200,
    )
    if loan.is_ended:
        raise errors.loan_ended(loan.loan_no)
    day, setting = local_day(now), current_setting()
    loan.manual_class = "" if risk_class == RiskClass.NORMAL else risk_class
    floor = floor_class(
        loan, days=loan.days_overdue(day), day=day, buckets=buckets(), setting=setting
    )
    best = next_class(loan, floor=floor, day=day, setting=setting)
    if best != risk_class:
        raise errors.class_too_good(RiskClass(best).label)
    loan.save(update_fields=["manual_class"])
    _give(loan, risk_class, cause=ClassCause.BY_HAND, day=day, actor=actor, now=now, reason=reason)
    classify_customer(customer_id=loan.customer_id, day=day, now=now, actor=actor)
    loan.refresh_from_db()
    return loan


def _give(
    loan: Loan,
    risk_class: str,
    *,
    cause: str,
    day: date,
    actor: Employee | None,
    now: datetime,
    reason: str = "",
) -> None:
    is_first = cause == ClassCause.OPENED and not loan.classifications.exists()
    if loan.risk_class == risk_class and not is_first:
        return
    LoanClassification.objects.create(
        loan=loan,
        day=day,
        old_class="" if is_first else loan.risk_class,
        new_class=risk_class,
        overdue_days=loan.days_overdue(day),
        cause=cause,
        reason=reason,
        actor=actor,
        at=now,
    )
    if loan.risk_class == risk_class:
        return
    loan.risk_class, loan.classified_on = risk_class, day
    state = state_of(loan)
    refresh(loan, state.lines, state.charges, today=day)
    loan.version += 1
    loan.save()
