"""综合融资成本 of a contract on its own terms, against the cap of its day (BUS-05, N22; R1, R2).

A contract may be smaller or shorter than the approval (CTR-03, CTR-11); what is charged as a
fixed amount then weighs more than the approver saw.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from applications.assessment import current_setting, lpr_on
from applications.costing import Cost, cost_of
from applications.models import AmountLine
from applications.rules.limits import CostCap, cost_cap, cost_refusals
from contracts.models import ContractReview
from contracts.rules import refusals
from contracts.rules.plans import contract_plan
from lending_crm.common.errors import DomainError


def contract_cap(review: ContractReview) -> CostCap:
    """The cap with the quote of the contract date, the day of the signature (R2, R5)."""
    day = review.signed_on
    return cost_cap(current_setting(), lpr=lpr_on(day), day=day)


def contract_cost(review: ContractReview) -> Cost:
    """The one loan that the contract becomes, with the approved fees.

    What the review leaves open yet is taken from the approval.
    """
    application = review.application
    lines = list(application.lines.select_related("product"))
    if not lines:
        return Cost()
    rate = application.approved_rate if review.annual_rate is None else review.annual_rate
    loan = AmountLine(
        product=lines[0].product,
        amount=review.amount or application.approved_amount or Decimal("0.00"),
        term_months=review.term_months or application.approved_term or 0,
        annual_rate=rate or Decimal(0),
        method=review.method or lines[0].method,
        plan=contract_plan(review),
    )
    return cost_of(
        [loan], list(application.fees.all()), start=review.start_date or review.signed_on
    )


def contract_cost_refusals(review: ContractReview) -> Iterator[DomainError]:
    """BUS-05 and CTR-14, asked when the contract is reviewed and again before its money leaves."""
    cost = contract_cost(review)
    if cost.problem is not None and cost.problem.field == "plan":
        yield refusals.plan_does_not_fit(cost.problem.message)
    else:
        yield from cost_refusals(cost, contract_cap(review))
