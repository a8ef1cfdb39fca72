"""What later apps tell this one; they register in their ``apps.py``.

Customers know nothing of applications, loans or products, yet some of their rules ask
about them: CUS-05, CUS-10, the product of an opportunity and the lender's limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise

CustomerCheck = Callable[[int], bool]
ProductSource = Callable[[], Sequence[tuple[str, str | Promise]]]


@dataclass(frozen=True)
class Limits:
    """The lender's own figures about customers; ages in full years, the rebate in percent.

    The defaults are those of CUS-07 and of 返点上限 (domain.md M14).
    """

    min_age: int = 18
    max_age: int = 65
    rebate_cap: Decimal = Decimal(2)


LimitSource = Callable[[], Limits]

CaseSource = Callable[[int], Iterable[int]]

_case_sources: list[CaseSource] = []
_open_document_checks: list[CustomerCheck] = []
_document_checks: list[CustomerCheck] = []
_product_sources: list[ProductSource] = []
_limit_sources: list[LimitSource] = []


def register_open_document_check(check: CustomerCheck) -> None:
    """``check(customer_id)`` is true while a document of the customer is under approval."""
    _open_document_checks.append(check)


def register_document_check(check: CustomerCheck) -> None:
    """``check(customer_id)`` is true when any document refers to the customer, also a draft."""
    _document_checks.append(check)


def register_product_source(source: ProductSource) -> None:
    """``source()`` gives (code, label) of the products on offer for an opportunity."""
    _product_sources.append(source)


def register_limit_source(source: LimitSource) -> None:
    """``source()`` reads the limits that the lender keeps; the last one that registered holds."""
    _limit_sources.append(source)


def has_open_documents(customer_id: int) -> bool:
    return any(check(customer_id) for check in _open_document_checks)


def has_documents(customer_id: int) -> bool:
    return any(check(customer_id) for check in _document_checks)


def product_choices() -> list[tuple[str, str | Promise]]:
    """Every product on offer; empty while no app keeps products."""
    return [choice for source in _product_sources for choice in source()]


def limits() -> Limits:
    """The limits in force; those of domain.md while no app keeps any."""
    return _limit_sources[-1]() if _limit_sources else Limits()


def register_case_source(source: CaseSource) -> None:
    """``source(customer_id)`` gives the ids of the cases about the customer that are alive."""
    _case_sources.append(source)


def live_cases(customer_id: int) -> list[int]:
    return sorted({pk for source in _case_sources for pk in source(customer_id)})
