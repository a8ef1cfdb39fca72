"""What the ledger tells of a customer for tiers and scores (X2, X5)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from django.db.models import Count, F, Min, Q, QuerySet, Sum, Value

from applications.models import GuaranteeItem
from customers.hooks import LedgerFigures
from funds import hooks
from funds.choices import ENDED_STATUSES, EntryKind, LoanStatus, TransferStatus
from funds.models import FundTransfer, LedgerEntry, Loan
from funds.models.fields import ZERO
from funds.selectors.lateness import longest_overdue
from staff.models import Employee
from staff.work_figures import Figure

_YEAR = timedelta(days=365)
_DAYS = Decimal(365)
_TENTH = Decimal("0.1")
_EARNED = Q(kind=EntryKind.REPAYMENT) | Q(
    kind=EntryKind.REVERSAL, reverses__kind=EntryKind.REPAYMENT
)


class LoanFigures:
    """The ``LedgerSource`` of ``customers.hooks``; what is lent and paid back, by customer."""

    def figures(self, customer_ids: Collection[int], *, day: date) -> Mapping[int, LedgerFigures]:
        loans = (
            Loan.objects.filter(customer__in=customer_ids)
            .order_by()
            .values("customer")
            .annotate(
                first=Min("start_date"),
                settled=Count("pk", filter=Q(status=LoanStatus.SETTLED), distinct=True),
                unpaid=Sum("unpaid_principal", filter=~Q(status__in=ENDED_STATUSES)),
            )
        )
        overdue = longest_overdue(customer_ids, since=day - _YEAR, day=day)
        income, securities = _income_and_securities(customer_ids, day)
        colours = hooks.colours(customer_ids)
        return {
            row["customer"]: LedgerFigures(
                income=income.get(row["customer"]) or ZERO,
                years=_years(row["first"], day),
                overdue_days=overdue.get(row["customer"], 0),
                settled_loans=row["settled"],
                ltv=_share(row["unpaid"], securities.get(row["customer"])),
                colour=colours.get(row["customer"], ""),
            )
            for row in loans
        }

    def best_income(self, *, day: date) -> Decimal:
        best = _income(day).order_by("-earned").values_list("earned", flat=True).first()
        return max(best or ZERO, ZERO)


def _income(day: date) -> QuerySet:
    """Customer and what it paid beyond principal in the 12 months before, less refunds."""
    return (
        LedgerEntry.objects.filter(day__gt=day - _YEAR, day__lte=day)
        .order_by()
        .values_list("loan__customer")
        .annotate(
            earned=Sum(-F("interest") - F("penalty") - F("fee"), filter=_EARNED, default=ZERO)
            + Sum("cash", filter=Q(kind=EntryKind.REFUND), default=ZERO)
        )
    )


def _income_and_securities(
    customer_ids: Collection[int], day: date
) -> tuple[dict[int, Decimal], dict[int, Decimal]]:
    """By customer its income, and the assessed value behind its running loans; one query."""
    running = Loan.objects.filter(customer__in=customer_ids).running()
    values = (
        GuaranteeItem.objects.filter(application__in=running.values("application"))
        .order_by()
        .values_list("application__customer")
        .annotate(sum=Sum("assessed_value"), is_value=Value(1))
    )
    income = _income(day).filter(loan__customer__in=customer_ids).annotate(is_value=Value(0))
    found: tuple[dict[int, Decimal], dict[int, Decimal]] = ({}, {})
    for customer, amount, place in income.union(values, all=True):
        found[place][customer] = amount
    return found


def _years(first: date, day: date) -> Decimal:
    """Years as a borrower, in tenths that have passed: a tier waits for the whole year (X2)."""
    return (max((day - first).days, 0) / _DAYS).quantize(_TENTH, ROUND_DOWN)


def _share(unpaid: Decimal | None, value: Decimal | None) -> Decimal | None:
    """Unpaid principal of the running loans over the assessed value of their securities."""
    return unpaid / value if value and unpaid is not None else None


def transfers_of(author: Employee, first: date, last: date) -> Figure:
    """Executed transfers of a work report (M21): his own, and those of his businesses."""
    mine = Q(handler=author) | Q(application__handler=author)
    rows = FundTransfer.objects.filter(
        mine, biz_status=TransferStatus.EXECUTED, executed_on__range=(first, last)
    )
    return Figure(rows.count(), amount=rows.aggregate(total=Sum("principal"))["total"])
