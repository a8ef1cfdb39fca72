"""Who sees which loans: those who see the borrower (N26)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from customers.querysets import visible_customers
from funds.choices import ENDED_STATUSES

if TYPE_CHECKING:
    from staff.models import Employee


class LoanQuerySet(models.QuerySet):
    def visible_to(self, user: Employee) -> Self:
        clause = visible_customers(user, "customer__")
        return self if clause is None else self.filter(clause)

    def running(self) -> Self:
        """Neither settled nor written off."""
        return self.exclude(status__in=ENDED_STATUSES)


class RepaymentQuerySet(models.QuerySet):
    def visible_to(self, user: Employee) -> Self:
        clause = visible_customers(user, "loan__customer__")
        return self if clause is None else self.filter(clause)

    def standing(self) -> Self:
        """Not reversed."""
        return self.filter(reversed_at=None)
