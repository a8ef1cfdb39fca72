"""客户价值与风险 (X5): two scores of 0 to 100 with the parts that they are made of.

They help to choose whom to visit first. Nothing is ever decided by them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from customers.choices import CreditColour
from customers.hooks import LedgerFigures

_ONE, _ZERO = Decimal(1), Decimal(0)
_MAIN, _MINOR = Decimal(40), Decimal(20)
_FULL_YEARS = _FULL_LOANS = _FULL_REFERRALS = Decimal(5)
_FULL_OVERDUE = Decimal(90)
_COLOURS = {
    CreditColour.GREEN: _ZERO,
    CreditColour.YELLOW: Decimal("0.5"),
    CreditColour.RED: _ONE,
}
#: where the quadrants of the chart meet
MIDDLE = 50


@dataclass(frozen=True)
class Part:
    """``points`` of at most ``most``; ``is_known`` false where nothing to judge by exists."""

    code: str
    points: Decimal
    most: int
    is_known: bool = True


@dataclass(frozen=True)
class Score:
    parts: tuple[Part, ...]

    @property
    def total(self) -> Decimal:
        return sum((part.points for part in self.parts), _ZERO)


def value_score(figures: LedgerFigures, *, best_income: Decimal, referrals: int) -> Score:
    """Value: interest and fees against the best customer's, years, settled loans, referrals."""
    return Score(
        (
            _part("income", _MAIN, _ratio(figures.income, best_income)),
            _part("years", _MINOR, _ratio(figures.years, _FULL_YEARS)),
            _part("settled", _MINOR, _ratio(Decimal(figures.settled_loans), _FULL_LOANS)),
            _part("referrals", _MINOR, _ratio(Decimal(referrals), _FULL_REFERRALS)),
        )
    )


def risk_score(figures: LedgerFigures, *, exposure: Decimal, limit: Decimal | None) -> Score:
    """Risk: days overdue, loan to value, use of the limit, colour of the supervision.

    Without collateral the loan-to-value part is full, for nothing covers the loan; of what is
    unknown (no limit set, no report yet) no points are given.
    """
    owes = exposure > 0
    ltv = figures.ltv if figures.ltv is not None else (_ONE if owes else _ZERO)
    colour = CreditColour(figures.colour) if figures.colour in _COLOURS else None
    return Score(
        (
            _part("overdue", _MAIN, _ratio(Decimal(figures.overdue_days), _FULL_OVERDUE)),
            _part("ltv", _MINOR, _within(ltv)),
            _part(
                "limit",
                _MINOR,
                _ratio(exposure, limit) if limit else _ZERO,
                is_known=bool(limit),
            ),
            _part(
                "colour",
                _MINOR,
                _COLOURS[colour] if colour else _ZERO,
                is_known=colour is not None,
            ),
        )
    )


def _ratio(part: Decimal, whole: Decimal) -> Decimal:
    return _within(part / whole) if whole > 0 else _ZERO


def _within(share: Decimal) -> Decimal:
    return min(max(share, _ZERO), _ONE)


def _part(code: str, most: Decimal, share: Decimal, *, is_known: bool = True) -> Part:
    points = (most * share).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return Part(code, points, int(most), is_known)
