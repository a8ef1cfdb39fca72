"""What an approved handover of a bad customer brings about, to asset recovery and back (M19)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from applications.assessment import local_day
from customers.choices import CustomerStatus
from customers.services.recovery import hand_to_recovery, return_from_recovery
from funds.models import Loan
from postloan.choices.bad_customers import HandoverStatus
from postloan.choices.supervision import EndReason
from postloan.models import BadCustomerHandover
from postloan.rules.bad_customers import refusals
from postloan.selectors.bad_customers import managed_handover
from postloan.selectors.completion import is_all_completed
from postloan.services.supervision import end_supervisions

#: asset recovery writes its disposal plan within a week of taking a customer over
FIRST_STEP_DAYS = 7


def take_over(handover: BadCustomerHandover, *, now: datetime) -> None:
    """移交: asset recovery answers for the customer, supervision ends, collection begins.

    The caller holds the customer's lock and has checked BAD-01 to BAD-05 under it.
    """
    if handover.receiver is None:
        raise refusals.not_in_recovery()
    day = local_day(now)
    hand_to_recovery(
        customer_id=handover.customer_id,
        officer=handover.receiver,
        reference=handover.doc_no,
        actor=handover.receiver,
        now=now,
    )
    loans = Loan.objects.filter(customer=handover.customer_id).running()
    end_supervisions(loans, reason=EndReason.HANDED_OVER.value, now=now)
    _mark(
        handover,
        biz_status=HandoverStatus.MANAGED,
        handed_on=day,
        next_step_on=day + timedelta(days=FIRST_STEP_DAYS),
    )


def give_back(handover: BadCustomerHandover, *, now: datetime) -> None:
    """逆移交: an account manager answers for the customer again; recovery of it ends."""
    if handover.receiver is None:
        raise refusals.not_account_manager()
    managed = managed_handover(handover.customer_id)
    if managed is not None:
        _mark(managed, biz_status=HandoverStatus.RETURNED, next_step_on=None)
    is_done = is_all_completed(handover.customer_id)
    return_from_recovery(
        customer_id=handover.customer_id,
        owner=handover.receiver,
        biz_status=CustomerStatus.COMPLETED if is_done else CustomerStatus.ACTIVE,
        actor=handover.receiver,
        now=now,
    )
    _mark(handover, biz_status=HandoverStatus.RETURNED, handed_on=local_day(now))


def _mark(handover: BadCustomerHandover, **values: str | date | None) -> None:
    BadCustomerHandover.objects.filter(pk=handover.pk).update(**values)
    for name, value in values.items():
        setattr(handover, name, value)
