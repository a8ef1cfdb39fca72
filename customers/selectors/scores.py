"""The scores of the customers that a reader sees (X5)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.cache import cache
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers import hooks
from customers.choices import BORROWER_STATUSES, CustomerType
from customers.hooks import LedgerFigures
from customers.models import Customer
from customers.rules.scores import MIDDLE, Part, Score, risk_score, value_score
from lending_crm.common.pagination import paginate
from staff.models import Employee

#: the most that a chart shows and still tells apart
SHOWN = 200
_YARDSTICK = "customers.best_income"
_YARDSTICK_SECONDS = 3600
LABELS: Mapping[str, str | Promise] = {
    "income": _("Interest and fees of 12 months"),
    "years": _("Years as a customer"),
    "settled": _("Settled loans"),
    "referrals": _("Referrals"),
    "overdue": _("Longest overdue in 12 months"),
    "ltv": _("Loan to value"),
    "limit": _("Use of the limit"),
    "colour": _("Colour of the supervision"),
}
VALUE_PARTS = ("income", "years", "settled", "referrals")
RISK_PARTS = ("overdue", "ltv", "limit", "colour")


@dataclass(frozen=True)
class Scored:
    customer: Customer
    value: Score
    risk: Score

    @property
    def quadrant(self) -> str | Promise:
        """In words where the point stands, for who does not see the chart."""
        if self.value.total >= MIDDLE:
            return _("Guard") if self.risk.total >= MIDDLE else _("Cultivate")
        return _("Reduce") if self.risk.total >= MIDDLE else _("Develop")

    @property
    def parts(self) -> list[Part]:
        return [*self.value.parts, *self.risk.parts]


@dataclass(frozen=True)
class ScorePage:
    rows: list[Scored]
    has_more: bool
    has_ledger: bool

    @property
    def for_browser(self) -> str:
        """Name, risk, value and address of each point as JSON."""
        return json.dumps(
            [
                {
                    "name": row.customer.name,
                    "risk": str(row.risk.total),
                    "value": str(row.value.total),
                    "url": row.customer.get_absolute_url(),
                }
                for row in self.rows
            ],
            ensure_ascii=False,
        )


def score_page(user: Employee, *, day: date, text: str = "") -> ScorePage:
    """Customers in sight who have or had business, the most valuable first.

    At most ``SHOWN``, the newest ones; a search narrows them. One statement and those of the
    ledger.
    """
    rows = (
        Customer.objects.visible_to(user)
        .filter(biz_status__in=BORROWER_STATUSES)
        .exclude(customer_type=CustomerType.CHANNEL)
        .select_related("owner", "branch")
    )
    found = paginate(with_referrals(rows.search(text) if text else rows), size=SHOWN)
    scored = scores_of(found.items, day=day)
    scored.sort(key=lambda row: (-row.value.total, row.risk.total, row.customer.pk))
    return ScorePage(scored, found.has_next, hooks.has_ledger())


def with_referrals(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """The rows with what ``scores_of`` reads of each: how many customers it brought."""
    brought = Customer.objects.filter(channel=OuterRef("pk")).order_by().values("channel")
    number = Subquery(brought.annotate(number=Count("pk")).values("number"))
    return rows.annotate(referral_count=Coalesce(number, 0))


def best_income(day: date) -> Decimal:
    """What the value of customers is measured by, at most an hour old: the whole journal of a
    year is read for it, and it moves slowly.
    """
    key = f"{_YARDSTICK}.{day}"
    found: Decimal | None = cache.get(key)
    if found is None:
        found = hooks.best_income(day=day)
        cache.set(key, found, _YARDSTICK_SECONDS)
    return found


def scores_of(customers: list[Customer], *, day: date) -> list[Scored]:
    """The scores on ``day`` of each customer that came ``with_referrals``."""
    keys = [customer.pk for customer in customers]
    figures = hooks.ledger_figures(keys, day=day)
    best = best_income(day)
    owed = hooks.exposures(keys, day)
    nothing = LedgerFigures()
    return [
        Scored(
            customer,
            value_score(
                figures.get(customer.pk, nothing),
                best_income=best,
                referrals=customer.referral_count,  # type: ignore[attr-defined]
            ),
            risk_score(
                figures.get(customer.pk, nothing),
                exposure=owed.amounts.get(customer.pk, Decimal(0)),
                limit=owed.borrower_limit,
            ),
        )
        for customer in customers
    ]
