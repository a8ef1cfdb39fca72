"""Set-up for the tests of completions and handovers: settled and bad loans, filled documents."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Any

from applications.models import BusinessApplication
from customers.models import Customer
from documents.kinds import routed_kind
from documents.services.drafts import create_draft, update_draft
from funds.models import Loan
from funds.selectors.loans import settlement_figure
from funds.services.daily import count_overdue
from postloan.kinds import bad_customers, completion
from postloan.models import BadCustomerHandover, CustomerCompletion
from staff.models import Employee
from tests.funds.factories import Ledger, at
from tests.funds.factories import fresh as stored
from tests.postloan.factories import decide
from workflows.models import Case
from workflows.services.submission import submit_document

COMPLETION = routed_kind(completion.KIND_CODE)
HANDOVER = routed_kind(bad_customers.KIND_CODE)
MATERIALS = [{"material": "借款合同", "form": "ORIGINAL", "copies": 1, "receiver": "张三"}]
LOG = [{"collected_at": time(10, 30), "way": "PHONE", "spoken_to": "张三", "result": "无力偿还"}]


def settle(ledger: Ledger, loan: Loan, day: date) -> None:
    """Repaid in full on ``day``."""
    figure = settlement_figure(stored(loan), day)
    ledger.repay(loan, figure.total, day, treatment="SETTLE")


def customer_of(loan: Loan) -> Customer:
    return Customer.objects.get(pk=loan.customer_id)


def begin_completion(ledger: Ledger, loan: Loan, day: date, **given: Any) -> CustomerCompletion:
    rows = {"materials": MATERIALS} | given.pop("rows", {})
    made = create_draft(
        kind=COMPLETION,
        origin=customer_of(loan),
        actor=given.pop("actor", ledger.lender.am),
        now=at(day),
        values={"archive_no": "DA-2026-001"} | given,
        rows=rows,
    )
    return CustomerCompletion.objects.get(pk=made.pk)


def release_all(document: CustomerCompletion, day: date) -> CustomerCompletion:
    """Every security is released on ``day``."""
    rows = [
        {"is_done": True, "done_on": day, "note": ""}
        | {name: getattr(row, name) for name in ("business_no", "security", "step")}
        for row in document.releases.all()
    ]
    update_draft(
        kind=COMPLETION,
        document_id=document.pk,
        actor=document.handler,
        now=at(day),
        values={},
        rows={"releases": rows},
    )
    return CustomerCompletion.objects.get(pk=document.pk)


def ready_completion(ledger: Ledger, loan: Loan, day: date, **given: Any) -> CustomerCompletion:
    return release_all(begin_completion(ledger, loan, day, **given), day)


def submit(document: Any, day: date) -> Case:
    return submit_document(
        kind=document.kind, document_id=document.pk, actor=document.handler, now=at(day)
    )


def pass_all(document: Any, people: list[Employee], day: date) -> None:
    for minutes, person in enumerate(people, start=1):
        decide(document, person, at(day) + timedelta(minutes=minutes))


def completers(ledger: Ledger) -> list[Employee]:
    people = ledger.lender.people
    return [people.tl, people.brm, people.fin, people.bgm]


def completed(ledger: Ledger, loan: Loan, day: date, **given: Any) -> CustomerCompletion:
    document = ready_completion(ledger, loan, day, **given)
    submit(document, day)
    pass_all(document, completers(ledger), day)
    return CustomerCompletion.objects.get(pk=document.pk)


def business(loan: Loan) -> BusinessApplication:
    return BusinessApplication.objects.get(pk=loan.application_id)


def first_due(loan: Loan) -> date:
    return stored(loan).schedules.get(state="CURRENT").lines.order_by("no").first().due


def overdue_day(loan: Loan, days: int) -> date:
    """The day on which the oldest unpaid instalment is ``days`` overdue."""
    return first_due(loan) + timedelta(days=days)


def begin_handover(ledger: Ledger, loan: Loan, day: date, **given: Any) -> BadCustomerHandover:
    people = ledger.lender.people
    rows = {"collection_log": [{"collected_on": day, **each} for each in LOG]}
    files = [
        {"item": item, "form": "ORIGINAL", "copies": 1}
        for item in ("CONTRACT", "LOAN_NOTE", "COLLECTION", "GUARANTEE")
    ]
    made = create_draft(
        kind=HANDOVER,
        origin=customer_of(loan),
        actor=given.pop("actor", people.am),
        now=at(day),
        rows=rows | {"files": files} | given.pop("rows", {}),
        values={
            "receiver": people.ard,
            "witness": people.brm,
            "reason": "逾期超过90天",
            "cause": "经营恶化",
            "security_state": "房产已抵押,状况良好",
        }
        | given,
    )
    return BadCustomerHandover.objects.get(pk=made.pk)


def count(day: date) -> None:
    """The daily run of that day."""
    count_overdue(now=at(day))


def handed_over(ledger: Ledger, loan: Loan, day: date) -> BadCustomerHandover:
    """Submitted, decided and received on ``day``."""
    document = begin_handover(ledger, loan, day)
    submit(document, day)
    people = ledger.lender.people
    route = [people.tl, people.brm, people.bgm, people.hrm, people.ard]
    if BadCustomerHandover.objects.get(pk=document.pk).balance > 3_000_000:
        route.insert(4, people.ceo)
    pass_all(document, route, day)
    return BadCustomerHandover.objects.get(pk=document.pk)
