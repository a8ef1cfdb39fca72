"""Who may hand over which customer, to asset recovery and back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from applications.permissions import may_apply
from customers.choices import CustomerStatus, RiskClass
from documents.rules import refuse_unless
from lending_crm.common.errors import DomainError
from postloan.choices.bad_customers import Direction
from postloan.rules.bad_customers import refusals
from postloan.selectors.bad_customers import (
    glance_at,
    open_handover,
    owed_of,
    standing_of,
)
from staff.choices import RoleCode
from staff.selectors import roles_of

if TYPE_CHECKING:
    from customers.models import Customer
    from staff.models import Employee


def direction_of(customer: Customer) -> Direction:
    """What asset recovery has can only come back; everybody else can only be handed over."""
    return Direction.RETURN if customer.is_in_recovery else Direction.HAND_OVER


def may_hand_over(customer: Customer, user: Employee) -> bool:
    """Who answers for the customer: its account manager, or asset recovery's officer (M19)."""
    if customer.owner_id != user.pk:
        return False
    return roles_of(user).has(RoleCode.ARD) if customer.is_in_recovery else may_apply(user)


def is_co_handler(customer: Customer, user: Employee) -> bool:
    """协办人: whose customer it was before asset recovery took it over."""
    return customer.co_handler_id is not None and customer.co_handler_id == user.pk


def refuse_wrong_person(customer: Customer, *, actor: Employee) -> None:
    """Raises BAD-02 for who helps with it already, DOC-05 for anybody else."""
    if is_co_handler(customer, actor):
        raise refusals.handed_over()
    refuse_unless(may_hand_over(customer, actor))


def customer_refusal(
    customer: Customer, *, day: date, excluding: int | None = None
) -> DomainError | None:
    """BAD-06, and by direction BAD-02 and BAD-01 or BAD-07: why it cannot be handed over."""
    if other := open_handover(customer.pk, excluding=excluding):
        return refusals.handover_open(other)
    return standing_refusal(customer, direction_of(customer), day=day)


def glance_refusal(customer: Customer, *, day: date) -> DomainError | None:
    """``customer_refusal`` by what was counted and classed last, for pages that only offer it."""
    if customer.is_in_recovery or customer.biz_status == CustomerStatus.BAD:
        return customer_refusal(customer, day=day)
    if other := open_handover(customer.pk):
        return refusals.handover_open(other)
    seen = glance_at(customer.pk)
    if seen.is_bad:
        return None
    return refusals.not_bad(seen.overdue_days, customer.get_risk_class_display())


def standing_refusal(customer: Customer, direction: str, *, day: date) -> DomainError | None:
    """BAD-01, BAD-02 or BAD-07 for a handover in ``direction`` on ``day``."""
    if direction == Direction.RETURN:
        owed = owed_of(customer.pk, day)
        return refusals.not_recovered(owed) if owed else None
    if customer.is_in_recovery:
        return refusals.handed_over()
    standing = standing_of(customer.pk, day)
    is_bad = standing.is_bad or (customer.biz_status == CustomerStatus.BAD and bool(standing.loans))
    if not is_bad:
        return refusals.not_bad(standing.overdue_days, RiskClass(standing.risk_class).label)
    return None
