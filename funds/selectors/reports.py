"""试算表, 欠款 and 分类与准备 (domain M24, §5): sums over the loans that the reader sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Aggregate, Count, Q, Sum

from customers.choices import RiskClass
from customers.querysets import visible_customers
from funds.choices import BAD_CLASSES, EntryKind
from funds.models import LedgerEntry, LedgerTotal, Loan
from funds.models.fields import ZERO
from funds.selectors.loans import loan_list
from funds.selectors.settings import buckets
from lending_crm.common.design.grades import grade_of
from lending_crm.common.design.status import Mark
from lending_crm.common.money import yuan

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from staff.models import Employee

_COLUMNS = ("principal", "interest", "penalty", "fee", "cash", "income")


@dataclass(frozen=True)
class TrialRow:
    """The entries of one kind up to a day, summed; yuan, signed as in the journal."""

    kind: str
    count: int
    principal: Decimal
    interest: Decimal
    penalty: Decimal
    fee: Decimal
    cash: Decimal
    income: Decimal

    @property
    def label(self) -> str:
        return str(EntryKind(self.kind).label) if self.kind else ""


@dataclass(frozen=True)
class TrialBalance:
    """``total`` holds what is owed, held and earned; ``difference`` is 0 in sound books."""

    rows: tuple[TrialRow, ...]
    total: TrialRow

    @property
    def receivables(self) -> Decimal:
        total = self.total
        return total.principal + total.interest + total.penalty + total.fee

    @property
    def difference(self) -> Decimal:
        return self.receivables + self.total.cash - self.total.income


def trial_balance(user: Employee, *, day: date, branch_id: int | None = None) -> TrialBalance:
    """By kind of entry, all value dates up to ``day``; one query.

    The whole company is read from the totals of its days, a part of it from the journal.
    """
    if branch_id is None and visible_customers(user) is None:
        rows: QuerySet[Any] = LedgerTotal.objects.all()
        count: Aggregate = Sum("entries")
    else:
        loans = Loan.objects.visible_to(user)
        if branch_id is not None:
            loans = loans.filter(branch=branch_id)
        rows, count = LedgerEntry.objects.filter(loan__in=loans), Count("id")
    sums = (
        rows.filter(day__lte=day)
        .order_by()
        .values_list("kind")
        .annotate(count, *(Sum(name) for name in _COLUMNS))
    )
    found = {kind: TrialRow(kind, *amounts) for kind, *amounts in sums}
    shown = tuple(found[kind] for kind in EntryKind.values if kind in found)
    total = TrialRow(
        "",
        sum(row.count for row in shown),
        *(sum((getattr(row, name) for row in shown), ZERO) for name in _COLUMNS),
    )
    return TrialBalance(shown, total)


def overdue_loans(user: Employee, *, branch_id: int | None = None) -> QuerySet[Loan]:
    """Running loans in arrears, as 借据台账 shows loans; order them by ``-overdue_days``."""
    loans = loan_list(user).running().filter(overdue_days__gt=0)
    return loans if branch_id is None else loans.filter(branch=branch_id)


@dataclass(frozen=True)
class ProvisionRow:
    """Loans of one class: how many, what is unpaid, and what is set aside for it."""

    risk_class: str
    days: str
    count: int
    unpaid: Decimal
    rate: Decimal

    @property
    def label(self) -> str:
        return str(RiskClass(self.risk_class).label)

    @property
    def grade(self) -> Mark | None:
        return grade_of(RiskClass.choices, self.risk_class)

    @property
    def provision(self) -> Decimal:
        return yuan(self.unpaid * self.rate / 100)


@dataclass(frozen=True)
class Provisions:
    rows: tuple[ProvisionRow, ...]

    @property
    def count(self) -> int:
        return sum(row.count for row in self.rows)

    @property
    def unpaid(self) -> Decimal:
        return sum((row.unpaid for row in self.rows), ZERO)

    @property
    def provision(self) -> Decimal:
        return sum((row.provision for row in self.rows), ZERO)

    @property
    def bad(self) -> Decimal:
        return sum((row.unpaid for row in self.rows if row.risk_class in BAD_CLASSES), ZERO)

    @property
    def bad_ratio(self) -> Decimal | None:
        """不良率 in percent; None when nothing is lent."""
        return self.bad * 100 / self.unpaid if self.unpaid else None


def provisions(user: Employee, *, branch_id: int | None = None) -> Provisions:
    """Unpaid principal by class and the provision for it; two queries."""
    loans = Loan.objects.visible_to(user).running()
    if branch_id is not None:
        loans = loans.filter(Q(branch=branch_id))
    sums = loans.order_by().values_list("risk_class").annotate(Count("id"), Sum("unpaid_principal"))
    found = {code: (count, unpaid) for code, count, unpaid in sums}
    rows = []
    for tier in buckets():
        count, unpaid = found.get(tier.risk_class, (0, ZERO))
        last = "" if tier.to_day is None else str(tier.to_day)
        days = f"{tier.from_day}" if last == str(tier.from_day) else f"{tier.from_day}–{last}"
        days = days if last else f"≥ {tier.from_day}"
        rows.append(ProvisionRow(tier.risk_class, days, count, unpaid, tier.provision_rate))
    return Provisions(tuple(rows))
