"""五级分类 (domain §5): the class by days, what may not be better, and provisions."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from applications.choices import BizKind
from customers.choices import RiskClass
from funds.choices import BAD_CLASSES, CLASS_ORDER

if TYPE_CHECKING:
    from funds.models import ClassBucket, LedgerSetting, Loan

#: class, from and to days overdue, provision in percent
DEFAULT_BUCKETS: tuple[tuple[str, int, int | None, Decimal], ...] = (
    (RiskClass.NORMAL, 0, 0, Decimal(1)),
    (RiskClass.ATTENTION, 1, 90, Decimal(2)),
    (RiskClass.SUBSTANDARD, 91, 270, Decimal(25)),
    (RiskClass.DOUBTFUL, 271, 360, Decimal(50)),
    (RiskClass.LOSS, 361, None, Decimal(100)),
)


def worst(classes: Iterable[str]) -> str:
    return max(classes, key=lambda code: CLASS_ORDER[code], default=RiskClass.NORMAL)


def is_better(one: str, other: str) -> bool:
    return CLASS_ORDER[one] < CLASS_ORDER[other]


def class_by_days(days: int, buckets: Sequence[ClassBucket]) -> str:
    """The class that the days overdue alone give."""
    for bucket in buckets:
        if bucket.from_day <= days and (bucket.to_day is None or days <= bucket.to_day):
            return bucket.risk_class
    return RiskClass.LOSS


def are_continuous(rows: Sequence[tuple[str, int, int | None]]) -> bool:
    """CLS-02: all five classes, from 0 to infinity, from best to worst, without gap or overlap."""
    ordered = sorted(rows, key=lambda row: CLASS_ORDER[row[0]])
    if [row[0] for row in ordered] != list(CLASS_ORDER):
        return False
    expected: int | None = 0
    for _code, first, last in ordered:
        if expected is None or first != expected or (last is not None and last < first):
            return False
        expected = None if last is None else last + 1
    return expected is None


def floor_class(
    loan: Loan, *, days: int, day: date, buckets: Sequence[ClassBucket], setting: LedgerSetting
) -> str:
    """The best class that the loan may have on the day (CLS-01).

    At least 关注: used for something else, a new loan for an old one, extended lately.
    """
    reasons = [class_by_days(days, buckets)]
    watched_until = (
        loan.extended_on + timedelta(days=setting.extension_watch_days)
        if loan.extended_on
        else None
    )
    if (
        loan.is_misused
        or loan.application.biz_kind == BizKind.REFINANCE
        or (watched_until is not None and day < watched_until)
    ):
        reasons.append(RiskClass.ATTENTION)
    if loan.manual_class:
        reasons.append(loan.manual_class)
    return worst(reasons)


def next_class(loan: Loan, *, floor: str, day: date, setting: LedgerSetting) -> str:
    """The class to give: worse at once, better only after the observation.

    An upgrade needs all arrears paid and ``observation_months`` in order since then, and since
    the class was changed last.
    """
    if not is_better(floor, loan.risk_class):
        return floor
    if loan.overdue_since is not None:
        return loan.risk_class
    since = max(loan.cured_on or loan.classified_on, loan.classified_on)
    is_over = day >= months_later(since, setting.observation_months)
    return floor if is_over else loan.risk_class


def months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Holding:
    """A loan of a customer as the customer-level rule sees it."""

    loan_id: int
    risk_class: str
    unpaid_principal: Decimal


def is_customer_bad(holdings: Sequence[Holding], *, share: Decimal) -> bool:
    """More than ``share`` percent of what the customer owes is bad (bank rule art. 7)."""
    total = sum((each.unpaid_principal for each in holdings), Decimal(0))
    bad = sum(
        (each.unpaid_principal for each in holdings if each.risk_class in BAD_CLASSES), Decimal(0)
    )
    return total > 0 and bad * 100 > total * share
