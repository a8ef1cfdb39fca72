"""Who may make a request about which loan."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from applications.choices import BizStatus
from applications.permissions import may_apply
from documents.rules import refuse_unless
from funds import errors
from funds.models import Loan
from lending_crm.common.errors import DomainError
from postloan.models import ExtensionRequest
from postloan.rules.extension import refusals
from postloan.rules.extension.length import extended_months, month_limit

if TYPE_CHECKING:
    from staff.models import Employee


def may_request(loan: Loan, user: Employee) -> bool:
    """The customer's account manager (domain M7)."""
    return may_apply(user) and loan.customer.owner_id == user.pk


def refuse_wrong_person(loan: Loan, *, actor: Employee) -> None:
    refuse_unless(may_request(loan, actor))


def loan_refusal(loan: Loan, *, day: date, excluding: int | None = None) -> DomainError | None:
    """EXT-01, EXT-10 or EXT-02: why nothing can be asked about the loan on ``day``."""
    if reason := standing_refusal(loan, day=day):
        return reason
    if other := other_request(loan, excluding=excluding):
        return refusals.request_open(loan.loan_no, other)
    return None


def standing_refusal(loan: Loan, *, day: date) -> DomainError | None:
    """EXT-01 or EXT-10: why the loan itself allows no request on ``day``."""
    if loan.is_ended or loan.application.biz_status == BizStatus.COMPLETED:
        return errors.extension_of_ended(loan.loan_no)
    if day < loan.start_date:
        return refusals.not_disbursed()
    return None


def nothing_to_ask(loan: Loan, *, day: date, limit: int, is_late: bool) -> DomainError | None:
    """EXT-03, EXT-05 or EXT-04: why neither type of request can be made of the loan on ``day``.

    ``limit`` is the number of extensions that the lender allows. A loan that ``is_late`` can be
    handled as overdue whatever its extensions; on the due date itself it is neither.
    """
    if is_late:
        return None
    if day >= loan.due_date:
        return refusals.past_due(loan.due_date)
    if loan.extension_count >= limit:
        return refusals.too_often(limit)
    next_total = extended_months(loan.original_due_date, loan.due_date) + 1
    return refusals.too_long(next_total) if next_total > month_limit(loan.term_months) else None


def other_request(loan: Loan, *, excluding: int | None = None) -> str | None:
    """The number of the request about the loan that is on its way (EXT-02)."""
    others = ExtensionRequest.objects.filter(open_loan=loan)
    if excluding is not None:
        others = others.exclude(pk=excluding)
    return others.values_list("doc_no", flat=True).first()
