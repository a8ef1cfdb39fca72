"""What a fund transfer must keep, and how its four amounts are computed (domain M12, §4.12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from applications.assessment import current_setting
from applications.choices import BizStatus
from applications.models import BusinessApplication
from applications.rules.eligibility import barred_as
from contracts.models import ContractReview
from contracts.rules.cost import contract_cost_refusals
from documents.choices import WfStatus
from funds import errors
from funds.models import FundTransfer
from funds.rules import refusals
from funds.selectors.payable import Payable, in_use, payable_of
from lending_crm.common.errors import DomainError
from lending_crm.common.money import yuan
from staff.calendar import is_working_day
from staff.choices import RoleCode
from staff.selectors import roles_of

if TYPE_CHECKING:
    from staff.models import Employee

_PAYABLE = (BizStatus.SIGNED, BizStatus.PARTLY_DISBURSED)
_PAYEE = ("payee_name", "payee_bank", "payee_account")


@dataclass(frozen=True)
class Amounts:
    """Yuan; ``hq`` + ``branch`` is the principal, ``total`` adds the rebate's reserve."""

    hq: Decimal
    branch: Decimal
    rebate: Decimal

    @property
    def total(self) -> Decimal:
        return self.hq + self.branch + self.rebate


def amounts(principal: Decimal, *, hq_ratio: Decimal, rebate_ratio: Decimal) -> Amounts:
    """Ratios in percent; the branch takes what rounding leaves."""
    hq = yuan(principal * hq_ratio / 100)
    return Amounts(hq, principal - hq, yuan(principal * rebate_ratio / 100))


def may_create(user: Employee) -> bool:
    return roles_of(user).has(RoleCode.BRM)


def may_create_from(review: ContractReview, user: Employee) -> bool:
    """FTR-10: the risk manager of the branch that the business belongs to."""
    return review.application.branch_id in roles_of(user).branch_ids(RoleCode.BRM)


def unpayable(paper: ContractReview | FundTransfer, *, day: date) -> DomainError | None:
    """BUS-07 (N14), FTR-01 or FTR-02: what stands against paying out; None when nothing does.

    Asked when a transfer begins, at its submission, at its approval and when the money leaves:
    the customer may have become 不良 or 黑名单 in between, the approval may have
    run out: each part of the money needs a valid one (N12). ``paper`` is the review that it begins
    from, afterwards the transfer.
    """
    application = paper.application
    review = paper.review if isinstance(paper, FundTransfer) else paper
    if status := barred_as(application.customer):
        return refusals.customer_barred(status)
    valid_until = application.approval_valid_until
    has_lapsed = (
        application.biz_status in _PAYABLE and valid_until is not None and valid_until < day
    )
    if not application.is_granted or application.biz_status == BizStatus.EXPIRED or has_lapsed:
        return errors.not_approved(application.doc_no)
    if review.wf_status != WfStatus.APPROVED or review.valid_application_id is None:
        return refusals.review_not_passed()
    if application.biz_status not in (*_PAYABLE, BizStatus.DISBURSED):
        return errors.not_approved(application.doc_no)
    return None


def amount_refusals(
    application: BusinessApplication, principal: Decimal, *, excluding: int | None = None
) -> Iterator[DomainError]:
    """REP-02 and FTR-03."""
    payable = payable_of(application)
    left = payable.amount - in_use(application, excluding=excluding)
    if principal <= 0:
        yield errors.disbursement_not_positive()
    elif principal > left:
        yield above_payable(payable, principal, left)


def above_payable(payable: Payable, principal: Decimal, left: Decimal) -> DomainError:
    """FTR-03 by what bounds the payment: the approval, or a contract below it."""
    if payable.amount < payable.approved:
        return errors.above_contract(principal, left, payable.amount)
    return errors.above_undisbursed(principal, left, payable.approved)


def day_refusals(plan_on: date, *, today: date) -> Iterator[DomainError]:
    """FTR-11 and FTR-12."""
    if plan_on < today:
        yield refusals.plan_in_the_past()
    elif not is_working_day(plan_on):
        yield refusals.plan_on_rest_day()


def payee_differs(transfer: FundTransfer) -> bool:
    """FTR-05, N20."""
    return any(getattr(transfer, name) != getattr(transfer.review, name) for name in _PAYEE)


def submission_refusals(transfer: FundTransfer, *, day: date) -> Iterator[DomainError]:
    """FTR-01 to FTR-06, FTR-11, FTR-12 and BUS-05, every one that applies; the application is
    locked."""
    if reason := unpayable(transfer, day=day):
        yield reason
    yield from amount_refusals(transfer.application, transfer.principal, excluding=transfer.pk)
    yield from day_refusals(transfer.plan_on, today=day)
    if payee_differs(transfer):
        yield refusals.other_payee()
    yield from contract_cost_refusals(transfer.review)
    cap = current_setting().rebate_cap
    if transfer.rebate_ratio > cap:
        yield refusals.rebate_above_cap(transfer.rebate_ratio, cap)
