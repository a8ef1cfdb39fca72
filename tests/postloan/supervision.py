"""Set-up for the tests of supervision: executed transfers, and who supervises them."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from documents.kinds import routed_kind
from documents.models import Attachment, StoredFile
from documents.services.drafts import create_draft
from funds.models import FundTransfer, Loan
from postloan.kinds import report as report_kind
from postloan.kinds import supervision as supervision_kind
from postloan.models import PostLoanSupervision, SupervisionReport
from staff.models import Employee
from tests.applications.factories import Lender
from tests.funds.factories import at
from tests.funds.transfers import Desk
from workflows.models import Case, WorkItem
from workflows.services.decisions import approve
from workflows.services.items import claim
from workflows.services.submission import submit_document

SUPERVISION = routed_kind(supervision_kind.KIND_CODE)
REPORT = routed_kind(report_kind.KIND_CODE)
_numbers = itertools.count(1)


class Watch:
    """A lender whose transfers are executed, and the account manager who supervises them."""

    def __init__(self, lender: Lender) -> None:
        self.desk = Desk(lender)
        self.lender, self.people = lender, lender.people
        self.am: Employee = lender.am

    @property
    def today(self) -> date:
        return self.lender.now.date()

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def transfer(self, **values: Any) -> FundTransfer:
        return self.desk.execute(self.desk.approved(**values))

    def draft(self, transfer: FundTransfer | None = None, **values: Any) -> PostLoanSupervision:
        rows = values.pop("rows", {"fund_flow": [flow()]})
        made: PostLoanSupervision = create_draft(
            kind=SUPERVISION,
            origin=transfer or self.transfer(),
            actor=values.pop("actor", self.am),
            now=at(values.pop("day", self.today)),
            values={"use_check": "YES", "measures": "每月核对账户流水", "colour": "GREEN"} | values,
            rows=rows,
        )
        return made

    def ready(self, transfer: FundTransfer | None = None, **values: Any) -> PostLoanSupervision:
        made = self.draft(transfer, **values)
        attach(made, supervision_kind.categories.PURPOSE.code)
        return PostLoanSupervision.objects.get(pk=made.pk)

    def begun(self, day: date | None = None, **values: Any) -> PostLoanSupervision:
        """Submitted on ``day``."""
        made = self.ready(**values)
        submit(made, day or self.today)
        return PostLoanSupervision.objects.get(pk=made.pk)

    def approved(self, day: date | None = None, **values: Any) -> PostLoanSupervision:
        made = self.begun(day, **values)
        people = (self.people.tl, self.people.brm, self.people.plm)
        pass_all(made, people, day or self.today)
        return PostLoanSupervision.objects.get(pk=made.pk)

    def report(
        self, supervision: PostLoanSupervision, day: date, **values: Any
    ) -> SupervisionReport:
        """A whole draft, made and inspected on ``day``."""
        actor = values.pop("actor", self.am)
        made: SupervisionReport = create_draft(
            kind=REPORT,
            origin=supervision,
            actor=actor,
            now=at(day),
            values={
                "inspected_on": day,
                "way": "ON_SITE",
                "operations": "经营正常",
                "finances": "流水正常",
                "use_of_funds": "用于采购",
                "security": "抵押物完好",
                "signs": ["NONE"],
                "colour": "GREEN",
            }
            | values,
        )
        attach(made, report_kind.PHOTOS.code)
        return SupervisionReport.objects.get(pk=made.pk)

    def reported(
        self, supervision: PostLoanSupervision, day: date, **values: Any
    ) -> SupervisionReport:
        made = self.report(supervision, day, **values)
        submit(made, day)
        return SupervisionReport.objects.get(pk=made.pk)

    def filed(
        self, supervision: PostLoanSupervision, day: date, **values: Any
    ) -> SupervisionReport:
        """Submitted and approved by everybody on the shipped route."""
        made = self.reported(supervision, day, **values)
        people = [self.people.brm]
        if made.colour != "GREEN":
            people.append(self.people.plm)
        if made.colour == "RED":
            people.append(self.people.hrm)
        pass_all(made, people, day)
        return SupervisionReport.objects.get(pk=made.pk)


def flow(**values: Any) -> dict[str, Any]:
    return {"payee": "鞍钢贸易", "amount": "100000.00", "use": "采购钢材", "proof": "合同"} | values


def attach(document: Any, category: str) -> None:
    number = next(_numbers)
    file = StoredFile.objects.create(
        sha256=f"9{number:063x}",
        size=10,
        extension="pdf",
        mime="application/pdf",
        stored_by=document.handler,
        stored_at=document.created_at,
    )
    Attachment.objects.create(
        document=document.document_ptr,
        category=category,
        title="证明",
        file=file,
        file_name="a.pdf",
        uploaded_by=document.handler,
        uploaded_at=document.created_at,
    )


def submit(document: Any, day: date, **values: Any) -> Case:
    case: Case = submit_document(
        kind=document.kind, document_id=document.pk, actor=document.handler, now=at(day), **values
    )
    return case


def decide(document: Any, who: Employee, moment: datetime) -> None:
    items = WorkItem.objects.filter(case__document=document.document_ptr, state="OPEN")
    item = items.filter(assignee=who).first() or items.get(assignee=None)
    if item.assignee_id is None:
        claim(item_id=item.pk, actor=who, now=moment)
    approve(item_id=item.pk, actor=who, now=moment, opinion="同意")


def pass_all(document: Any, people: Any, day: date) -> None:
    for minutes, who in enumerate(people, start=1):
        decide(document, who, at(day) + timedelta(minutes=minutes))


def loan_of(supervision: PostLoanSupervision) -> Loan:
    return Loan.objects.get(pk=supervision.loan_id)
