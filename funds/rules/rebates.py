"""Who may ask for the rebate of a business, and what it must keep (domain M14, N9)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from applications.assessment import current_setting as lender_setting
from applications.choices import BizStatus
from applications.models import BusinessApplication
from applications.permissions import may_apply
from applications.rules.refusals import rebate_without_channel
from customers.models import Customer
from customers.selectors.related import related_employees
from funds.errors import business_completed
from funds.models import RebateApplication
from funds.rules import rebate_refusals as refusals
from funds.selectors.rebates import Reserve, claimed_in_month, reserve_of
from funds.selectors.settings import current_setting
from lending_crm.common.errors import DomainError
from lending_crm.common.money import yuan

if TYPE_CHECKING:
    from staff.models import Employee


def may_request(application: BusinessApplication, user: Employee) -> bool:
    """The customer's account manager (domain §2.3)."""
    return may_apply(user) and application.customer.owner_id == user.pk


def business_refusals(
    application: BusinessApplication, found: Reserve, *, excluding: int | None = None
) -> Iterator[DomainError]:
    """CMP-04, REB-08, REB-03 and REB-05: what stands against any rebate of the business."""
    if application.biz_status == BizStatus.COMPLETED:
        yield business_completed(application.doc_no)
    if application.channel_id is None:
        yield rebate_without_channel()
    if not found.principal:
        yield refusals.not_disbursed()
    others = RebateApplication.objects.filter(open_application=application).exclude(
        pk=excluding or 0
    )
    if other := others.values_list("doc_no", flat=True).first():
        yield refusals.request_open(application.doc_no, other)


def channel_refusals(channel: Customer, *, day: date) -> Iterator[DomainError]:
    """REB-06 and REB-07: whom nothing may be paid to."""
    if channel.agreement_end is not None and channel.agreement_end < day:
        yield refusals.agreement_ended(channel.agreement_end)
    if related_employees(channel.pk):
        yield refusals.own_people()


def amount_refusals(amount: Decimal, found: Reserve) -> Iterator[DomainError]:
    """REB-10, REB-01 and REB-02."""
    if amount <= 0:
        yield refusals.amount_not_positive()
    if amount > found.available:
        yield refusals.above_reserve(amount, found.available)
    cap = lender_setting().rebate_cap
    limit, total = yuan(found.principal * cap / 100), found.claimed + amount
    if total > limit:
        yield refusals.above_cap(total, limit, cap)


def month_refusals(rebate: RebateApplication, *, day: date) -> Iterator[DomainError]:
    """REB-09, for the month of the claim; read with the channel locked."""
    limit = current_setting().rebate_month_cap
    month = rebate.claimed_on or day
    total = claimed_in_month(rebate.channel_id, month, excluding=rebate.pk) + rebate.amount
    if total > limit:
        yield refusals.above_month_cap(total, limit)


def submission_refusals(rebate: RebateApplication, *, day: date) -> Iterator[DomainError]:
    """CMP-04 and REB-01 to REB-10, every one that applies; application and channel are locked."""
    found = reserve_of(rebate.application_id, excluding=rebate.pk)
    yield from business_refusals(rebate.application, found, excluding=rebate.pk)
    yield from channel_refusals(rebate.channel, day=day)
    yield from amount_refusals(rebate.amount, found)
    yield from month_refusals(rebate, day=day)
    if payee_differs(rebate):
        yield refusals.other_payee()


def payment_refusals(rebate: RebateApplication, *, day: date) -> Iterator[DomainError]:
    """REB-01, REB-02, REB-04, REB-06, REB-07 and REB-09, asked again when the money goes out
    on ``day``; application and channel are locked."""
    yield from channel_refusals(rebate.channel, day=day)
    yield from amount_refusals(
        rebate.amount, reserve_of(rebate.application_id, excluding=rebate.pk)
    )
    yield from month_refusals(rebate, day=day)
    if payee_differs(rebate):
        yield refusals.other_payee()


def channel_account(channel: Customer) -> dict[str, str]:
    """收款户名/开户行/账号: the one account that the rebates of a channel go to (M14)."""
    return {
        "payee_name": channel.acct_name or channel.name,
        "payee_bank": channel.bank,
        "payee_account": channel.acct_no,
    }


def payee_differs(rebate: RebateApplication) -> bool:
    """REB-04; an empty payee is a missing field and no other one."""
    registered = channel_account(rebate.channel)
    given = {name: getattr(rebate, name) for name in registered}
    return any(value and value != registered[name] for name, value in given.items())
