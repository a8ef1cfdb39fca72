"""Documents about a customer: interest relief, rebates, completions, handovers, tiers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from customers.models import Customer
from documents.choices import WfStatus
from documents.kinds import RoutedDocumentKind, routed_kind
from documents.services.attachments import add_attachment
from documents.services.drafts import create_draft, update_draft
from documents.services.printing import print_document
from funds.models import Loan
from funds.services.rebates import pay_rebate
from funds.services.relief import pay_refund
from funds.services.repayments import register_repayment
from postloan.choices.bad_customers import RecoveryKind
from postloan.kinds.completion import CERTIFICATE
from postloan.models import BadCustomerHandover
from postloan.services.bad_records import write_record
from reports.demo import papers
from reports.demo.clock import Story
from reports.demo.matters import Paper
from reports.demo.plans.afterwards import (
    BAD_HANDOVERS,
    COMPLETIONS,
    OPINIONS,
    REBATES,
    RECOVERIES,
    REFUNDS,
    TIERS,
    WAIVERS,
)
from reports.demo.routing import pass_route
from reports.demo.world import World

_CASHIER = "qianjing"


def start_deeds(world: World) -> None:
    for story, plans in _STORIES:
        for plan in plans:
            world.timeline.start(story(world, plan).story())


class PaperHistory:
    """One document of a kind, from its draft to where it stands; ``kind_code`` by the class."""

    kind_code = ""

    def __init__(self, world: World, plan: Paper) -> None:
        self.world, self.plan = world, plan
        clock = world.clock
        begins = clock.hours_since(clock.today - timedelta(days=plan.days))
        self.begins = begins if plan.days else plan.hours

    @property
    def kind(self) -> RoutedDocumentKind:
        return routed_kind(self.kind_code)

    def story(self) -> Story:
        now = yield self.begins
        self.customer = Customer.objects.select_related("owner").get(
            pk=self.world.customers[self.plan.customer].pk
        )
        self.owner = self.customer.owner
        self.document = self.draft(now)
        for category, title in self.plan.files:
            self._attach(category, title, now=now)
        if self.plan.is_draft:
            return
        begins = max(self.begins - 0.5, 0.3)
        people = self.plan.people
        hours = yield from pass_route(
            self.world, self.document, people, begins=begins, words=OPINIONS[self.kind_code]
        )
        yield from self.afterwards(hours)

    def draft(self, now: datetime) -> Any:
        return create_draft(
            kind=self.kind,
            origin=self.origin(),
            actor=self.owner,
            now=now,
            values=self.values(now),
        )

    def origin(self) -> Any:
        return self.customer

    def values(self, now: datetime) -> dict[str, Any]:
        return dict(self.plan.values)

    def afterwards(self, hours: float) -> Story:
        """What follows the approval, ``hours`` working hours ago."""
        yield from ()

    def loan(self) -> Loan:
        found: Loan = (
            Loan.objects.select_related("customer", "application__channel")
            .filter(customer=self.customer)
            .latest("pk")
        )
        return found

    def reference(self, now: datetime) -> str:
        return f"{timezone.localdate(now):%Y%m%d}{self.world.chance.randrange(10**8):08}"

    def stored(self) -> Any:
        return self.kind.get(self.document.pk)

    def _attach(self, category: str, title: str, *, now: datetime) -> None:
        lines = [f"客户:{self.customer.name}", f"单据编号:{self.document.doc_no}"]
        add_attachment(
            document_id=self.document.pk,
            actor=self.document.handler,
            now=now,
            title=title,
            category=category,
            upload=papers.pdf(f"{title}-{self.customer.name}", title, lines),
        )


class _PaidHistory(PaperHistory):
    """A document that finance pays once it is approved."""

    pay: Callable[..., Any]

    def afterwards(self, hours: float) -> Story:
        if self.stored().wf_status != WfStatus.APPROVED:
            return
        now = yield max(hours - self.world.hours(2, 8), 0.2)
        type(self).pay(
            document_id=self.document.pk,
            paid_on=timezone.localdate(now),
            bank_ref=self.reference(now),
            actor=self.world.company.people[_CASHIER],
            now=now,
            receipt=papers.pdf(
                f"付款回单-{self.customer.name}",
                "付款回单",
                [f"收款人:{self.stored().payee_name}", f"金额:{self.stored().amount:,.2f}元"],
            ),
        )


class _Relief(PaperHistory):
    kind_code = "interest_relief"

    def origin(self) -> Loan:
        return self.loan()

    def values(self, now: datetime) -> dict[str, Any]:
        values = dict(self.plan.values)
        return values | {"amount": Decimal(values["amount"])}


class Refund(_Relief, _PaidHistory):
    """退息: approved, and paid by finance."""

    pay = staticmethod(pay_refund)


class Rebate(_PaidHistory):
    """返点申请 of the channel that brought the customer."""

    kind_code = "rebate_application"
    pay = staticmethod(pay_rebate)

    def origin(self) -> Any:
        return self.loan().application


class Completion(PaperHistory):
    """客户完结, with the certificate that the customer takes along."""

    kind_code = "customer_completion"

    def draft(self, now: datetime) -> Any:
        document = super().draft(now)
        day = timezone.localdate(now)
        releases = [
            {**row, "is_done": True, "done_on": day}
            for row in self.kind.table("releases").typed(document)
        ]
        head = self.customer.legal_rep or self.customer.name
        materials = [
            {"material": name, "form": form, "copies": 1, "receiver": head}
            for name, form in (("借款合同", "ORIGINAL"), ("保证合同", "ORIGINAL"), ("借据", "COPY"))
        ]
        return update_draft(
            kind=self.kind,
            document_id=document.pk,
            actor=self.owner,
            now=now,
            values={},
            rows={"releases": releases, "materials": materials},
        )

    def afterwards(self, hours: float) -> Story:
        if self.stored().wf_status != WfStatus.APPROVED:
            return
        now = yield hours - 3
        print_document(
            form=CERTIFICATE, document=self.stored(), actor=self.owner, now=now, reason="交客户留存"
        )


class BadHandover(PaperHistory):
    """不良客户交接: the draft that the daily count opened, filled in and handed over."""

    kind_code = "bad_customer_handover"

    def draft(self, now: datetime) -> Any:
        draft = BadCustomerHandover.objects.get(
            customer=self.customer, wf_status=WfStatus.DRAFT, is_proposed=True
        )
        people = self.world.company.people
        files = [{**row, "copies": 1} for row in self.kind.table("files").typed(draft)]
        return update_draft(
            kind=self.kind,
            document_id=draft.pk,
            actor=self.owner,
            now=now,
            values={"receiver": people["ard"], "witness": people["plm"], **self.plan.values},
            rows={**self._rows(), "files": files},
        )

    def _rows(self) -> dict[str, list[dict[str, Any]]]:
        today = self.world.clock.today
        rows = self.plan.rows
        return {
            "collection_log": [
                {
                    "collected_on": today - timedelta(days=days),
                    "collected_at": _clock(clock),
                    "way": way,
                    "spoken_to": self.customer.name,
                    "result": result,
                }
                for days, clock, way, result in rows["collection_log"]
            ],
            "lawsuits": [
                {"kind": kind, "court": court, "state": state}
                for kind, court, state in rows["lawsuits"]
            ],
        }

    def afterwards(self, hours: float) -> Story:
        officer = self.world.company.people["ard"]
        for record in RECOVERIES:
            now = yield min(record.hours, hours - 0.5)
            day = timezone.localdate(now)
            amount = Decimal(record.amount) if record.amount else None
            if amount is not None:
                self._book(amount, now)
            write_record(
                handover_id=self.document.pk,
                kind=RecoveryKind(record.kind),
                done_on=day,
                done_at=_clock(record.clock),
                content=record.content,
                amount=amount,
                next_step_on=day + timedelta(days=record.next_days),
                actor=officer,
                now=now,
            )

    def _book(self, amount: Decimal, now: datetime) -> None:
        register_repayment(
            loan_id=self.loan().pk,
            amount=amount,
            paid_on=timezone.localdate(now),
            bank_ref=self.reference(now),
            payer=self.customer.name,
            actor=self.world.company.people[_CASHIER],
            now=now,
        )


def _clock(text: str) -> time | None:
    return time.fromisoformat(text) if text else None


class TierHistory(PaperHistory):
    """客户等级调整."""

    kind_code = "tier_change"


_STORIES: tuple[tuple[type[PaperHistory], tuple[Paper, ...]], ...] = (
    (Refund, REFUNDS),
    (_Relief, WAIVERS),
    (Rebate, REBATES),
    (Completion, COMPLETIONS),
    (BadHandover, BAD_HANDOVERS),
    (TierHistory, TIERS),
)
