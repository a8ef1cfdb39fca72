"""The refusals of 退息、免息单: domain.md's codes INT-03 to INT-06 and the product's own.

What the ledger refuses as well (INT-01, INT-02, INT-12) stands in ``funds.errors``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_day
from lending_crm.common.money import format_amount


def request_open(loan_no: str, other: str) -> DomainError:
    return DomainError(
        "INT-03",
        _("%(other)s, a refund or waiver of loan %(no)s, is on its way already."),
        status=409,
        params={"no": loan_no, "other": other},
    )


def not_repaid_early() -> DomainError:
    return DomainError(
        "INT-04",
        _("Book the early repayment before interest is refunded for it."),
        status=422,
        field="reason",
    )


def other_payer() -> DomainError:
    return DomainError(
        "INT-05",
        _("The payee's name differs from who paid the interest."),
        status=422,
        field="payee_name",
    )


def completed() -> DomainError:
    return DomainError(
        "INT-06", _("The business is completed; interest can be neither refunded nor waived.")
    )


def amount_not_positive() -> DomainError:
    return DomainError(
        "INT-07", _("The requested amount must be greater than 0."), status=422, field="amount"
    )


def type_is_fixed() -> DomainError:
    return DomainError(
        "INT-08",
        _("Refund or waiver is part of the number; void this request and make a new one."),
        status=422,
        field="relief_type",
    )


def period_outside(first: date, last: date) -> DomainError:
    return DomainError(
        "INT-09",
        _("The interest period must lie within the loan's life (%(first)s to %(last)s)."),
        status=422,
        field="to_date",
        params={"first": format_day(first), "last": format_day(last)},
    )


def above_calculated(amount: Decimal, computed: Decimal) -> DomainError:
    return DomainError(
        "INT-10",
        _("For this reason at most the computed amount of %(computed)s yuan is possible."),
        status=422,
        field="amount",
        params={"amount": format_amount(amount), "computed": format_amount(computed)},
    )


def penalty_of_refund() -> DomainError:
    return DomainError(
        "INT-11",
        _("Penalty interest can be waived, not refunded; leave it at 0."),
        status=422,
        field="penalty_part",
    )
