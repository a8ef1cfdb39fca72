"""The refusals of extension and overdue requests: domain.md's codes EXT-02 to EXT-14.

EXT-01, EXT-06, EXT-08 and EXT-11 are the ledger's own (``funds.errors``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_day
from lending_crm.common.money import format_rate


def request_open(loan_no: str, doc_no: str) -> DomainError:
    return DomainError(
        "EXT-02",
        _("An extension/overdue request %(other)s is already open on loan %(no)s."),
        params={"no": loan_no, "other": doc_no},
    )


def past_due(due: date) -> DomainError:
    return DomainError(
        "EXT-03",
        _("An extension must be submitted before the due date %(due)s; choose “Overdue” after it."),
        status=422,
        field="ext_type",
        params={"due": format_day(due)},
    )


def too_long(months: int) -> DomainError:
    return DomainError(
        "EXT-04",
        _(
            "A total extension of %(months)s months is above the limit: the original term of"
            " short loans, half of it for medium ones, 3 years for long ones."
        ),
        status=422,
        field="months",
        params={"months": months},
    )


def too_often(limit: int) -> DomainError:
    return DomainError(
        "EXT-05", _("The limit of %(limit)s extensions is reached."), params={"limit": limit}
    )


def not_overdue() -> DomainError:
    return DomainError(
        "EXT-07",
        _("The loan is not overdue; “Overdue” cannot be chosen."),
        status=422,
        field="ext_type",
    )


def consent_missing() -> DomainError:
    return DomainError(
        "EXT-09", _("The guarantor's written consent to the extension is missing."), status=422
    )


def not_disbursed() -> DomainError:
    return DomainError("EXT-10", _("The loan is not disbursed yet and cannot be extended."))


def type_is_fixed() -> DomainError:
    return DomainError(
        "EXT-12",
        _("The number of the request tells its type; begin a new request for the other type."),
        status=422,
        field="ext_type",
    )


def rate_below_current(rate: Decimal, current: Decimal) -> DomainError:
    return DomainError(
        "EXT-13",
        _(
            "The rate %(rate)s%% is below the current %(current)s%%;"
            " only head-office risk control may lower it."
        ),
        status=422,
        field="rate",
        params={"rate": format_rate(rate), "current": format_rate(current)},
    )


def amount_not_positive() -> DomainError:
    return DomainError(
        "EXT-14", _("The requested amount must be above 0."), status=422, field="amount"
    )
