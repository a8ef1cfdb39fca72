"""Rules of one customer's own fields; each check returns what it found, none raises."""

from __future__ import annotations

from datetime import date

from customers import errors, hooks
from customers.choices import CustomerType
from customers.models import Customer
from customers.rules.fields import CUSTOMER_FIELDS, CUSTOMER_TO_SAVE
from lending_crm.common.accounts import compact_account, is_account_number
from lending_crm.common.errors import DomainError
from lending_crm.common.identity import check_id_no, check_phone, check_uscc
from lending_crm.common.text import is_empty


def normalise(customer: Customer, *, today: date) -> list[DomainError]:
    """Bring the numbers into their normal form; returns the refusals of wrong ones."""
    found: list[DomainError] = []
    try:
        if customer.uscc:
            customer.uscc = check_uscc(customer.uscc)
    except DomainError as refusal:
        found.append(refusal)
    try:
        if customer.id_no:
            customer.id_no = check_id_no(customer.id_no, today=today).number
    except DomainError as refusal:
        found.append(refusal)
    try:
        if customer.phone:
            customer.phone = check_phone(customer.phone)
    except DomainError as refusal:
        found.append(refusal)
    customer.acct_no = compact_account(customer.acct_no)
    if customer.acct_no and not is_account_number(customer.acct_no):
        found.append(errors.wrong_account_number())
    return found


def check_customer(customer: Customer, *, today: date) -> list[DomainError]:
    """Every reason why the customer cannot be saved as it stands, but for taken numbers."""
    found = [
        errors.empty_field(name)
        for name in CUSTOMER_TO_SAVE[customer.customer_type]
        if is_empty(getattr(customer, name))
    ]
    found += _foreign_fields(customer)
    found += normalise(customer, today=today)
    if customer.founded_on and customer.founded_on > today:
        found.append(errors.not_in_future("founded_on"))
    if customer.rebate_ratio is not None:
        cap = hooks.limits().rebate_cap
        if customer.rebate_ratio > cap:
            found.append(errors.rebate_above_cap(cap))
    if customer.channel and (
        customer.channel.customer_type != CustomerType.CHANNEL or customer.channel_id == customer.pk
    ):
        found.append(errors.wrong_customer("channel"))
    if customer.principal_customer and (
        customer.principal_customer_id == customer.pk
        or customer.principal_customer.customer_type == CustomerType.CHANNEL
    ):
        found.append(errors.wrong_customer("principal_customer"))
    return found


def _foreign_fields(customer: Customer) -> list[DomainError]:
    known = set(CUSTOMER_FIELDS[customer.customer_type])
    every = {name for names in CUSTOMER_FIELDS.values() for name in names}
    return [
        errors.foreign_field(name)
        for name in sorted(every - known)
        if not is_empty(getattr(customer, name))
    ]
