"""Repayment schedules and the all-in annual cost: exact decimal arithmetic, no database.

Formulas, roundings and worked examples are in ``docs/reference/calculation.md``.
"""

from applications.calculation.cost import AllInRate, Fee, all_in_rate, monthly_irr
from applications.calculation.dates import due_after
from applications.calculation.errors import CalculationError, InvalidTerms, UnsolvableCost
from applications.calculation.rates import annual_from_monthly, daily_rate, monthly_rate
from applications.calculation.schedule import Line, PlanRow, Schedule, schedule

__all__ = [
    "AllInRate",
    "CalculationError",
    "Fee",
    "InvalidTerms",
    "Line",
    "PlanRow",
    "Schedule",
    "UnsolvableCost",
    "all_in_rate",
    "annual_from_monthly",
    "daily_rate",
    "due_after",
    "monthly_irr",
    "monthly_rate",
    "schedule",
]
