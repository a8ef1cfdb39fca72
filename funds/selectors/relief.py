"""Interest of a loan by period, as refunds and waivers are measured by it; reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q, Sum

from funds.choices import EntryKind, ReliefStatus, ReliefType, ScheduleState
from funds.models import InterestRefundWaiver, LedgerEntry, Loan, ScheduleLine
from funds.models.fields import ZERO
from funds.rules.rates import Rates
from funds.rules.spans import Span, interest_spans
from funds.selectors.loans import loan_position, refundable_interest
from funds.selectors.rates import rates_of
from funds.selectors.state import lines_in_force
from lending_crm.common.money import yuan

if TYPE_CHECKING:
    from collections.abc import Collection

_INTEREST = (EntryKind.INTEREST_DUE, EntryKind.LATE_INTEREST)
_STANDING = Q(allocations__repayment__reversed_at=None)


@dataclass(frozen=True)
class ReliefFigures:
    """Yuan; what domain M13 computes of a request. None while the period is not whole.

    ``annual_rate`` is the rate on the first day of the period.
    """

    base: Decimal | None
    annual_rate: Decimal
    days: int | None
    calc_amount: Decimal | None
    max_amount: Decimal
    unpaid_penalty: Decimal


def relief_figures(request: InterestRefundWaiver, *, day: date) -> ReliefFigures:
    """What the request stands at on ``day`` by the ledger, with its type and period as typed."""
    loan = request.loan
    first, last = request.from_date, request.to_date
    base = days = computed = None
    rate = loan.annual_rate
    if first is not None and last is not None and loan.start_date <= first < last:
        base, days = principal_on(loan, first), (last - first).days
        rates = rates_of(loan)
        rate, cost = rates.on(first), interest_between(loan, base, first, last, rates)
        computed = cost
        if request.is_refund:
            given_back = _refunded(loan, first, last, excluding=request.pk)
            received = interest_received(loan, first, last)
            computed = max(yuan(received - given_back) - cost, ZERO)
    position = loan_position(loan, day)
    unpaid = position.interest + position.accrued
    most = refundable_interest(loan) if request.is_refund else unpaid
    return ReliefFigures(
        base=base,
        annual_rate=rate,
        days=days,
        calc_amount=computed,
        max_amount=max(most - held_by_others(request), ZERO),
        unpaid_penalty=position.penalty,
    )


def held_by_others(request: InterestRefundWaiver) -> Decimal:
    """What other requests of the loan and of the same type hold while they are on their way."""
    others = InterestRefundWaiver.objects.filter(
        loan=request.loan_id, relief_type=request.relief_type
    ).exclude(pk=request.pk)
    return others.aggregate(total=Sum("claimed"))["total"] or ZERO


def principal_on(loan: Loan, day: date) -> Decimal:
    """The principal that earns interest from ``day`` on, by the journal."""
    last = LedgerEntry.objects.filter(loan=loan, day__lte=day).order_by("-no").first()
    return last.principal_after if last else ZERO


def interest_between(loan: Loan, base: Decimal, first: date, last: date, rates: Rates) -> Decimal:
    """round(B × rate × actual days), by 360 days a year or 365 (domain §4.11).

    Each day costs the rate that held on it; rounded once.
    """
    year = 365 if loan.day_count == "ACT/365" else 360
    parts = rates.parts(first, last)
    return yuan(sum(base * rate * (end - start).days / (100 * year) for start, end, rate in parts))


def interest_received(loan: Loan, first: date, last: date) -> Decimal:
    """Interest that was paid for the days from first to last, by days of each instalment's
    period, not rounded; one query."""
    lines = list(
        ScheduleLine.objects.filter(version__loan=loan)
        .exclude(version__state=ScheduleState.REVERSED)
        .annotate(received=Sum("allocations__interest", filter=_STANDING, default=ZERO))
        .order_by("contractual_due", "pk")
    )
    ends = [loan.start_date, *(line.contractual_due for line in lines)]
    spans = (
        span
        for line in lines
        if line.received
        for span in interest_spans(
            line,
            line.received,
            carried_from=max((end for end in ends if end < line.starts_on), default=line.starts_on),
        )
    )
    return sum((span.share(first, last, until=loan.settled_on) for span in spans), ZERO)


def interest_of_loan(loan: Loan) -> Decimal:
    """All interest of the loan's life: what is in the journal, and what is still to come."""
    booked = LedgerEntry.objects.filter(
        Q(kind__in=_INTEREST) | Q(kind=EntryKind.REVERSAL, reverses__kind__in=_INTEREST), loan=loan
    ).aggregate(total=Sum("interest"))["total"]
    coming = sum((line.interest - line.interest_booked for line in lines_in_force(loan)), ZERO)
    return (booked or ZERO) + coming


def payers_of(loan: Loan) -> Collection[str]:
    """The account names that the loan was repaid from, the latest first."""
    rows = loan.repayments.standing().order_by("-id").values_list("payer", flat=True)
    return list(dict.fromkeys(rows))


def _refunded(loan: Loan, first: date, last: date, *, excluding: int | None) -> Decimal:
    """What went back already for days of this period, by days of the period it went back for."""
    done = InterestRefundWaiver.objects.filter(
        loan=loan,
        relief_type=ReliefType.REFUND,
        biz_status=ReliefStatus.REFUNDED,
        from_date__lt=last,
        to_date__gt=first,
    ).exclude(pk=excluding or 0)
    rows = done.values_list("from_date", "to_date", "amount")
    spans = (Span(start, end, amount) for start, end, amount in rows if start and end)
    return sum((span.share(first, last) for span in spans), ZERO)
