"""Customers as a person's holdings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext, gettext_lazy

from customers.models import Contact, Customer, Opportunity
from customers.services.co_handlers import change_co_handler
from customers.services.customers import hand_over_customer
from customers.services.handover import hand_over_customers
from documents.errors import needs_successor
from staff.handing import Holding, Move, Moved, Warrant
from staff.models import Employee


def held_customers(rows: Iterable[Customer]) -> list[Holding]:
    return [
        Holding(row.pk, row.name, row.customer_no, row.get_absolute_url(), row.pk) for row in rows
    ]


class CustomerHoldings:
    """Each needs an account manager by name."""

    code = "customers"
    title = gettext_lazy("Customers of this person")
    by_rule = ""
    order = 30
    opens_to_keepers = False

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        rows = Customer.objects.filter(owner=employee, pooled_at=None).order_by("id")
        return held_customers(rows)

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
            raise needs_successor()
        hand_over_customer(customer_id=pk, owner=successor, actor=actor, now=now)
        return successor.name


class CustomerWork(CustomerHoldings):
    """The same in a 工作移交; contacts and opportunities go along with their customer."""

    title = gettext_lazy("Customers")
    option = ""

    def hand_over(
        self,
        moves: Sequence[Move],
        *,
        employee: Employee,
        actor: Employee | None,
        now: datetime,
        warrant: Warrant,
    ) -> Mapping[int, Moved]:
        receivers = {move.holding.pk: move.successor for move in moves}
        refusals = hand_over_customers(
            receivers=receivers, giver=employee, actor=actor, now=now, warrant=warrant
        )
        return {
            move.holding.pk: Moved(
                move.holding.label,
                move.holding.url,
                said=move.successor.name if move.successor else "",
                refusal=refusals[move.holding.pk],
            )
            for move in moves
        }

    def along(self, pks: Collection[int]) -> dict[str, int]:
        return {
            gettext("Contacts"): Contact.objects.filter(customer__in=pks).count(),
            gettext("Business development"): Opportunity.objects.filter(customer__in=pks).count(),
        }


class CoHandledHoldings:
    """协办: customers of asset recovery that he helps with; they need another helper by name.

    It is he who carries them back after a full recovery (M19, 逆移交).
    """

    code = "co_handled"
    title = gettext_lazy("Customers in asset recovery that this person helps with")
    by_rule = ""
    order = 31
    opens_to_keepers = False

    def holdings(self, employee: Employee, *, now: datetime) -> list[Holding]:
        rows = Customer.objects.filter(co_handler=employee).order_by("id")
        return held_customers(rows)

    def move(
        self,
        *,
        pk: int,
        employee: Employee,
        successor: Employee | None,
        actor: Employee,
        now: datetime,
    ) -> str:
        moved = change_co_handler(
            customer_id=pk, giver=employee, successor=successor, actor=actor, now=now
        )
        return moved.co_handler.name if moved.co_handler else ""
