"""客户等级调整 (X2): what a borrower has earned, and who may ask for another tier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from customers import hooks, tier_errors
from customers.choices import BORROWER_STATUSES, BorrowerTier, CustomerType, RiskClass
from customers.hooks import LedgerFigures
from customers.models import Customer, TierChange
from customers.rules.grading import LOSES_TIER, tier_earned
from customers.rules.permissions import may_edit, may_enter
from lending_crm.common.errors import DomainError
from staff.models import Employee

#: from the least to the most trusted
LADDER = tuple(BorrowerTier)


@dataclass(frozen=True)
class Earned:
    """The tier that the ledger's figures earn, and these figures."""

    tier: BorrowerTier
    figures: LedgerFigures


def earned_by(customer: Customer, *, day: date) -> Earned:
    """By interest and fees of 12 months, years and days overdue as of ``day``; one statement
    or a few of the ledger. Without a loan it is 普通."""
    figures = hooks.ledger_figures([customer.pk], day=day).get(customer.pk, LedgerFigures())
    return Earned(tier_earned(figures, customer.risk_class), figures)


def is_above(tier: str, other: str) -> bool:
    return LADDER.index(BorrowerTier(tier)) > LADDER.index(BorrowerTier(other))


def may_ask(user: Employee) -> bool:
    """Account managers, each for the own customers."""
    return may_enter(user)


def unaskable(customer: Customer, user: Employee) -> DomainError | None:
    """TIR-04, TIR-05 or TIR-03: what stands against beginning one; None when nothing does."""
    if not may_ask(user) or not may_edit(user, customer):
        return tier_errors.not_the_manager()
    is_channel = customer.customer_type == CustomerType.CHANNEL
    if is_channel or customer.biz_status not in BORROWER_STATUSES:
        return tier_errors.no_borrower()
    other = open_change(customer)
    return tier_errors.already_open(other) if other else None


def open_change(customer: Customer, *, excluding: int | None = None) -> str | None:
    """The number of the customer's adjustment that is not decided yet (TIR-03)."""
    others = TierChange.objects.filter(open_customer=customer)
    if excluding is not None:
        others = others.exclude(pk=excluding)
    return others.values_list("doc_no", flat=True).first()


def submission_refusals(change: TierChange) -> Iterator[DomainError]:
    """TIR-01 to TIR-03, TIR-05 and TIR-06, by figures that are computed already."""
    customer = change.customer
    if customer.biz_status not in BORROWER_STATUSES:
        yield tier_errors.no_borrower()
    if other := open_change(customer, excluding=change.pk):
        yield tier_errors.already_open(other)
    if not change.to_tier:
        return
    if change.to_tier == change.from_tier:
        yield tier_errors.same_tier()
    if reason := class_refusal(change):
        yield reason
    elif change.is_exception and not change.reason.strip():
        yield tier_errors.not_earned(
            earned=change.get_earned_tier_display(),
            income=change.income,
            years=change.years,
            overdue=change.overdue_days,
        )


def class_refusal(change: TierChange) -> DomainError | None:
    """TIR-06: at 次级 and worse nothing but 普通, whatever reason is given (X2)."""
    customer = change.customer
    if customer.risk_class in LOSES_TIER and change.to_tier != BorrowerTier.NORMAL:
        return tier_errors.class_too_bad(RiskClass(customer.risk_class).label)
    return None
