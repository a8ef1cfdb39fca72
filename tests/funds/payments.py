"""Set-up for the tests of refunds, waivers and rebates: documents that finance pays."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from applications.models import BusinessApplication
from customers.models import Customer
from documents.engine_door import engine_writes
from documents.kinds import routed_kind
from documents.services.drafts import create_draft
from funds.models import FundTransfer, InterestRefundWaiver, Loan, RebateApplication
from funds.services import rebates, relief
from funds.services.rebates import pay_rebate
from funds.services.relief import pay_refund
from staff.models import Employee
from tests.applications.factories import Lender, attach_paper, fresh
from tests.applications.test_approval import again
from tests.customers.factories import make_channel
from tests.funds.factories import Ledger, at, money, reference
from tests.funds.transfers import Desk
from workflows.models import WorkItem
from workflows.services.decisions import approve
from workflows.services.items import claim
from workflows.services.submission import submit_document

DUE = date(2026, 4, 2)


class Cashier:
    """A ledger, and a second person of finance who pays what the first one approved."""

    def __init__(self, lender: Lender) -> None:
        self.lender, self.people = lender, lender.people
        self.ledger, self.desk = Ledger(lender), Desk(lender)
        self.cashier: Employee = self.desk.cashier

    # interest

    def relief(self, loan: Loan, day: date = DUE, **values: Any) -> InterestRefundWaiver:
        """A draft of a waiver of 1,000.00 for the first month; ``values`` replace that."""
        given = {
            "relief_type": "WAIVER",
            "reason": "NEGOTIATED",
            "from_date": self.ledger.start,
            "to_date": DUE,
            "amount": money(1000),
        }
        made = create_draft(
            kind=routed_kind(relief.KIND_CODE),
            origin=Loan.objects.get(pk=loan.pk),
            actor=again(values.pop("actor", self.people.am)),
            now=at(day),
            values=given | values,
        )
        return InterestRefundWaiver.objects.get(pk=made.pk)

    def refund(self, loan: Loan, day: date = DUE, **values: Any) -> InterestRefundWaiver:
        last = Loan.objects.get(pk=loan.pk).settled_on or DUE
        return self.relief(loan, day, **({"relief_type": "REFUND", "to_date": last} | values))

    # rebates

    def channel(self, **values: Any) -> Customer:
        name = "沈阳渠道咨询有限公司"
        given = {"name": name, "acct_name": name, "bank": "工商银行", "acct_no": "2101000000123456"}
        return make_channel(self.people.am, self.lender.now, **(given | values))

    def business(
        self, *, channel: Customer | None = None, amount: str = "400000.00", ratio: str = "1.5"
    ) -> BusinessApplication:
        """Paid out whole, with a reserve of ``ratio`` percent for its channel."""
        transfer = self.transfer(channel=channel, amount=amount, ratio=ratio)
        return fresh(self.desk.execute(transfer).application)

    def transfer(
        self, *, channel: Customer | None = None, amount: str = "400000.00", ratio: str = "1.5"
    ) -> FundTransfer:
        review = self.desk.review(amount)
        with transaction.atomic(), engine_writes():
            BusinessApplication.objects.filter(pk=review.application_id).update(
                channel=channel or self.channel(), rebate_ratio=Decimal(ratio)
            )
        return self.desk.approved(type(review).objects.get(pk=review.pk))

    def rebate(self, application: BusinessApplication, **values: Any) -> RebateApplication:
        """A draft that lacks nothing; it asks for all that is available."""
        made = create_draft(
            kind=routed_kind(rebates.KIND_CODE),
            origin=application,
            actor=again(values.pop("actor", self.people.am)),
            now=self.desk.at(2),
            values=values,
        )
        for category in ("REBATE_INVOICE", "REBATE_AGREEMENT"):
            attach_paper(made, category)
        return RebateApplication.objects.get(pk=made.pk)

    # the route and the money

    def submit(self, document: Any, now: datetime) -> Any:
        submit_document(
            kind=document.kind, document_id=document.pk, actor=again(document.handler), now=now
        )
        return type(document).objects.get(pk=document.pk)

    def decide(self, document: Any, who: Employee, now: datetime) -> None:
        item = self.item(document, who)
        if item.assignee_id is None:
            claim(item_id=item.pk, actor=again(who), now=now)
        approve(item_id=item.pk, actor=again(who), now=now, opinion="同意")

    def item(self, document: Any, who: Employee) -> WorkItem:
        items = WorkItem.objects.filter(case__document=document.document_ptr, state="OPEN")
        return items.filter(assignee=who).first() or items.get(assignee=None)

    def approved(self, document: Any, now: datetime, *extra: str) -> Any:
        """Submitted and decided by everybody on the shipped route; ``extra`` levels by role."""
        document = self.submit(document, now)
        is_rebate = document.kind == rebates.KIND_CODE
        roles = ["tl", "bgm"] if is_rebate else ["tl", "brm", "bgm"]
        for minutes, role in enumerate([*roles, *extra, "fin"], start=1):
            self.decide(document, getattr(self.people, role), now + timedelta(minutes=minutes))
        return type(document).objects.get(pk=document.pk)

    def pay(self, document: Any, now: datetime, **values: Any) -> Any:
        act = pay_rebate if document.kind == rebates.KIND_CODE else pay_refund
        given = {
            "paid_on": now.date(),
            "bank_ref": reference(),
            "actor": self.cashier,
            "now": now,
        }
        act(document_id=document.pk, **(given | values))
        return type(document).objects.get(pk=document.pk)
