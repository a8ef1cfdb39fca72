"""Who may supervise whom, and what can be supervised."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q

from applications.choices import BizStatus
from applications.permissions import may_see_list
from documents.rules import refuse_unless
from funds.choices import TransferStatus
from funds.models import FundTransfer
from lending_crm.common.errors import DomainError
from postloan.choices.supervision import EndReason
from postloan.models import PostLoanSupervision
from postloan.rules.supervision import refusals
from postloan.rules.supervision.schedule import due_day, last_period
from staff.choices import RoleCode
from staff.selectors import roles_of

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from customers.models import Customer
    from staff.models import Employee


def may_see_supervisions(user: Employee) -> bool:
    return may_see_list(user)


def may_supervise(user: Employee) -> bool:
    """客户经理 and 贷后专员, who are the people of 贷后监管部 (A7)."""
    return roles_of(user).has_any(RoleCode.AM, RoleCode.PLM)


def is_head_office(user: Employee) -> bool:
    """贷后专员 work on the business of every branch."""
    return roles_of(user).has(RoleCode.PLM)


def may_supervise_customer(customer: Customer, user: Employee) -> bool:
    is_own = roles_of(user).has(RoleCode.AM) and customer.owner_id == user.pk
    return is_own or is_head_office(user)


def may_report(supervision: PostLoanSupervision, user: Employee) -> bool:
    """Who may supervise the customer now, and the supervisor named (监管人)."""
    named = user.pk in (supervision.supervisor_id, supervision.handler_id)
    return may_supervise_customer(supervision.customer, user) or (named and may_supervise(user))


def reported_by(
    user: Employee, supervisions: QuerySet[PostLoanSupervision]
) -> QuerySet[PostLoanSupervision]:
    """Those of which ``may_report`` holds, in the statement that reads them."""
    if is_head_office(user):
        return supervisions
    if not may_supervise(user):
        return supervisions.none()
    return supervisions.filter(Q(customer__owner=user) | Q(supervisor=user) | Q(handler=user))


def refuse_wrong_person(customer: Customer, *, actor: Employee) -> None:
    refuse_unless(may_supervise_customer(customer, actor))


def transfer_refusal(transfer: FundTransfer) -> DomainError | None:
    """PLS-02, PLS-06 or PLS-03: why the transfer cannot be supervised now."""
    if reason := money_refusal(transfer):
        return reason
    other = PostLoanSupervision.objects.filter(live_transfer=transfer)
    if doc_no := other.values_list("doc_no", flat=True).first():
        return refusals.supervision_exists(doc_no)
    return None


def money_refusal(transfer: FundTransfer) -> DomainError | None:
    """PLS-02 or PLS-06: there is no money out to look after, or none any more."""
    loan = transfer.loan
    if transfer.biz_status != TransferStatus.EXECUTED or loan is None:
        return refusals.not_transferred()
    if loan.is_ended:
        return refusals.loan_ended(loan.loan_no)
    return None


def report_refusal(
    supervision: PostLoanSupervision, *, reported: int | None = None
) -> DomainError | None:
    """SPR-05 or SPR-07: why no report can be begun now.

    ``reported`` is how many were submitted, where the caller has counted them.
    """
    if not supervision.is_running:
        if reported is None:
            reported = supervision.reports.filter(claimed_period__isnull=False).count()
        is_wanted = reported + 1 <= last_wanted(supervision)
        return None if is_wanted else refusals.supervision_ended()
    return None if supervision.base_on else refusals.not_begun()


def last_wanted(supervision: PostLoanSupervision) -> int:
    """The last period that is reported on after the end; 0 where nothing is.

    A loan is reported on up to the day of its settlement (domain M16), until its business is
    completed and read-only (M18).
    """
    base, interval, end = supervision.base_on, supervision.interval_days, supervision.ended_on
    if base is None or interval is None or end is None:
        return 0
    is_completed = supervision.application.biz_status == BizStatus.COMPLETED
    if is_completed or supervision.end_reason != EndReason.SETTLED:
        return 0
    return last_period(base, interval, end)


def planned_day(supervision: PostLoanSupervision, period: int) -> date:
    """The day on which the period ends and the next one begins. Raises SPR-07."""
    if supervision.base_on is None or supervision.interval_days is None:
        raise refusals.not_begun()
    return due_day(supervision.base_on, supervision.interval_days, period)


def due_on_of(supervision: PostLoanSupervision, period: int) -> date:
    """应报日期: by the plan, the last one on the day of the settlement. Raises SPR-07."""
    planned = planned_day(supervision, period)
    if supervision.ended_on is None or supervision.end_reason != EndReason.SETTLED:
        return planned
    return min(planned, supervision.ended_on)
