"""Loans that the company only arranges (中介业务申请单), with their fee sheets."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from applications.models import SheetLine
from applications.services import intermediary as acts
from customers.models import Customer, Opportunity
from documents.kinds import routed_kind
from documents.services.drafts import create_draft
from reports.demo.clock import Story
from reports.demo.history import CaseHistory
from reports.demo.steps import Mediation
from reports.demo.world import World


class MediationHistory(CaseHistory):
    """One intermediary application from its draft to where it stands now."""

    kind = "intermediary_application"

    def __init__(self, world: World, plan: Mediation) -> None:
        super().__init__(world, plan)
        self.mediation = plan

    def story(self, customer: Customer, opportunity: Opportunity) -> Story:
        plan, self.handler = self.mediation, customer.owner
        now = yield self.begins
        amount = Decimal(plan.amount)
        self.application = create_draft(
            kind=routed_kind(self.kind),
            origin=opportunity,
            actor=self.handler,
            now=now,
            values={
                "funder": self.world.customers[plan.funder],
                "signed_on": timezone.localdate(now),
                "contract_no": plan.contract_no,
                "signer": customer.legal_rep or customer.name,
                "sign_amount": amount,
                "term_months": plan.term,
                "funder_rate": Decimal(plan.rate),
                "fee_rate": Decimal(plan.fee),
            },
            rows={
                "lines": [
                    {
                        "product": plan.product_name,
                        "amount": amount,
                        "term_months": plan.term,
                        "annual_rate": Decimal(plan.rate),
                        "method": plan.method,
                    }
                ],
                "sheet": [
                    {"item": item, "payee": payee, "due": Decimal(due)}
                    for item, payee, due in plan.sheet
                ],
            },
        )
        yield from self._take_steps()
        yield from self._live()

    def _live(self) -> Story:
        """The steps after the approval, at even distances until the present."""
        hours = self.ended
        for act in self.mediation.life:
            hours *= 0.7
            now = yield hours
            getattr(self, f"_{act}")(now)

    def _funding(self, now: datetime) -> None:
        acts.confirm_funding(
            document_id=self.application.pk,
            actor=self.handler,
            now=now,
            funded_on=timezone.localdate(now),
        )

    def _collect(self, now: datetime) -> None:
        for line in self._sheet():
            self._book(line, "RECEIPT", now)

    def _pay(self, now: datetime) -> None:
        for number, line in enumerate(self._sheet(), start=1):
            self._book(
                line, "PAYMENT", now, voucher=f"{timezone.localdate(now):%Y%m%d}-{number:02}"
            )

    def _fee(self, now: datetime) -> None:
        acts.confirm_fee(
            document_id=self.application.pk,
            actor=self.world.company.people["fin"],
            now=now,
            received_on=timezone.localdate(now),
        )

    def _settle(self, now: datetime) -> None:
        acts.settle(
            document_id=self.application.pk, actor=self.world.company.people["fin"], now=now
        )

    def _terminate(self, now: datetime) -> None:
        acts.terminate(
            document_id=self.application.pk,
            actor=self.handler,
            now=now,
            reason="资金方终审未通过,客户同意终止委托。",
        )

    def _sheet(self) -> list[SheetLine]:
        return list(SheetLine.objects.filter(document=self.application.pk))

    def _book(self, line: SheetLine, kind: str, now: datetime, *, voucher: str = "") -> None:
        acts.book_fee(
            line_id=line.pk,
            kind=kind,
            amount=line.due,
            booked_on=timezone.localdate(now),
            voucher=voucher,
            actor=self.world.company.people["qianjing"],
            now=now,
        )
