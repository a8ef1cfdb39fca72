"""Customers as a person's holdings."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy

from customers.models import Customer
from customers.services.customers import hand_over_customer
from lending_crm.common.errors import DomainError
from staff.handing import Holding
from staff.models import Employee


class CustomerHoldings:
    """Each needs an account manager by name."""

    code = "customers"
    title = gettext_lazy("Customers of this person")
    by_rule = ""
    order = 30

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        rows = Customer.objects.filter(owner=employee, pooled_at=None).order_by("id")
        return [Holding(row.pk, row.name, row.customer_no, row.get_absolute_url()) for row in rows]

    def move(
        self,
        *,
        pk: int,
        employee: Employee,
        successor: Employee | None,
        actor: Employee,
        now: datetime,
    ) -> str:
        if successor is None:
            raise DomainError(
                "HND-09",
                gettext_lazy("Name who takes it over."),
                status=422,
                field="successor",
            )
        hand_over_customer(customer_id=pk, owner=successor, actor=actor, now=now)
        return successor.name
