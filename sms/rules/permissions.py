"""Who may do what with text messages; pages ask here before they show a button."""

from __future__ import annotations

from typing import Any

from customers.choices import CustomerStatus
from customers.models import Contact, Customer
from customers.rules.permissions import sees_business
from sms.choices import SENT_KINDS, Kind
from staff.choices import RoleCode
from staff.models import Employee
from staff.selectors import roles_of


def may_read_templates(user: Any) -> bool:
    return roles_of(user).has_any(RoleCode.ADM, RoleCode.HRM, RoleCode.PLM, RoleCode.CEO)


def may_write_templates(user: Any) -> bool:
    """Draft a text; it is of no use before another person approved it."""
    return roles_of(user).has_any(RoleCode.ADM, RoleCode.HRM, RoleCode.PLM)


def may_approve_templates(user: Any) -> bool:
    """Head-office risk control answers for what the lender says to its customers."""
    return roles_of(user).has(RoleCode.HRM)


def may_change_settings(user: Any) -> bool:
    return roles_of(user).has(RoleCode.ADM)


def may_read_log(user: Any) -> bool:
    """Administrators hold no business data (N26); everybody else sees his own customers."""
    return sees_business(user)


def kinds_to_send(user: Employee, record: Customer | Contact) -> list[str]:
    """What the user may send to a record that he sees: the owner anything, supervision and
    asset recovery what they collect with."""
    customer = record.customer if isinstance(record, Contact) else record
    if user.is_active and customer.owner_id == user.pk:
        return [code for code, _label in SENT_KINDS]
    roles = roles_of(user)
    is_bad = customer.biz_status == CustomerStatus.BAD
    if roles.has(RoleCode.PLM) or (is_bad and roles.has(RoleCode.ARD)):
        return [Kind.NOTICE, Kind.COLLECTION]
    return []


def may_reveal_number(user: Employee, customer: Customer | None) -> bool:
    """The full number of a message: who may open the customer's own number, or, for a number
    that belongs to nobody, head-office risk control and supervision."""
    from customers.rules.permissions import may_reveal

    if customer is not None:
        return may_reveal(user, customer, "phone")
    return roles_of(user).has_any(RoleCode.HRM, RoleCode.PLM)
