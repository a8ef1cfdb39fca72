"""The refusals of customer completions: domain.md's codes CMP-01 to CMP-07, and four of ours."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lending_crm.common.errors import DomainError
from lending_crm.common.formats import format_day
from lending_crm.common.money import format_amount


def outstanding(
    doc_no: str, *, principal: Decimal, interest: Decimal, penalty: Decimal
) -> DomainError:
    return DomainError(
        "CMP-01",
        _(
            "Business %(no)s still owes principal of %(principal)s, interest of %(interest)s and"
            " penalties of %(penalty)s; it cannot be completed."
        ),
        params={
            "no": doc_no,
            "principal": format_amount(principal),
            "interest": format_amount(interest),
            "penalty": format_amount(penalty),
        },
    )


def open_documents(doc_no: str, others: Iterable[str]) -> DomainError:
    return DomainError(
        "CMP-02",
        _("Business %(no)s has open documents: %(list)s."),
        params={"no": doc_no, "list": _joined(others)},
    )


def not_released(items: Iterable[str]) -> DomainError:
    return DomainError(
        "CMP-03",
        _("These securities are not released: %(list)s."),
        status=422,
        field="releases",
        params={"list": _joined(items)},
    )


def fees_uncleared(balance: Decimal) -> DomainError:
    return DomainError(
        "CMP-05",
        _("A balance of %(balance)s of collected fees is not cleared."),
        params={"balance": format_amount(balance)},
    )


def not_disbursed(doc_no: str) -> DomainError:
    return DomainError(
        "CMP-06",
        _("Business %(no)s is not disbursed; void it instead of completing it."),
        params={"no": doc_no},
    )


def unpaid(numbers: Iterable[str]) -> DomainError:
    return DomainError(
        "CMP-07",
        _("Rebates or interest refunds are not paid: %(list)s."),
        params={"list": _joined(numbers)},
    )


def wrong_day(first: date, last: date) -> DomainError:
    return DomainError(
        "CMP-08",
        _("The day of settlement must be from %(first)s to %(last)s."),
        status=422,
        field="settled_on",
        params={"first": format_day(first), "last": format_day(last)},
    )


def nothing_to_complete() -> DomainError:
    return DomainError("CMP-09", _("The customer has no disbursed business that is not completed."))


def not_of_customer(row: int, doc_no: str) -> DomainError:
    return DomainError(
        "CMP-10",
        _("Business %(no)s is not one of this customer."),
        status=422,
        field=f"businesses.{row}.application",
        params={"no": doc_no},
    )


def listed_twice(row: int, doc_no: str) -> DomainError:
    return DomainError(
        "CMP-11",
        _("Business %(no)s is listed twice."),
        status=422,
        field=f"businesses.{row}.application",
        params={"no": doc_no},
    )


def _joined(texts: Iterable[str]) -> str:
    return gettext(", ").join(texts)
