"""What the loan ledger tells about applications; it registers in its ``apps.py``.

Without a ledger nothing is disbursed: approvals stand for what may go out.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from customers.models import Customer


@dataclass(frozen=True)
class Outstanding:
    """What an application led to, yuan: paid out so far, and principal unpaid of it."""

    disbursed: Decimal
    unpaid: Decimal


@dataclass(frozen=True)
class OldLoan:
    """A running loan that a new one may replace (借新还旧)."""

    number: str
    unpaid: Decimal


OutstandingSource = Callable[[Collection[int], date], Mapping[int, Outstanding]]
YoungLoanCheck = Callable[[int], bool]
OldLoanSource = Callable[[int], Sequence[OldLoan]]

_outstanding_sources: list[OutstandingSource] = []
_young_loan_checks: list[YoungLoanCheck] = []
_old_loan_sources: list[OldLoanSource] = []


def register_outstanding_source(source: OutstandingSource) -> None:
    """``source(application_ids, day)`` gives what they led to; those without loans are left out."""
    _outstanding_sources.append(source)


def register_young_loan_check(check: YoungLoanCheck) -> None:
    """``check(customer_id)``: a loan of the customer runs of which less than half is repaid."""
    _young_loan_checks.append(check)


def register_old_loan_source(source: OldLoanSource) -> None:
    """``source(customer_id)`` gives the customer's running loans, the newest first."""
    _old_loan_sources.append(source)


def outstanding(application_ids: Collection[int], day: date) -> dict[int, Outstanding]:
    found: dict[int, Outstanding] = {}
    if application_ids:
        for source in _outstanding_sources:
            found.update(source(application_ids, day))
    return found


def has_young_loan(customer_id: int) -> bool:
    return any(check(customer_id) for check in _young_loan_checks)


def old_loans(customer: Customer) -> list[OldLoan]:
    return [loan for source in _old_loan_sources for loan in source(customer.pk)]
