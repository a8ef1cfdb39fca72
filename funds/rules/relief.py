"""Who may ask for a refund or waiver of interest, and what it must keep (domain M13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from applications.choices import BizStatus
from applications.permissions import may_apply
from funds import errors
from funds.choices import CALCULATED_REASONS, ReliefReason, Treatment
from funds.models import InterestRefundWaiver, Loan
from funds.rules import relief_refusals as refusals
from lending_crm.common.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Collection

    from staff.models import Employee


def may_request(loan: Loan, user: Employee) -> bool:
    """The customer's account manager (domain §2.3)."""
    return may_apply(user) and loan.customer.owner_id == user.pk


def loan_refusal(loan: Loan, *, excluding: int | None = None) -> DomainError | None:
    """INT-06 or INT-03: why nothing can be asked about the loan."""
    if loan.application.biz_status == BizStatus.COMPLETED:
        return refusals.completed()
    others = InterestRefundWaiver.objects.filter(open_loan=loan).exclude(pk=excluding or 0)
    if other := others.values_list("doc_no", flat=True).first():
        return refusals.request_open(loan.loan_no, other)
    return None


def period_refusals(request: InterestRefundWaiver, *, day: date) -> Iterator[DomainError]:
    """INT-09: the loan lives from its disbursement until it is settled, also past due."""
    loan = request.loan
    last = loan.settled_on or max(loan.due_date, day)
    if request.from_date is None or request.to_date is None:
        return
    if not loan.start_date <= request.from_date < request.to_date <= last:
        yield refusals.period_outside(loan.start_date, last)


def amount_refusals(request: InterestRefundWaiver) -> Iterator[DomainError]:
    """INT-01, INT-02, INT-10 and INT-12, by the computed columns as they stand."""
    most, computed = request.max_amount, request.calc_amount
    if most is not None and request.amount > most:
        refuse = errors.refund_above_received if request.is_refund else errors.waiver_above_unpaid
        yield refuse(request.amount, most)
    is_bounded = request.reason in CALCULATED_REASONS
    if is_bounded and computed is not None and request.amount > computed:
        yield refusals.above_calculated(request.amount, computed)
    if request.penalty_part > request.unpaid_penalty:
        yield errors.penalty_waiver_above_unpaid(request.penalty_part, request.unpaid_penalty)


def submission_refusals(
    request: InterestRefundWaiver, *, day: date, payers: Collection[str]
) -> Iterator[DomainError]:
    """INT-01 to INT-06, INT-09, INT-10, INT-12 and REP-10, every one that applies."""
    loan = request.loan
    if reason := loan_refusal(loan, excluding=request.pk):
        yield reason
    if not request.is_refund and loan.is_ended:
        yield errors.loan_ended(loan.loan_no)
    yield from period_refusals(request, day=day)
    yield from amount_refusals(request)
    if request.is_refund:
        yield from _refund_refusals(request, payers)


def _refund_refusals(
    request: InterestRefundWaiver, payers: Collection[str]
) -> Iterator[DomainError]:
    early = request.loan.repayments.standing().exclude(treatment=Treatment.DUE)
    if request.reason == ReliefReason.EARLY_REPAYMENT and not early.exists():
        yield refusals.not_repaid_early()
    if request.payee_name and request.payee_name not in payers:
        yield refusals.other_payer()
