"""How each repayment method divides a loan over its periods (domain.md §4.1–4.5).

Every function gives one (principal, interest) pair per period. They run inside the
caller's decimal context, whose precision leaves the fen of 600 periods right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from applications.calculation.dates import Period
from applications.calculation.terms import Terms
from lending_crm.common.money import FEN

Parts = Iterator[tuple[Decimal, Decimal]]
ZERO = Decimal("0.00")
_DAYS_A_YEAR = {"ACT/360": 360, "ACT/365": 365}


def to_fen(amount: Decimal) -> Decimal:
    return amount.quantize(FEN, ROUND_HALF_UP)


def interest(terms: Terms, balance: Decimal, period: Period) -> Decimal:
    """Whole months by the monthly rate plus odd days by the daily rate, or actual days.

    Each segment is rounded on its own. Multiplying first and dividing once keeps an
    exact half exact, so that it is rounded up.
    """
    product = balance * annual_rate(terms, period) / 100
    if terms.day_count == "30/360":
        months, days = period.whole_months, period.odd_days
        return to_fen(product * months / 12) + to_fen(product * days / 360)
    return to_fen(product * period.actual_days / _DAYS_A_YEAR[terms.day_count])


def annual_rate(terms: Terms, period: Period) -> Decimal:
    """Percent a year: the period's own rate before that of the terms."""
    return terms.annual_rate if period.annual_rate is None else period.annual_rate


def period_rate(terms: Terms, period: Period) -> Decimal:
    """The unrounded rate of the period, 0.01 for one percent."""
    rate = annual_rate(terms, period)
    if terms.day_count == "30/360":
        return rate * (period.whole_months * 30 + period.odd_days) / 36000
    return rate * period.actual_days / (_DAYS_A_YEAR[terms.day_count] * 100)


def equal_instalment(terms: Terms, periods: Sequence[Period], rounding: str) -> Parts:
    """A = P·Π(1+i_k)/f_n with f_1 = 1, f_k = 1 + f_(k−1)·(1+i_k).

    The same as P·i·(1+i)^n/((1+i)^n−1) when the periods are equal, and right when they
    are not and when there is no interest.
    """
    growth, f = Decimal(1), Decimal(0)
    for period in periods:
        factor = 1 + period_rate(terms, period)
        growth *= factor
        f = 1 + f * factor
    instalment = _rounded(terms.principal * growth / f, rounding)
    balance = terms.principal
    for number, period in enumerate(periods, start=1):
        due = interest(terms, balance, period)
        # Rounding can pay off a tiny loan early or leave all of it to the end; the bounds
        # keep every part from becoming negative.
        principal = min(max(instalment - due, ZERO), balance)
        if number == len(periods):
            principal = balance
        balance -= principal
        yield principal, due


def _rounded(instalment: Decimal, rounding: str) -> Decimal:
    if rounding == "YUAN":
        return instalment.quantize(Decimal(1), ROUND_HALF_UP)
    if rounding == "YUAN_UP":
        return instalment.quantize(Decimal(1), ROUND_CEILING)
    return to_fen(instalment)


def equal_principal(terms: Terms, periods: Sequence[Period], rounding: str) -> Parts:
    balance = terms.principal
    for principal, period in zip(_equal_parts(terms, periods), periods, strict=True):
        yield principal, interest(terms, balance, period)
        balance -= principal


def flat(terms: Terms, periods: Sequence[Period], rounding: str) -> Parts:
    """Interest on the whole principal to the end, which makes the true rate far higher."""
    for principal, period in zip(_equal_parts(terms, periods), periods, strict=True):
        yield principal, interest(terms, terms.principal, period)


def _equal_parts(terms: Terms, periods: Sequence[Period]) -> Iterator[Decimal]:
    part = to_fen(terms.principal / len(periods))
    balance = terms.principal
    for _period in periods[:-1]:
        yield min(part, balance)
        balance -= min(part, balance)
    yield balance


def interest_first(terms: Terms, periods: Sequence[Period], rounding: str) -> Parts:
    for period in periods[:-1]:
        yield ZERO, interest(terms, terms.principal, period)
    yield terms.principal, interest(terms, terms.principal, periods[-1])


def bullet(terms: Terms, periods: Sequence[Period], rounding: str) -> Parts:
    """One period over the whole term."""
    yield terms.principal, interest(terms, terms.principal, periods[0])


METHODS: dict[str, Callable[[Terms, Sequence[Period], str], Parts]] = {
    "EQUAL_INSTALLMENT": equal_instalment,
    "EQUAL_PRINCIPAL": equal_principal,
    "INTEREST_FIRST": interest_first,
    "BULLET": bullet,
    "FLAT": flat,
}
