"""Set-up for the tests of what happens to a loan: requests about loans of the ledger."""

from __future__ import annotations

import itertools
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from documents.kinds import routed_kind
from documents.models import Attachment, StoredFile
from documents.services.drafts import create_draft
from funds.models import Loan
from postloan.kinds.extension import CATEGORIES, KIND_CODE
from postloan.models import ExtensionRequest
from staff.models import Employee
from tests.funds.factories import Ledger, at
from workflows.models import Case, WorkItem
from workflows.services.decisions import approve
from workflows.services.items import claim
from workflows.services.submission import submit_document

_numbers = itertools.count(1)
KIND = routed_kind(KIND_CODE)


def begin(ledger: Ledger, loan: Loan, day: date, **given: Any) -> ExtensionRequest:
    """A draft with everything that an extension needs; ``given`` replaces what is usual."""
    rows = given.pop("rows", {})
    request: ExtensionRequest = create_draft(
        kind=KIND,
        origin=Loan.objects.get(pk=loan.pk),
        actor=given.pop("actor", ledger.lender.am),
        now=at(day),
        values={
            "ext_type": "EXTENSION",
            "amount": Loan.objects.get(pk=loan.pk).unpaid_principal,
            "months": 4,
            "rate": Decimal(18),
            "reason": "销售回款推迟",
            "plan": "按月付息,到期还本",
        }
        | given,
        rows=rows,
    )
    return request


def overdue(ledger: Ledger, loan: Loan, day: date, **given: Any) -> ExtensionRequest:
    log = [
        {
            "collected_on": day,
            "collected_at": time(10, 30),
            "way": "PHONE",
            "spoken_to": "张三",
            "result": "承诺月底还款",
        }
    ]
    values = {
        "ext_type": "OVERDUE",
        "months": None,
        "overdue_kind": "SHORT_OF_CASH",
        "plan": "每周上门一次,查封账户",
        "rows": {"collection_log": log},
    }
    return begin(ledger, loan, day, **(values | given))


def attach(request: ExtensionRequest) -> None:
    for category in CATEGORIES:
        file = StoredFile.objects.create(
            sha256=f"e{next(_numbers):063x}",
            size=10,
            extension="pdf",
            mime="application/pdf",
            stored_by=request.handler,
            stored_at=request.created_at,
        )
        Attachment.objects.create(
            document=request.document_ptr,
            category=category.code,
            title=str(category.label),
            file=file,
            file_name="a.pdf",
            uploaded_by=request.handler,
            uploaded_at=request.created_at,
        )


def ready(ledger: Ledger, loan: Loan, day: date, **given: Any) -> ExtensionRequest:
    request = begin(ledger, loan, day, **given)
    attach(request)
    return fresh(request)


def submit(request: ExtensionRequest, day: date) -> Case:
    return submit_document(
        kind=KIND_CODE, document_id=request.pk, actor=request.handler, now=at(day)
    )


def fresh(request: ExtensionRequest) -> ExtensionRequest:
    return ExtensionRequest.objects.get(pk=request.pk)


def decide(request: ExtensionRequest, person: Employee, now: datetime) -> None:
    items = WorkItem.objects.filter(case__document=request.document_ptr, state="OPEN")
    item = items.filter(assignee=person).first() or items.get(assignee=None)
    if item.assignee_id is None:
        claim(item_id=item.pk, actor=person, now=now)
    approve(item_id=item.pk, actor=person, now=now, opinion="同意")


def pass_all(request: ExtensionRequest, people: list[Employee], day: date) -> None:
    for minutes, person in enumerate(people, start=1):
        decide(request, person, at(day) + timedelta(minutes=minutes))
