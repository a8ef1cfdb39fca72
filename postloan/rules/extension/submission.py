"""What a request must keep to be submitted; its figures are those of the ledger on the day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from applications.choices import GuaranteeWay
from applications.rules.refusals import all_in_above_cap
from documents.models import Attachment
from funds import errors
from funds.choices import InterestTreatment
from funds.selectors.extension import extended_cost
from funds.selectors.settings import current_setting
from lending_crm.common.errors import DomainError
from postloan.models import ExtensionRequest
from postloan.rules.extension import refusals
from postloan.rules.extension.creation import loan_refusal

CONSENT_CATEGORY = "GUARANTOR_CONSENT"


def submission_refusals(request: ExtensionRequest, *, day: date) -> Iterator[DomainError]:
    """EXT-01 to EXT-13 and BUS-05, every one that applies."""
    if reason := loan_refusal(request.loan, day=day, excluding=request.pk):
        yield reason
    if request.unpaid_principal is not None and request.amount > request.unpaid_principal:
        yield errors.extension_above_unpaid(request.unpaid_principal)
    if request.is_extension:
        yield from _extension_refusals(request, day)
    elif not request.overdue_days:
        yield refusals.not_overdue()


def _extension_refusals(request: ExtensionRequest, day: date) -> Iterator[DomainError]:
    loan = request.loan
    if day >= loan.due_date:
        yield refusals.past_due(loan.due_date)
    if request.total_months and request.month_limit and request.total_months > request.month_limit:
        yield refusals.too_long(request.total_months)
    limit = current_setting().extension_limit
    if loan.extension_count >= limit:
        yield refusals.too_often(limit)
    if request.interest_treatment == InterestTreatment.SETTLE_FIRST and request.unpaid_interest:
        yield errors.extension_interest_unpaid(request.unpaid_interest)
    if needs_consent(request) and not _has_consent(request):
        yield refusals.consent_missing()
    if request.rate is not None and request.rate < loan.annual_rate:
        yield refusals.rate_below_current(request.rate, loan.annual_rate)
    yield from cost_refusals(request, day=day)


def needs_consent(request: ExtensionRequest) -> bool:
    """Guaranteed, mortgaged or pledged: who stands in for the loan must agree (贷款通则 §12)."""
    ways = request.loan.application.guarantee
    return request.is_extension and any(way != GuaranteeWay.CREDIT for way in ways)


def cost_refusals(request: ExtensionRequest, *, day: date) -> Iterator[DomainError]:
    """BUS-05: the whole loan with its extension stays below the cap that it was paid out under."""
    loan, due, rate = request.loan, request.new_due, request.rate
    if due is None or rate is None or request.amount > loan.unpaid_principal:
        return
    if due <= max(day, loan.due_date):
        return
    cost = extended_cost(loan, amount=request.amount, new_due=due, rate=rate, day=day)
    if max(cost, rate) > loan.cost_cap:
        yield all_in_above_cap(rate=max(cost, rate), cap=loan.cost_cap)


def _has_consent(request: ExtensionRequest) -> bool:
    attached = Attachment.objects.current().filter(document=request.pk, supplement=None)
    return bool(attached.filter(category=CONSENT_CATEGORY).exists())
