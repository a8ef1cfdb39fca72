"""The terms of a loan, checked before anything is calculated with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.calculation.dates import GridDay
from applications.calculation.errors import InvalidTerms
from lending_crm.common.money import FEN, MAX_AMOUNT

METHODS = ("EQUAL_INSTALLMENT", "EQUAL_PRINCIPAL", "INTEREST_FIRST", "BULLET", "FLAT", "CUSTOM")
DAY_COUNTS = ("30/360", "ACT/360", "ACT/365")
REST_DAY_RULES = ("SAME_DAY", "NEXT_WORKING_DAY", "PREVIOUS")
ROUNDINGS = ("FEN", "YUAN", "YUAN_UP")
MAX_MONTHS = 600
MAX_RATE = Decimal(100)


@dataclass(frozen=True)
class Terms:
    """Principal in yuan, rate in annual percent, term in months."""

    method: str
    principal: Decimal
    annual_rate: Decimal
    months: int
    start: date
    first_due: date | None
    day_count: str

    def __post_init__(self) -> None:
        check_choice("method", self.method, METHODS)
        check_choice("day_count", self.day_count, DAY_COUNTS)
        check_amount("principal", self.principal)
        if self.principal <= 0:
            raise InvalidTerms("principal", _("The principal must be greater than 0."))
        check_rate("annual_rate", self.annual_rate)
        if not isinstance(self.months, int) or isinstance(self.months, bool):
            raise InvalidTerms("months", _("The term must be a whole number of months."))
        if not 1 <= self.months <= MAX_MONTHS:
            raise InvalidTerms("months", _("The term must be 1 to %(max)s months."), max=MAX_MONTHS)
        check_day("start", self.start)
        if self.first_due is not None:
            self._check_first_due(self.first_due)

    def _check_first_due(self, first_due: date) -> None:
        check_day("first_due", first_due)
        # One month early or late at most, so that the last period keeps a length.
        latest = GridDay.of(self.start, self.start.day).plus(2).date
        if not self.start < first_due < latest:
            raise InvalidTerms(
                "first_due",
                _("The first due date must be after %(start)s and before %(latest)s."),
                start=self.start.isoformat(),
                latest=latest.isoformat(),
            )


def check_choice(field: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InvalidTerms(
            field,
            _("%(value)s is not known here; choose one of %(allowed)s."),
            value=str(value)[:40],
            allowed=", ".join(allowed),
        )


def check_amount(field: str, value: Any) -> None:
    """A Decimal of at most two places that a money column can hold, not negative."""
    if not isinstance(value, Decimal) or not value.is_finite() or abs(value) > MAX_AMOUNT:
        raise InvalidTerms(
            field, _("The amount must be a number of at most %(max)s."), max=f"{MAX_AMOUNT:,}"
        )
    if value < 0:
        raise InvalidTerms(field, _("The amount cannot be negative."))
    if value != value.quantize(FEN):
        raise InvalidTerms(field, _("The amount has more than two decimal places."))


def check_rate(field: str, value: Any) -> None:
    """A Decimal percentage from 0 to 100."""
    if not isinstance(value, Decimal) or not value.is_finite() or not 0 <= value <= MAX_RATE:
        raise InvalidTerms(field, _("The rate must be 0 to %(max)s percent."), max=MAX_RATE)


def check_day(field: str, value: Any) -> None:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidTerms(field, _("A date is needed here."))
    if not 1900 <= value.year <= 2200:
        raise InvalidTerms(field, _("The date must lie between 1900 and 2200."))
