"""贷后监管 of every transfer, and its reports every fifteen days until the loan ends."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from customers.choices import CreditColour
from documents import categories
from documents.kinds import routed_kind
from documents.services.attachments import add_attachment
from documents.services.drafts import create_draft, update_draft
from funds.models import FundTransfer, Loan
from postloan.choices.supervision import InspectionWay, UseCheck, WarningSign
from postloan.kinds.report import PHOTOS
from postloan.models import PostLoanSupervision, SupervisionReport
from postloan.rules.supervision.schedule import due_day, last_day
from reports.demo import inspections as said
from reports.demo import papers
from reports.demo.clock import Story
from reports.demo.matters import Watch
from reports.demo.routing import pass_route
from reports.demo.world import World
from staff.calendar import load_calendar

_DAY = 8.0
#: a report that falls due within so many calendar days is written already
_SOON = 4
#: a late report comes so many days after its last day in time
_LATE_BY = 3
_WAYS = (InspectionWay.ON_SITE, InspectionWay.PHONE, InspectionWay.PAPERS)


class SupervisionHistory:
    """What became of one executed transfer under the eyes of its account manager."""

    def __init__(self, world: World, plan: Watch, transfer: FundTransfer) -> None:
        self.world, self.plan, self.transfer = world, plan, transfer
        # Its own chance, so that a report more or less changes nothing else of the demo.
        self.chance = random.Random(transfer.doc_no)  # noqa: S311
        self.calendar = load_calendar()

    def story(self, paid: float) -> Story:
        """``paid`` working hours ago the money went out."""
        hours = max(paid - self.plan.after * _DAY - self.chance.uniform(0.5, 4), 0.4)
        now = yield hours
        supervision = self._draft(now)
        if self.plan.is_draft:
            return
        yield from pass_route(
            self.world,
            supervision,
            ("tl", "brm", "plm"),
            begins=max(hours - 1, 0.3),
            words=said.SUPERVISED,
        )
        yield from self._reports(supervision.pk)

    # the supervision

    def _draft(self, now: datetime) -> PostLoanSupervision:
        kind = routed_kind("post_loan_supervision")
        transfer = FundTransfer.objects.select_related("customer__owner").get(pk=self.transfer.pk)
        self.customer, self.officer = transfer.customer, transfer.customer.owner
        supervision: PostLoanSupervision = create_draft(
            kind=kind, origin=transfer, actor=self.officer, now=now
        )
        share = transfer.principal * 7 // 10
        payee = self.plan.payee or f"{self.customer.name}供应商"
        is_agreed = self.plan.use_check == UseCheck.YES
        flow = [
            {
                "payee": payee,
                "amount": amount,
                "use": use if is_agreed else "归还个人借款",
                "proof": proof if is_agreed else "银行转账回单",
            }
            for amount, use, proof in (
                (share, "首批货款", "购销合同、增值税发票"),
                (transfer.principal - share, "剩余货款", "入库单、银行回单"),
            )
        ]
        update_draft(
            kind=kind,
            document_id=supervision.pk,
            actor=self.officer,
            now=now,
            values={
                "use_check": self.plan.use_check,
                "colour": self.plan.colour,
                "measures": self.plan.measures,
            },
            rows={"fund_flow": flow},
        )
        self._attach(supervision, categories.PURPOSE.code, "贷款用途证明", now=now)
        return PostLoanSupervision.objects.get(pk=supervision.pk)

    # the reports

    def _reports(self, supervision_id: int) -> Story:
        begun = PostLoanSupervision.objects.get(pk=supervision_id)
        if begun.base_on is None or begun.interval_days is None:
            return
        for period, due, hours in self._periods(begun.base_on, begun.interval_days):
            now = yield hours
            supervision = PostLoanSupervision.objects.get(pk=supervision_id)
            if not supervision.is_running:
                return
            report = self._report(supervision, period, now=now)
            people = self._people(report, is_open=due > self.world.clock.today)
            yield from pass_route(
                self.world,
                report,
                people,
                begins=max(hours - 0.5, 0.2),
                words=said.OPINIONS[CreditColour(report.colour)],
            )

    def _periods(self, base: date, interval: int) -> Iterator[tuple[int, date, float]]:
        """Each report with its due day and the working hours ago at which it was written."""
        clock, period = self.world.clock, 0
        while True:
            period += 1
            due = due_day(base, interval, period)
            following = due_day(base, interval, period + 1)
            if self.plan.is_behind and following > clock.today - timedelta(days=_LATE_BY + 1):
                return
            if due > clock.today:
                if (due - clock.today).days <= _SOON:
                    yield period, due, self.chance.uniform(2, 6.5)
                return
            if period in self.plan.late:
                day = last_day(due, self.calendar) + timedelta(days=_LATE_BY)
                yield period, due, clock.hours_since(min(day, clock.today))
            else:
                written = due - timedelta(days=self.chance.randint(0, 2))
                yield period, due, clock.hours_since(written) - self.chance.uniform(0, 4)

    def _report(
        self, supervision: PostLoanSupervision, period: int, *, now: datetime
    ) -> SupervisionReport:
        colour = self.plan.colours.get(period, CreditColour.GREEN.value)
        is_calm = colour == CreditColour.GREEN
        loan = Loan.objects.get(pk=supervision.loan_id)
        is_behind = loan.overdue_days > 0
        way = InspectionWay.ON_SITE if not is_calm else _WAYS[(period - 1) % len(_WAYS)]
        words = said.words(self.chance, colour, is_behind=is_behind)
        signs = [WarningSign.ARREARS] if is_behind else [WarningSign.NONE]
        if colour == CreditColour.RED:
            signs = [WarningSign.ARREARS, WarningSign.STANDSTILL]
        report: SupervisionReport = create_draft(
            kind=routed_kind("supervision_report"),
            origin=supervision,
            actor=self.officer,
            now=now,
            values={
                "inspected_on": timezone.localdate(now),
                "way": way,
                "signs": signs,
                "colour": colour,
                **words,
            },
        )
        if way == InspectionWay.ON_SITE:
            self._photograph(report, now=now)
        return report

    def _people(self, report: SupervisionReport, *, is_open: bool) -> tuple[str, ...]:
        if is_open:
            return ()
        more = {CreditColour.YELLOW.value: ("plm",), CreditColour.RED.value: ("plm", "hezhiyuan")}
        return ("brm", *more.get(report.colour, ()))

    # papers

    def _photograph(self, report: SupervisionReport, *, now: datetime) -> None:
        title = f"现场检查照片(第{report.period}期)"
        name = f"{title}-{self.customer.name}"
        picture = papers.picture(name, report.doc_no, self.chance)
        self._keep(report, PHOTOS.code, title, picture, now=now)

    def _attach(self, document: Any, category: str, title: str, *, now: datetime) -> None:
        lines = [f"客户:{self.customer.name}", f"单据编号:{document.doc_no}", self.plan.measures]
        paper = papers.pdf(f"{title}-{self.customer.name}", title, lines)
        self._keep(document, category, title, paper, now=now)

    def _keep(
        self, document: Any, category: str, title: str, upload: Any, *, now: datetime
    ) -> None:
        add_attachment(
            document_id=document.pk,
            actor=self.officer,
            now=now,
            title=title,
            category=category,
            upload=upload,
        )
