"""What grows by the day: interest of the running period, and what late principal costs.

Formulas are those of domain.md §4.7 to 4.10; days are counted 算头不算尾.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import TYPE_CHECKING

from applications.calculation.dates import GridDay, Period
from applications.calculation.methods import interest
from applications.calculation.terms import Terms
from funds.models.fields import ZERO
from lending_crm.common.money import FEN, yuan

if TYPE_CHECKING:
    from funds.models import LedgerSetting, Loan, ScheduleLine


@dataclass(frozen=True)
class LateTerms:
    """How late principal is charged.

    ``multiple`` times the instalment's rate is the penalty rate before the cap. ``cap`` (annual
    percent) bounds interest and penalty interest together: BUS-05 on every accrual (N22).
    """

    multiple: Decimal
    cap: Decimal
    grace_days: int = 0
    has_late_interest: bool = True
    is_compound: bool = False
    days_a_year: int = 360

    def amount(self, base: Decimal, rate: Decimal, days: int) -> Decimal:
        """Yuan before rounding; ``rate`` is annual percent."""
        return base * rate * days / (100 * self.days_a_year)


def late_terms(loan: Loan, setting: LedgerSetting) -> LateTerms:
    return LateTerms(
        multiple=setting.misuse_multiple if loan.is_misused else setting.penalty_multiple,
        cap=loan.cost_cap,
        grace_days=setting.grace_days,
        has_late_interest=setting.late_interest,
        is_compound=setting.is_compound,
        days_a_year=365 if loan.day_count == "ACT/365" else 360,
    )


@dataclass(frozen=True)
class Growth:
    """What one instalment gains up to a day, in yuan."""

    interest: Decimal = ZERO
    penalty: Decimal = ZERO


def growth(line: ScheduleLine, day: date, terms: LateTerms) -> Growth:
    """Interest and penalty interest of late principal since they were counted last.

    A payment within the grace costs no penalty; after it the penalty counts from the day
    after the due date.
    """
    if day <= line.due or line.uncleared <= 0:
        return Growth()
    principal = line.unpaid_principal
    late = ZERO
    if terms.has_late_interest and day > line.late_to:
        days = (day - line.late_to).days
        late = yuan(terms.amount(principal, line.annual_rate, days))
    return Growth(late, _penalty(line, day, terms))


def _penalty(line: ScheduleLine, day: date, terms: LateTerms) -> Decimal:
    if day <= line.due + timedelta(days=terms.grace_days) or day <= line.penalty_to:
        return ZERO
    days = (day - line.penalty_to).days
    base = line.unpaid_principal + (line.unpaid_interest if terms.is_compound else 0)
    ordinary = line.annual_rate if terms.has_late_interest else Decimal(0)
    room = terms.amount(line.unpaid_principal, max(terms.cap - ordinary, Decimal(0)), days)
    # The cap must hold after rounding too, so its own amount is never rounded up.
    return min(
        yuan(terms.amount(base, line.annual_rate * terms.multiple, days)),
        room.quantize(FEN, ROUND_DOWN),
    )


def earned_interest(line: ScheduleLine, day: date, *, day_count: str, anchor: int) -> Decimal:
    """Interest of an instalment from the beginning of its period to ``day``, paid or not.

    ``anchor`` is the day of the month on which the loan's periods turn.
    """
    if day >= min(line.due, line.contractual_due):
        return line.interest
    if day <= line.starts_on:
        return line.carried_interest
    period = Period(GridDay.of(line.starts_on, anchor), GridDay.of(day, anchor))
    terms = Terms("BULLET", line.base, line.annual_rate, 1, line.starts_on, None, day_count)
    return min(line.carried_interest + interest(terms, line.base, period), line.interest)


def accrued_interest(line: ScheduleLine, day: date, *, day_count: str, anchor: int) -> Decimal:
    """The earned interest of a period that still runs, less what was paid or waived of it."""
    earned = earned_interest(line, day, day_count=day_count, anchor=anchor)
    return max(earned - line.interest_paid - line.interest_waived, ZERO)
