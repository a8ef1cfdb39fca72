"""Set-up for the tests of fund transfers: a passed contract review, and its people."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from applications.models import BusinessApplication
from contracts.models import ContractReview
from documents.kinds import routed_kind
from documents.services.drafts import create_draft
from funds.kinds.transfer import KIND_CODE
from funds.models import FundTransfer
from funds.services.transfers import execute_transfer
from staff.models import Employee
from tests.applications.factories import Lender, fresh
from tests.contracts.factories import complete
from tests.funds.factories import reference
from tests.staff.factories import person
from workflows.models import WorkItem
from workflows.services.decisions import approve
from workflows.services.items import claim
from workflows.services.submission import submit_document


class Desk:
    """A lender with a second cashier; the first one sits on the route, the second pays."""

    def __init__(self, lender: Lender) -> None:
        self.lender, self.people = lender, lender.people
        fin = lender.people.fin
        self.cashier: Employee = person(
            "FIN", name="冯出纳", branch=fin.branch, department=fin.department
        )

    @property
    def today(self) -> date:
        return self.lender.now.date()

    def at(self, hours: int) -> datetime:
        return self.lender.now + timedelta(hours=hours)

    def review(self, approved: str = "400000.00", **values: Any) -> ContractReview:
        """Passed as the engine would have passed it today; ``values`` are those of the contract."""
        application = self.lender.approved(amount=approved)
        values.pop("prepare", lambda _application: None)(application)
        review = complete(self.lender, application, **values)
        BusinessApplication.objects.filter(pk=application.pk).update(biz_status="SIGNED")
        for status in ("IN_APPROVAL", "APPROVED"):
            routed_kind(review.kind).set_status(review, status, case=None, now=self.lender.now)
        return ContractReview.objects.get(pk=review.pk)

    def draft(self, review: ContractReview | None = None, **values: Any) -> FundTransfer:
        made: FundTransfer = create_draft(
            kind=routed_kind(KIND_CODE),
            origin=review or self.review(),
            actor=values.pop("actor", self.people.brm),
            now=self.lender.now,
            values=values,
        )
        return FundTransfer.objects.get(pk=made.pk)

    def submit(self, transfer: FundTransfer) -> FundTransfer:
        submit_document(
            kind=KIND_CODE, document_id=transfer.pk, actor=self.people.brm, now=self.lender.now
        )
        return FundTransfer.objects.get(pk=transfer.pk)

    def decide(self, transfer: FundTransfer, who: Employee, *, hours: int = 1) -> None:
        items = WorkItem.objects.filter(case__document=transfer.document_ptr, state="OPEN")
        item = items.filter(assignee=who).first() or items.get(assignee=None)
        if item.assignee_id is None:
            claim(item_id=item.pk, actor=who, now=self.at(hours))
        approve(item_id=item.pk, actor=who, now=self.at(hours), opinion="同意")

    def approved(self, review: ContractReview | None = None, **values: Any) -> FundTransfer:
        """Submitted and decided by everybody on the shipped route."""
        transfer = self.submit(self.draft(review, **values))
        steps = [self.people.bgm, self.people.hrm, self.people.fin]
        if transfer.principal > Decimal(3_000_000):
            steps.insert(2, self.people.ceo)
        for who in steps:
            self.decide(transfer, who)
        return FundTransfer.objects.get(pk=transfer.pk)

    def execute(self, transfer: FundTransfer, **values: Any) -> FundTransfer:
        given = {
            "executed_on": self.today,
            "bank_ref": reference(),
            "paid_amount": transfer.principal,
            "actor": self.cashier,
            "now": self.at(2),
        }
        execute_transfer(transfer_id=transfer.pk, **(given | values))
        return FundTransfer.objects.get(pk=transfer.pk)


__all__ = ["Desk", "fresh"]
