"""A filled draft of every kind that a desk shows, and its way through approval."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from staff.models import Employee
from tests.applications import reconsidering, test_intermediary
from tests.applications.factories import Lender
from tests.contracts import factories as contracts
from tests.customers import tiers
from tests.funds.factories import Ledger
from tests.funds.payments import Cashier
from tests.funds.transfers import Desk as TransferDesk
from tests.issues.factories import Issues
from tests.postloan import closing
from tests.postloan import factories as extensions
from tests.postloan.supervision import Watch
from tests.privacy.factories import Requests
from tests.resources.factories import Office
from workflows.access import is_his
from workflows.models import WorkItem
from workflows.services.decisions import approve
from workflows.services.items import claim
from workflows.services.submission import submit_document

_MOST_STEPS = 12


@dataclass
class Road:
    """A document on its way; ``moment`` is when the next act is done."""

    document: Any
    moment: datetime

    @property
    def handler(self) -> Employee:
        return _again(self.stored.handler)

    @property
    def stored(self) -> Any:
        return type(self.document).objects.get(pk=self.document.pk)

    def submit(self) -> None:
        submit_document(
            kind=self.document.kind,
            document_id=self.document.pk,
            actor=self.handler,
            now=self.moment,
        )

    def asked(self) -> tuple[WorkItem, Employee] | None:
        """An open step and one of those who may take it."""
        items = WorkItem.objects.filter(case__document=self.document.pk, state="OPEN")
        for item in items.select_related("case", "stage"):
            for person in Employee.objects.filter(is_active=True).order_by("pk"):
                involved = (item.case.handler_id, item.case.creator_id)
                if person.pk not in involved and is_his(item, person):
                    return item, person
        return None

    def approve(self) -> Employee:
        """By whoever is asked next; answers who that was."""
        found = self.asked()
        assert found is not None
        item, person = found
        self.moment += timedelta(minutes=1)
        if item.assignee_id is None:
            claim(item_id=item.pk, actor=_again(person), now=self.moment)
        approve(item_id=item.pk, actor=_again(person), now=self.moment, opinion="同意")
        return person

    def to_the_end(self) -> None:
        for _step in range(_MOST_STEPS):
            if self.asked() is None:
                return
            self.approve()
        raise AssertionError("the route does not end")


def _again(person: Employee) -> Employee:
    return Employee.objects.get(pk=person.pk)


def _on(day: date) -> datetime:
    return datetime.combine(day, time(10), ZoneInfo("Asia/Shanghai"))


def _application(lender: Lender, patch: Any) -> Road:
    return Road(lender.draft(), lender.now)


def _reconsideration(lender: Lender, patch: Any) -> Road:
    made = reconsidering.new(lender, reconsidering.rejected(lender))
    return Road(made, lender.now + timedelta(hours=2))


def _intermediary(lender: Lender, patch: Any) -> Road:
    return Road(test_intermediary.draft(lender), lender.now)


def _review(lender: Lender, patch: Any) -> Road:
    return Road(contracts.complete(lender, lender.approved()), lender.now)


def _transfer(lender: Lender, patch: Any) -> Road:
    return Road(TransferDesk(lender).draft(), lender.now)


def _relief(lender: Lender, patch: Any) -> Road:
    cashier = Cashier(lender)
    made = cashier.relief(cashier.ledger.loan())
    return Road(made, made.created_at)


def _rebate(lender: Lender, patch: Any) -> Road:
    cashier = Cashier(lender)
    made = cashier.rebate(cashier.business())
    return Road(made, made.created_at)


def _extension(lender: Lender, patch: Any) -> Road:
    ledger = Ledger(lender)
    day = ledger.day(20)
    return Road(extensions.ready(ledger, ledger.loan(term_months=6), day), _on(day))


def _supervision(lender: Lender, patch: Any) -> Road:
    watch = Watch(lender)
    return Road(watch.ready(), _on(watch.today))


def _report(lender: Lender, patch: Any) -> Road:
    watch = Watch(lender)
    day = watch.day(15)
    return Road(watch.report(watch.approved(), day), _on(day))


def _completion(lender: Lender, patch: Any) -> Road:
    ledger = Ledger(lender)
    loan, day = ledger.loan(), ledger.day(20)
    closing.settle(ledger, loan, day)
    return Road(closing.ready_completion(ledger, loan, day), _on(day))


def _bad_customer(lender: Lender, patch: Any) -> Road:
    ledger = Ledger(lender)
    loan = ledger.loan()
    day = closing.overdue_day(loan, 100)
    return Road(closing.begin_handover(ledger, loan, day), _on(day))


def _handover(lender: Lender, patch: Any) -> Road:
    office = Office(lender)
    office.customers(3)
    return Road(office.draft(), office.at(1))


def _tier_change(lender: Lender, patch: Any) -> Road:
    desk = tiers.Desk(lender.people, lender.now, patch)
    return Road(desk.draft(), lender.now)


class _IssueRoad(Road):
    """A level answers an issue, and its reporter's word closes it."""

    issues: Issues

    def approve(self) -> Employee:
        found = self.asked()
        assert found is not None
        self.issues.escalate(self.stored, _again(found[1]))
        return found[1]

    def to_the_end(self) -> None:
        found = self.asked()
        assert found is not None
        self.issues.answer(self.stored, _again(found[1]))
        self.issues.confirm(self.stored, self.handler)


def _issue(lender: Lender, patch: Any) -> Road:
    issues = Issues(lender.now, lender.people)
    road = _IssueRoad(issues.draft(customer=lender.customer), lender.now)
    road.issues = issues
    return road


def _export_request(lender: Lender, patch: Any) -> Road:
    return Road(Requests(lender.now, lender.people).draft(), lender.now)


ROADS: dict[str, Callable[[Lender, Any], Road]] = {
    "tier_change": _tier_change,
    "business_application": _application,
    "reconsideration": _reconsideration,
    "intermediary_application": _intermediary,
    "contract_review": _review,
    "fund_transfer": _transfer,
    "interest_relief": _relief,
    "rebate_application": _rebate,
    "extension_request": _extension,
    "post_loan_supervision": _supervision,
    "supervision_report": _report,
    "customer_completion": _completion,
    "bad_customer_handover": _bad_customer,
    "work_handover": _handover,
    "issue_escalation": _issue,
    "export_request": _export_request,
}
