"""客户分级 (X2): the grade of a prospect and the tier of a borrower, from figures alone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from customers.choices import BorrowerTier, CustomerStatus, CustomerType, RiskClass, Stage, Tier
from customers.hooks import LedgerFigures
from customers.models import Customer

#: from the least to the most willing
LADDER = (Tier.D, Tier.C, Tier.B, Tier.A)
#: at 次级 and worse a borrower loses his tier at once
LOSES_TIER = frozenset({RiskClass.SUBSTANDARD, RiskClass.DOUBTFUL, RiskClass.LOSS})
#: yearly interest in yuan and years as a customer that a tier asks for, the highest first
_TIERS = (
    (BorrowerTier.DIAMOND, Decimal(200_000), Decimal(3)),
    (BorrowerTier.GOLD, Decimal(50_000), Decimal(2)),
    (BorrowerTier.SILVER, Decimal(10_000), Decimal(1)),
)


def is_graded(customer: Customer) -> bool:
    """Prospects that somebody keeps; channels bring business and are none themselves."""
    return (
        customer.biz_status == CustomerStatus.PROSPECT
        and customer.customer_type != CustomerType.CHANNEL
        and customer.pooled_at is None
    )


def grade_of(stage: int | None) -> Tier:
    """By the furthest open opportunity: 无意向 without one, 有意向, 意向强, 准客户."""
    if stage is None:
        return Tier.D
    if stage >= Stage.SUBMITTED:
        return Tier.A
    return Tier.B if stage >= Stage.INVESTIGATION else Tier.C


def is_promotion(before: str, after: str) -> bool:
    return LADDER.index(Tier(after)) > LADDER.index(Tier(before))


def falls(customer: Customer, *, today: date) -> bool:
    """Not promoted while its grade was effective; who is about to sign is not taken away."""
    return customer.grade_due is not None and customer.grade_due < today and customer.tier != Tier.A


def tier_earned(figures: LedgerFigures, risk_class: str) -> BorrowerTier:
    """普通, 银, 金 or 钻 by yearly interest and years; one day overdue in 12 months means 普通."""
    if figures.overdue_days or risk_class in LOSES_TIER:
        return BorrowerTier.NORMAL
    for tier, income, years in _TIERS:
        if figures.income >= income and figures.years >= years:
            return tier
    return BorrowerTier.NORMAL
