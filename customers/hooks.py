"""What later apps tell this one; they register in their ``apps.py``.

Customers know nothing of applications, loans or products, yet some of their rules ask
about them: CUS-05, CUS-10, the product of an opportunity and the lender's limits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

from django.utils.functional import Promise

if TYPE_CHECKING:
    from staff.models import Employee

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


@dataclass(frozen=True)
class Exposures:
    """What is out or may go out to each customer in yuan, and the lender's limits for one.

    A customer that is not named owes nothing; a limit that the lender has not set is None.
    """

    amounts: Mapping[int, Decimal] = field(default_factory=dict)
    borrower_limit: Decimal | None = None
    group_limit: Decimal | None = None


ExposureSource = Callable[[Collection[int], date], Exposures]


@dataclass(frozen=True)
class LedgerFigures:
    """What the loan ledger knows of one customer on a day.

    ``income`` is interest and fees received in the 12 months before, in yuan; ``years`` since
    the first loan was paid out; ``overdue_days`` the longest time overdue in these 12 months;
    ``settled_loans`` since ever; ``ltv`` the loans' share of the collateral's value, 1 at 100
    percent, None without collateral; ``colour`` that of the newest supervision report
    (``CreditColour``), empty when there is none.
    """

    income: Decimal = Decimal(0)
    years: Decimal = Decimal(0)
    overdue_days: int = 0
    settled_loans: int = 0
    ltv: Decimal | None = None
    colour: str = ""


class LedgerSource(Protocol):
    """Where the figures of the loans come from; the app that keeps the ledger registers one."""

    def figures(self, customer_ids: Collection[int], *, day: date) -> Mapping[int, LedgerFigures]:
        """Figures of those of the customers that have or had a loan, in few statements."""

    def best_income(self, *, day: date) -> Decimal:
        """The greatest ``income`` that any customer of the lender has on ``day``."""


class BranchFollower(Protocol):
    """What belongs to the branch that its customer belongs to, such as loans."""

    def follow(self, branches: Mapping[int, int], *, actor: Employee | None, now: datetime) -> None:
        """The customers (by id) are in these branches now; in the transaction that moved them."""


CaseSource = Callable[[int], Iterable[int]]

_branch_followers: list[BranchFollower] = []
_case_sources: list[CaseSource] = []
_open_document_checks: list[CustomerCheck] = []
_document_checks: list[CustomerCheck] = []
_product_sources: list[ProductSource] = []
_limit_sources: list[LimitSource] = []
_exposure_sources: list[ExposureSource] = []
_ledger_sources: list[LedgerSource] = []


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


def register_exposure_source(source: ExposureSource) -> None:
    """``source(customer_ids, day)`` adds up what is out to them; the last one holds."""
    _exposure_sources.append(source)


def exposures(customer_ids: Collection[int], day: date) -> Exposures:
    """Exposures of the customers; empty while no app keeps loans."""
    return _exposure_sources[-1](customer_ids, day) if _exposure_sources else Exposures()


def register_branch_follower(follower: BranchFollower) -> None:
    _branch_followers.append(follower)


def customers_moved(branches: Mapping[int, int], *, actor: Employee | None, now: datetime) -> None:
    """Customers (by id) may have changed their branch: what goes with them follows."""
    for follower in _branch_followers:
        follower.follow(branches, actor=actor, now=now)


def register_ledger_source(source: LedgerSource) -> None:
    """The figures of loans for tiers and scores (X2, X5); the last one that registered holds."""
    _ledger_sources.append(source)


def has_ledger() -> bool:
    return bool(_ledger_sources)


def ledger_figures(customer_ids: Collection[int], *, day: date) -> Mapping[int, LedgerFigures]:
    """Figures by customer; whoever has no loan, or without a ledger everybody, is missing."""
    return _ledger_sources[-1].figures(customer_ids, day=day) if _ledger_sources else {}


def best_income(*, day: date) -> Decimal:
    return _ledger_sources[-1].best_income(day=day) if _ledger_sources else Decimal(0)
