"""How long a loan may be extended in total (贷款通则 §12, domain §4.13)."""

from __future__ import annotations

from datetime import date

from applications.calculation.dates import GridDay, months_and_days

_SHORT, _MEDIUM, _LONG_LIMIT = 12, 60, 36


def month_limit(term: int) -> int:
    """Months that a loan of ``term`` months may be extended in total."""
    if term <= _SHORT:
        return term
    return term // 2 if term <= _MEDIUM else _LONG_LIMIT


def extended_months(original_due: date, due: date) -> int:
    """Months by which the due date has moved already; a begun month counts."""
    whole, odd = months_and_days(GridDay.of(original_due, original_due.day), due)
    return whole + bool(odd)
