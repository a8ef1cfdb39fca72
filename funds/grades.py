"""Tone and icon of the states of a loan, one look each, everywhere."""

from __future__ import annotations

from funds.choices import LoanStatus
from lending_crm.common.design.grades import register_grades

_LOANS = {
    LoanStatus.NORMAL: ("green", "circle-check"),
    LoanStatus.OVERDUE: ("red", "clock"),
    LoanStatus.EXTENDED: ("amber", "calendar-event"),
    LoanStatus.SETTLED: ("grey", "checks"),
    LoanStatus.BAD: ("red", "alert-triangle"),
    LoanStatus.WRITTEN_OFF: ("void", "ban"),
    LoanStatus.REVERSED: ("void", "ban"),
}


def register_own() -> None:
    """Called from ``registration.py``."""
    register_grades(LoanStatus, _LOANS)
