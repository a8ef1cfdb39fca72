"""The same rate as annual, monthly and daily percent (domain.md §0)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_R4 = Decimal("0.0001")
_DAYS_A_YEAR = {"30/360": 360, "ACT/360": 360, "ACT/365": 365}


def monthly_rate(annual_rate: Decimal) -> Decimal:
    """月利率 %: a twelfth of the annual rate, four decimals."""
    return (annual_rate / 12).quantize(_R4, ROUND_HALF_UP)


def daily_rate(annual_rate: Decimal, day_count: str = "30/360") -> Decimal:
    """日利率 %: by 360 days a year, or 365 where the day count says so; four decimals."""
    return (annual_rate / _DAYS_A_YEAR[day_count]).quantize(_R4, ROUND_HALF_UP)


def annual_from_monthly(rate: Decimal) -> Decimal:
    """年利率 % of a monthly rate: staff's "1分5" is 1.5 % a month, 18 % a year."""
    return (rate * 12).quantize(_R4, ROUND_HALF_UP)
