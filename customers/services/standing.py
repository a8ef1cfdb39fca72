"""客户状态 and 风险分类: moved by the events of lending, never by hand (domain.md M1)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from customers.choices import CustomerStatus
from customers.models import Customer
from customers.services.log import ChangeLog
from customers.services.tiers import lose_tier
from staff.models import Employee
from staff.services.guards import lock_row

_BEFORE_BORROWING = (CustomerStatus.PROSPECT, CustomerStatus.COMPLETED)


@transaction.atomic
def start_borrowing(*, customer_id: int, actor: Employee | None, now: datetime) -> Customer:
    """在贷 from the first disbursement on; a bad or blacklisted customer stays what he is."""
    customer = lock_row(Customer, customer_id)
    if customer.biz_status in _BEFORE_BORROWING:
        _set(customer, "biz_status", CustomerStatus.ACTIVE, actor=actor, now=now)
    return customer


@transaction.atomic
def set_risk_class(
    *, customer_id: int, risk_class: str, actor: Employee | None, now: datetime
) -> Customer:
    """The worst class of the customer's loans, as the ledger found it.

    At 次级 and worse the borrower's tier is lost by itself (X2).
    """
    customer = lock_row(Customer, customer_id)
    _set(customer, "risk_class", risk_class, actor=actor, now=now)
    return customer


def _set(
    customer: Customer, field: str, value: str, *, actor: Employee | None, now: datetime
) -> None:
    if getattr(customer, field) == value:
        return
    fields = [field, "borrower_tier"]
    log = ChangeLog(customer, fields)
    setattr(customer, field, value)
    lose_tier(customer=customer, actor=actor, now=now)
    customer.version += 1
    customer.save(update_fields=[*fields, "version"])
    log.write(customer, actor=actor, now=now, ip=None)
