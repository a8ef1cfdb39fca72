"""The refusals of 返点申请: domain.md's codes REB-01 to REB-07 and the product's own.

REB-08 is refused for applications already and stands in ``applications.rules.refusals``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_day
from lending_crm.common.money import format_amount, format_rate


def above_reserve(amount: Decimal, available: Decimal) -> DomainError:
    return DomainError(
        "REB-01",
        _("The rebate of %(amount)s yuan exceeds the rebate balance of %(available)s yuan."),
        status=422,
        field="amount",
        params={"amount": format_amount(amount), "available": format_amount(available)},
    )


def above_cap(total: Decimal, limit: Decimal, cap: Decimal) -> DomainError:
    return DomainError(
        "REB-02",
        _(
            "Rebates of %(total)s yuan in all exceed the cap of %(limit)s yuan"
            " (%(cap)s%% of the disbursed amount)."
        ),
        status=422,
        field="amount",
        params={
            "total": format_amount(total),
            "limit": format_amount(limit),
            "cap": format_rate(cap),
        },
    )


def not_disbursed() -> DomainError:
    return DomainError(
        "REB-03", _("The funds are not transferred yet; no rebate can be applied for.")
    )


def other_payee() -> DomainError:
    return DomainError(
        "REB-04",
        _("The payee's name, bank and account must be those registered for the channel."),
        status=422,
        field="payee_account",
    )


def request_open(application_no: str, other: str) -> DomainError:
    return DomainError(
        "REB-05",
        _("%(other)s, a rebate of business %(no)s, is on its way already."),
        status=409,
        params={"no": application_no, "other": other},
    )


def agreement_ended(day: date) -> DomainError:
    return DomainError(
        "REB-06",
        _("The channel agreement ended on %(day)s."),
        status=422,
        params={"day": format_day(day)},
    )


def own_people() -> DomainError:
    return DomainError(
        "REB-07",
        _("The channel is an employee or a near relative of one; no rebate is possible."),
        status=422,
    )


def above_month_cap(total: Decimal, limit: Decimal) -> DomainError:
    return DomainError(
        "REB-09",
        _(
            "Rebates of %(total)s yuan for this channel in one month"
            " exceed the cap of %(limit)s yuan."
        ),
        status=422,
        field="amount",
        params={"total": format_amount(total), "limit": format_amount(limit)},
    )


def amount_not_positive() -> DomainError:
    return DomainError(
        "REB-10", _("The rebate must be greater than 0."), status=422, field="amount"
    )


def reserve_taken(rebates: Decimal) -> DomainError:
    return DomainError(
        "REB-11",
        _("Rebates of %(rebates)s yuan rest on this transfer; it cannot be reversed."),
        params={"rebates": format_amount(rebates)},
    )
