"""Set-up for the tests of handovers: an office with superiors, and handovers on their way."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from typing import Any

from applications.models import BusinessApplication
from customers.models import Customer
from documents.kinds import routed_kind
from documents.models import Attachment, StoredFile
from documents.services.drafts import create_draft, update_draft
from reports.models import WorkReport
from reports.services.work_reports import create_report, submit_report
from resources.kinds import KIND_CODE
from resources.models import HandoverItem, WorkHandover
from resources.services.execution import execute_handover
from staff.models import Employee
from tests.applications.factories import Lender
from tests.customers.factories import credit_code
from tests.staff.factories import person
from workflows.models import Case, WorkItem
from workflows.services.decisions import approve
from workflows.services.items import claim
from workflows.services.submission import submit_document

KIND = routed_kind(KIND_CODE)
_numbers = itertools.count(1)


class Office:
    """``am`` leaves; ``colleague`` and ``third`` take over, ``witness`` supervises."""

    def __init__(self, lender: Lender) -> None:
        self.lender, self.people, self.now = lender, lender.people, lender.now
        p = self.people
        self.am, self.tl, self.bgm, self.adm = p.am, p.tl, p.bgm, p.adm
        self.colleague = p.colleague
        here = {"branch": p.branch, "department": p.department}
        self.third: Employee = person("AM", name="何接手", **here)
        self.witness: Employee = person("AM", name="施监交", **here)
        for who, superior in (
            (p.am, p.tl), (p.colleague, p.tl), (p.tl, p.bgm), (p.brm, p.bgm), (p.bgm, p.ceo),
        ):  # fmt: skip
            Employee.objects.filter(pk=who.pk).update(superior=superior)

    def at(self, minutes: int) -> datetime:
        return self.now + timedelta(minutes=minutes)

    def reported(self, *, day: date | None = None, is_draft: bool = False) -> WorkReport:
        """A week's report of ``am`` to his head."""
        texts = {"title": "周报", "work_done": "走访客户", "next_plan": "签约"}
        report = create_report(
            data={"report_type": "WEEK", "day": day or self.now.date(), **texts},
            actor=again(self.am),
            now=self.now,
        )
        if is_draft:
            return report
        return submit_report(
            report=report, receivers=[again(self.tl)], actor=again(self.am), now=self.now
        )

    def customers(self, count: int, *, owner: Employee | None = None) -> list[Customer]:
        """Borrowers in one statement, as alike as a branch's are."""
        owner = again(owner or self.am)
        numbers = [next(_numbers) for _ in range(count)]
        return Customer.objects.bulk_create(
            Customer(
                customer_type="ENTERPRISE",
                customer_no=f"KH-T-{number:06}",
                name=f"客户{number}",
                search_text=f"客户{number}",
                uscc=credit_code(),
                owner=owner,
                creator=owner,
                branch=owner.branch,
                department=owner.department,
                created_at=self.now,
                updated_at=self.now,
            )
            for number in numbers
        )

    def draft(self, **given: Any) -> WorkHandover:
        """By the head, of everything ``am`` holds, to ``colleague``; ``given`` replaces."""
        actor = given.pop("actor", self.tl)
        giver = given.pop("giver", self.am)
        rows = given.pop("rows", None)
        made = create_draft(
            kind=KIND,
            origin=again(giver),
            actor=again(actor),
            now=self.now,
            values={"to_employee": again(self.colleague), "supervisor": again(self.witness)}
            | {"reason": "RESIGNED", "mode": "ALL"}
            | given,
            rows=rows,
        )
        return fresh(made)

    def change(self, handover: WorkHandover, **values: Any) -> WorkHandover:
        rows = values.pop("rows", None)
        update_draft(
            kind=KIND,
            document_id=handover.pk,
            actor=again(handover.handler),
            now=self.now,
            values=values,
            rows=rows,
        )
        return fresh(handover)

    def submit(self, handover: WorkHandover) -> Case:
        return submit_document(
            kind=KIND_CODE,
            document_id=handover.pk,
            actor=again(fresh(handover).handler),
            now=self.at(1),
        )

    def decide(self, handover: WorkHandover, *people: Employee) -> None:
        for minutes, who in enumerate(people, start=2):
            items = WorkItem.objects.filter(case__document=handover.document_ptr, state="OPEN")
            item = items.filter(assignee=who).first() or items.get(assignee=None)
            if item.assignee_id is None:
                claim(item_id=item.pk, actor=again(who), now=self.at(minutes))
            approve(item_id=item.pk, actor=again(who), now=self.at(minutes), opinion="同意")

    def approved(self, handover: WorkHandover, *receivers: Employee) -> WorkHandover:
        """Submitted, accepted by the receivers and agreed to by the branch's manager."""
        self.submit(handover)
        self.decide(handover, *(receivers or (self.colleague,)), self.bgm)
        return fresh(handover)

    def execute(self, handover: WorkHandover, **given: Any) -> WorkHandover:
        actor = given.pop("actor", self.adm)
        execute_handover(
            handover_id=handover.pk,
            actor=again(actor) if actor else None,
            now=given.pop("now", self.at(30)),
            **given,
        )
        return fresh(handover)

    def submitted_application(self, customer: Customer | None = None) -> BusinessApplication:
        opportunity = self.lender.opportunity_of(customer) if customer else None
        application = self.lender.draft(opportunity)
        submit_document(
            kind="business_application",
            document_id=application.pk,
            actor=again(application.handler),
            now=self.now,
        )
        return BusinessApplication.objects.get(pk=application.pk)


def attach_visit(handover: WorkHandover) -> None:
    number = next(_numbers)
    file = StoredFile.objects.create(
        sha256=f"d{number:063x}",
        size=10,
        extension="pdf",
        mime="application/pdf",
        stored_by=handover.handler,
        stored_at=handover.created_at,
    )
    Attachment.objects.create(
        document=handover.document_ptr,
        category="JOINT_VISIT",
        title="联合走访报告",
        file=file,
        file_name="a.pdf",
        uploaded_by=handover.handler,
        uploaded_at=handover.created_at,
    )


def again(who: Employee) -> Employee:
    """The person as a new request loads him."""
    return Employee.objects.get(pk=who.pk)


def fresh(handover: WorkHandover) -> WorkHandover:
    found: WorkHandover = KIND.get(handover.pk)
    return found


def item_of(handover: WorkHandover, record: Any, kind: str = "customers") -> HandoverItem:
    return HandoverItem.objects.get(document=handover, kind=kind, object_id=record.pk)
