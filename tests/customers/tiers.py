"""Set-up for the tests of tier adjustments: a borrower with figures of the ledger."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from customers import hooks
from customers.hooks import LedgerFigures
from customers.kinds import KIND_CODE
from customers.models import Customer, TierChange
from customers.services.customers import set_business_state
from documents.kinds import routed_kind
from documents.services.drafts import create_draft
from staff.models import Employee
from tests.customers.factories import World, make_customer
from workflows.models import WorkItem
from workflows.services.decisions import approve
from workflows.services.items import claim
from workflows.services.submission import submit_document


class Ledger:
    """The figures of one customer; everybody else has no loan."""

    def __init__(self) -> None:
        self.known: dict[int, LedgerFigures] = {}

    def figures(self, customer_ids: Any, *, day: date) -> dict[int, LedgerFigures]:
        return {pk: self.known[pk] for pk in customer_ids if pk in self.known}

    def best_income(self, *, day: date) -> Decimal:
        return Decimal(200_000)


#: enough for 金, short of 钻
GOLD = LedgerFigures(income=Decimal("60000.00"), years=Decimal("2.999"))
DIAMOND = LedgerFigures(income=Decimal("200000.00"), years=Decimal(3))


class Desk:
    """A borrower of ``world.am`` and the steps of an adjustment."""

    def __init__(self, world: World, now: datetime, monkeypatch: Any) -> None:
        self.world, self.now = world, now
        self.ledger = Ledger()
        monkeypatch.setattr(hooks, "_ledger_sources", [self.ledger])
        self.customer = self.borrower()
        self.ledger.known[self.customer.pk] = GOLD

    def borrower(self, **values: Any) -> Customer:
        customer = make_customer(self.world.am, self.now, **values)
        return set_business_state(customer_id=customer.pk, biz_status="ACTIVE", now=self.now)

    def draft(
        self, *, actor: Employee | None = None, origin: Customer | None = None, **values: Any
    ) -> TierChange:
        made: TierChange = create_draft(
            kind=routed_kind(KIND_CODE),
            origin=origin or self.customer,
            actor=actor or self.world.am,
            now=self.now,
            values=values,
        )
        return made

    def submit(self, change: TierChange) -> Any:
        return submit_document(
            kind=KIND_CODE, document_id=change.pk, actor=change.handler, now=self.now
        )

    def under_approval(self, **values: Any) -> TierChange:
        change = self.draft(**values)
        self.submit(change)
        return TierChange.objects.get(pk=change.pk)

    def decide(self, change: TierChange, person: Employee, *, hours: int = 1) -> None:
        items = WorkItem.objects.filter(case__document=change.document_ptr, state="OPEN")
        item = items.filter(assignee=person).first() or items.get(assignee=None)
        now = self.now + timedelta(hours=hours)
        if item.assignee_id is None:
            claim(item_id=item.pk, actor=person, now=now)
        approve(item_id=item.pk, actor=person, now=now, opinion="同意")

    def stored(self) -> Customer:
        return Customer.objects.get(pk=self.customer.pk)
