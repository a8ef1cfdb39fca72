"""From the approval to the money and back: contract, transfers, repayments, extensions."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from applications.choices import GuaranteeWay
from applications.models import BusinessApplication
from contracts.kinds import CONTRACT, SIGNED_NOTICE, SIGNING
from contracts.models import ContractReview
from documents.kinds import routed_kind
from documents.services.attachments import add_attachment
from documents.services.drafts import create_draft, update_draft
from funds.choices import LineStatus, Treatment
from funds.models import FundTransfer, Loan
from funds.selectors.loans import loan_position, settlement_figure
from funds.selectors.state import lines_in_force
from funds.services.daily import count_overdue
from funds.services.repayments import register_repayment
from funds.services.transfers import execute_transfer
from postloan.kinds.extension import CONSENT
from postloan.services.report_reminders import remind_of_duties
from reports.demo import papers
from reports.demo.clock import Story
from reports.demo.messages import deliver_until
from reports.demo.plans.watched import AS_USUAL, WATCHES
from reports.demo.routing import Passage, in_wan, pass_route
from reports.demo.steps import Lending, Prolonging, Reach
from reports.demo.supervision import SupervisionHistory
from reports.demo.world import World
from sms.services.events import send_birthday_greetings, send_due_reminders

_DAILY, _WEEK = 8.0, 40.0
#: working hours before the present from which on every day is told
_TOLD_BY_DAY = 100.0
#: who books what comes in and pays out what the route of which he is no part has passed
_CASHIER = "qianjing"
#: when borrowers are called and visited; letters have no hour
_CONTACTS = {"PHONE": time(10, 15), "VISIT": time(15, 40)}


def daily_jobs(world: World) -> Story:
    """What the worker does every day, told once a week, and day by day for the last weeks."""
    hours = world.clock.hours_since(world.clock.today - timedelta(days=360))
    while hours > _DAILY:
        now = yield hours
        _do_daily(now)
        hours -= _WEEK if hours > _TOLD_BY_DAY + _WEEK else _DAILY
    now = yield 0.05
    _do_daily(now)


def _do_daily(now: datetime) -> None:
    count_overdue(now=now)
    remind_of_duties(now=now)
    deliver_until(now)
    send_due_reminders(now=now)
    send_birthday_greetings(now=now)


class LendingHistory:
    """What one approved application became, as far as its plan goes."""

    def __init__(self, world: World, plan: Lending) -> None:
        self.world, self.plan = world, plan
        self.cashier = world.company.people[_CASHIER]

    def story(self, application: BusinessApplication, *, approved: float) -> Story:
        """``approved`` working hours ago the last approver decided."""
        self.application = BusinessApplication.objects.select_related("customer").get(
            pk=application.pk
        )
        self.handler = self.application.handler
        self.wan = in_wan(self.application.approved_amount or Decimal(0))
        soon = max(approved - self.world.hours(5, 18), 1.0)
        hours = yield from self._sign(self.plan.begins or soon)
        if self.plan.reach < Reach.TRANSFER_RUNS:
            return
        amount = self.application.approved_amount
        for part in self.plan.parts or (amount,):
            hours = yield from self._pay_out(Decimal(part or 0), hours - self.world.hours(2, 10))
        if self.plan.reach == Reach.PAID:
            yield from self._pay_back()

    # the contract

    def _sign(self, hours: float) -> Passage:
        now = yield hours
        self.review = self._draft_review(now)
        if self.plan.reach == Reach.REVIEW_DRAFT:
            return hours
        people = self.plan.reviewed_by
        return (
            yield from pass_route(
                self.world,
                self.review,
                people,
                begins=max(hours - self.world.hours(2, 8), 0.8),
                wan=self.wan,
            )
        )

    def _draft_review(self, now: datetime) -> ContractReview:
        kind = routed_kind("contract_review")
        customer, day = self.application.customer, timezone.localdate(now)
        number = f"HT-{self.application.branch.code}-{self.application.doc_no[-12:]}"
        review: ContractReview = create_draft(
            kind=kind,
            origin=self.application,
            actor=self.handler,
            now=now,
            values={"contract_no": number, "contract_name": "借款合同", "signed_on": day},
        )
        formalities = [
            {**row, "is_complete": True} for row in kind.table("formalities").typed(review)
        ]
        conditions = [
            {
                **row,
                "is_met": row["condition"] not in self.plan.unmet,
                "note": "" if row["condition"] in self.plan.unmet else "已落实,资料随合同归档",
            }
            for row in kind.table("conditions").typed(review)
        ]
        update_draft(
            kind=kind,
            document_id=review.pk,
            actor=self.handler,
            now=now,
            values={
                "start_date": day + timedelta(days=1),
                "payee_name": customer.acct_name or customer.name,
                "payee_bank": customer.bank or "齐鲁银行济南分行营业部",
                "payee_account": customer.acct_no or self.world.numbers.company_account(),
                "first_verifier": self.handler,
                "second_verifier": self.world.company.holder("tl", self.handler),
            },
            rows={"formalities": formalities, "conditions": conditions},
        )
        for category, title in (
            (CONTRACT, "借款合同"),
            (SIGNED_NOTICE, "综合融资成本告知书(签字)"),
            (SIGNING, "面签影像"),
        ):
            self._attach(review, category.code, title, [f"合同编号:{number}"], now=now)
        return ContractReview.objects.get(pk=review.pk)

    # the money

    def _pay_out(self, amount: Decimal, hours: float) -> Passage:
        creator = self.world.company.holder("brm", self.handler)
        hours = max(hours, 0.8)
        now = yield hours
        planned = timezone.localdate(self.world.clock.ago(hours - 3 * _DAILY))
        transfer: FundTransfer = create_draft(
            kind=routed_kind("fund_transfer"),
            origin=ContractReview.objects.get(pk=self.review.pk),
            actor=creator,
            now=now,
            values={"principal": amount, "plan_on": planned},
        )
        people = list(self.plan.transfer_by)
        if amount > 3_000_000 and people[-1] == "fin":
            people.insert(-1, "ceo")
        hours = yield from pass_route(
            self.world, transfer, people, begins=max(hours - 0.6, 0.6), wan=in_wan(amount)
        )
        if self.plan.reach != Reach.PAID:
            return hours
        hours = max(hours - self.world.hours(1, 5), 0.3)
        now = yield hours
        paid = execute_transfer(
            transfer_id=transfer.pk,
            executed_on=timezone.localdate(now),
            bank_ref=self._reference(now),
            paid_amount=amount,
            actor=self.cashier,
            now=now,
        )
        self.loan_id = paid.loan_id
        watch = WATCHES.get(paid.customer.name, AS_USUAL)
        self.world.timeline.start(SupervisionHistory(self.world, watch, paid).story(hours))
        return hours

    def _pay_back(self) -> Story:
        """Instalment by instalment, until none is due, none comes any more or all is paid off."""
        number = 0
        while number != self.plan.pays:
            loan = self._loan()
            open_lines = [row for row in lines_in_force(loan) if row.status != LineStatus.PAID]
            if loan.is_ended or not open_lines:
                return
            if self._is_asked_for(loan, open_lines[0].due):
                yield from self._prolong()
                continue
            number += 1
            due = open_lines[0].due + timedelta(days=self.plan.late_days)
            if due > self.world.clock.today:
                return
            now = yield self.world.clock.hours_since(due)
            day = timezone.localdate(now)
            if day < open_lines[0].due:
                return
            loan = self._loan()
            is_last = number == self.plan.settles
            figure = settlement_figure(loan, day).total if is_last else None
            amount = loan_position(loan, day).due_total if figure is None else figure
            self._book(loan, amount, Treatment.SETTLE if is_last else Treatment.DUE, day, now)
            if is_last:
                return
        if self.plan.prolonged is not None:
            yield from self._prolong()

    def _book(
        self, loan: Loan, amount: Decimal, treatment: Treatment, day: date, now: datetime
    ) -> None:
        register_repayment(
            loan_id=loan.pk,
            amount=amount,
            paid_on=day,
            bank_ref=self._reference(now),
            payer=loan.customer.acct_name or loan.customer.name,
            actor=self.cashier,
            now=now,
            treatment=treatment,
        )

    # more time

    def _is_asked_for(self, loan: Loan, next_due: date) -> bool:
        """An extension is asked for when the next instalment falls due after that day."""
        wanted = self.plan.prolonged
        if wanted is None or wanted.days <= 0 or hasattr(self, "request"):
            return False
        return next_due >= loan.due_date - timedelta(days=wanted.days)

    def _prolong(self) -> Story:
        wanted = self.plan.prolonged
        assert wanted is not None  # noqa: S101 - asked for by whoever calls
        loan = self._loan()
        asked = self.world.clock.hours_since(loan.due_date - timedelta(days=wanted.days))
        now = yield asked
        self.request = create_draft(
            kind=routed_kind("extension_request"),
            origin=self._loan(),
            actor=self.handler,
            now=now,
            values=self._request(wanted, loan),
            rows=self._collection(wanted, now),
        )
        if wanted.days > 0 and GuaranteeWay.CREDIT not in self.application.guarantee:
            title = "担保人同意展期书面证明"
            self._attach(self.request, CONSENT.code, title, [wanted.reason], now=now)
        wan = in_wan(loan.unpaid_principal)
        yield from pass_route(
            self.world, self.request, wanted.people, begins=max(asked - 2, 0.7), wan=wan
        )

    def _request(self, wanted: Prolonging, loan: Loan) -> dict[str, Any]:
        usual = {
            "amount": loan.unpaid_principal,
            "reason": wanted.reason,
            "plan": wanted.plan,
            "rate": loan.annual_rate,
        }
        if wanted.days > 0:
            return usual | {"months": wanted.months, "interest_treatment": "MERGE"}
        return usual | {"ext_type": "OVERDUE", "overdue_kind": "SHORT_OF_CASH"}

    def _collection(self, wanted: Prolonging, now: datetime) -> dict[str, list[dict[str, Any]]]:
        day = timezone.localdate(now)
        head = self.application.customer.legal_rep or self.application.customer.name
        return {
            "collection_log": [
                {
                    "collected_on": day - timedelta(days=3 * back),
                    "collected_at": _CONTACTS.get(way),
                    "way": way,
                    "spoken_to": head,
                    "result": result,
                }
                for back, (way, result) in reversed(list(enumerate(wanted.log)))
            ]
        }

    # shared

    def _loan(self) -> Loan:
        loan: Loan = Loan.objects.select_related("customer").get(pk=self.loan_id or 0)
        return loan

    def _reference(self, now: datetime) -> str:
        return f"{timezone.localdate(now):%Y%m%d}{self.world.chance.randrange(10**8):08}"

    def _attach(
        self, document: Any, category: str, title: str, lines: list[str], *, now: datetime
    ) -> None:
        customer = self.application.customer
        head = [f"客户:{customer.name}", f"单据编号:{document.doc_no}"]
        add_attachment(
            document_id=document.pk,
            actor=self.handler,
            now=now,
            title=title,
            category=category,
            upload=papers.pdf(f"{title}-{customer.name}", title, [*head, *lines]),
        )
