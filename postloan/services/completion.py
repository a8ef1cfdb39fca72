"""已完结: what an approved completion brings about (M18)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from applications.choices import BizStatus
from applications.models import BusinessApplication
from applications.services.business import move_business
from customers.choices import CustomerStatus
from customers.services.customers import set_business_state
from postloan.choices.supervision import EndReason
from postloan.selectors.completion import is_all_completed, standing_loans
from postloan.services.supervision import end_supervisions

if TYPE_CHECKING:
    from customers.models import Customer
    from staff.models import Employee


def complete_businesses(
    *,
    customer: Customer,
    businesses: Sequence[BusinessApplication],
    reference: str,
    actor: Employee,
    now: datetime,
) -> None:
    """Close the businesses for good and end the supervision of their loans.

    Once none of the customer's businesses is alive, 在贷 becomes 已完结. The caller holds the
    customer's lock and has checked CMP-01 to CMP-07 under it.
    """
    ids = [business.pk for business in businesses]
    end_supervisions(standing_loans(ids), reason=EndReason.COMPLETED.value, now=now)
    for pk in ids:
        move_business(application_id=pk, status=BizStatus.COMPLETED, actor=actor, now=now)
    if customer.biz_status == CustomerStatus.ACTIVE and is_all_completed(customer.pk):
        set_business_state(
            customer_id=customer.pk, biz_status=CustomerStatus.COMPLETED, actor=actor, now=now
        )
