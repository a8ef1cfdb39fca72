"""What the rules look at: one application with its rows, saved or only typed so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from applications.choices import GuaranteeWay
from applications.models import (
    AmountLine,
    BusinessApplication,
    FeeLine,
    LenderSetting,
    Security,
)
from lending_crm.common.money import yuan


@dataclass(frozen=True)
class Request:
    """An application and its rows; the rows need not be in the database yet.

    ``lpr`` is the one-year LPR of the day in percent, None when no quote was entered.
    ``has_young_loan``: a loan of the customer runs of which less than half is repaid.
    """

    application: BusinessApplication
    lines: Sequence[AmountLine]
    guarantee_items: Sequence[Security]
    fees: Sequence[FeeLine]
    setting: LenderSetting
    lpr: Decimal | None = None
    has_young_loan: bool = False

    @property
    def amount_total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal("0.00"))

    @property
    def lendable_total(self) -> Decimal:
        return sum((lendable(item) for item in self.guarantee_items), Decimal("0.00"))

    @property
    def longest_term(self) -> int | None:
        return max((line.term_months for line in self.lines), default=None)

    @property
    def highest_rate(self) -> Decimal | None:
        return max((line.annual_rate for line in self.lines), default=None)

    @property
    def is_secured_by_collateral_alone(self) -> bool:
        """Mortgage or pledge without 信用: the collateral has to carry the whole amount."""
        ways = set(self.application.guarantee)
        return bool(ways & {GuaranteeWay.MORTGAGE, GuaranteeWay.PLEDGE}) and (
            GuaranteeWay.CREDIT not in ways
        )


def lendable(item: Security) -> Decimal:
    """可贷额 = assessed value × ratio, to the fen; 0 while either is missing."""
    if item.assessed_value is None or item.ratio is None:
        return Decimal("0.00")
    return yuan(item.assessed_value * item.ratio / 100)
