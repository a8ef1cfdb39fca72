"""按计划表: the repayment plan of a contract, and of the money that goes out of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from applications.choices import RepaymentMethod
from applications.costing import scaled_plan
from applications.models import BusinessApplication
from applications.plans import read_plan
from contracts.models import ContractReview

Plan = list[list[Any]]


def approved_plan(
    application: BusinessApplication, *, amount: Decimal | None = None, term: int | None = None
) -> Plan:
    """The requested plan in proportion to what was approved, or to ``amount`` within ``term``."""
    lines = application.lines.filter(method=RepaymentMethod.CUSTOM)
    rows = [row for line in lines for row in line.plan]
    return scaled_plan(
        rows,
        amount=amount or application.approved_amount or Decimal("0.00"),
        term=term or application.approved_term or 0,
    )


def contract_plan(review: ContractReview) -> Plan:
    """Stored rows for the whole contract: as typed, else the approved plan in proportion.

    None for every other method.
    """
    if review.method != RepaymentMethod.CUSTOM:
        return []
    return read_plan(review.plan) or approved_plan(
        review.application, amount=review.amount, term=review.term_months
    )


def part_of_plan(review: ContractReview, amount: Decimal) -> Plan:
    """The plan of a first payment of ``amount``, in proportion to the contract's."""
    return scaled_plan(contract_plan(review), amount=amount, term=review.term_months or 0)
