"""Set-up for the browser: one branch and its people, a product, complete customers, cases.

Everything goes through the services; only papers are stored without their bytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from applications.choices import GuaranteeWay
from applications.models import BusinessApplication
from applications.services.drafts import create_application
from customers.models import Customer, Opportunity
from customers.services.opportunities import create_opportunity
from staff.models import Employee
from tests.applications.factories import Lender, attach_papers, fresh, header, house, line
from tests.customers.factories import make_consent, make_contact, make_customer
from tests.staff.factories import person
from workflows.models import Case, WorkItem
from workflows.services import decisions, items
from workflows.services.submission import submit_document

PASSWORD = "demo-lending"
_NAMES = ("恒信钢材", "东陵粮油", "浑河机械", "北陵纺织", "铁西铸造", "和平商贸", "大东汽配")
_numbers = itertools.count(1)


class World:
    """``am`` handles one customer with a business opportunity that lacks nothing."""

    def __init__(self) -> None:
        self.now: datetime = timezone.localtime()  # its date is the one that pages show
        #: the same people for the set-up of other apps' tests (``Ledger``, ``Desk`` …)
        self.lender = Lender(self.now)
        people = self.people = self.lender.people
        self.branch = people.branch
        self.am, self.tl, self.brm, self.bgm = people.am, people.tl, people.brm, people.bgm
        self.hrm, self.ceo, self.adm = people.hrm, people.ceo, people.adm
        self.fin, self.other_am = people.fin, people.other_am
        self.head_office = {"branch": people.rc.branch, "department": people.rc.department}
        self.chair = person("RCC", name="沈主任", **self.head_office)
        self.cashier = person("FIN", name="冯出纳", **self.head_office)
        for superior, below in ((self.tl, self.am), (self.bgm, self.brm), (self.hrm, self.bgm)):
            Employee.objects.filter(pk=below.pk).update(superior=superior)
        self.product = self.lender.product
        self.opportunity = self.opportunity_of(self.customer())

    def again(self, who: Employee) -> Employee:
        """The person as a new request loads him."""
        return Employee.objects.get(pk=who.pk)

    def sign_in_as(self, who: Employee, username: str) -> None:
        who.username = username
        who.set_password(PASSWORD)
        who.save()

    def customer(self, name: str = "") -> Customer:
        number = next(_numbers)
        name = name or f"沈阳{_NAMES[number % len(_NAMES)]}有限公司"
        if Customer.objects.filter(name=name).exists():
            name = f"{name}第{number}分号"
        customer = make_customer(self.am, self.now, name=name, acct_name=name)
        make_consent(customer, self.now, make_contact(customer, self.now))
        return customer

    def opportunity_of(self, customer: Customer) -> Opportunity:
        data: Mapping[str, Any] = {
            "subject": "建材采购周转",
            "product": self.product.code,
            "amount": "300000.00",
            "term": 12,
            "expected_on": self.now.date() + timedelta(days=30),
            "next_follow_on": self.now.date() + timedelta(days=7),
        }
        return create_opportunity(
            customer=customer, data=dict(data), actor=customer.owner, now=self.now
        )

    def draft(self, *, amount: str = "300000", is_secured: bool = True) -> BusinessApplication:
        """A new customer's application that may be submitted as it is."""
        secured = {"guarantee": [GuaranteeWay.MORTGAGE if is_secured else GuaranteeWay.CREDIT]}
        application = create_application(
            opportunity=self.opportunity_of(self.customer()),
            actor=self.am,
            now=self.now,
            values=header(**secured),
            rows={
                "lines": [line(self.product, amount=Decimal(amount))],
                "guarantee_items": [house()] if is_secured else [],
                "fees": [],
            },
        )
        attach_papers(application)
        return fresh(application)

    def submitted(self, application: BusinessApplication | None = None, **values: Any) -> Case:
        application = application or self.draft(**values)
        return submit_document(
            kind="business_application",
            document_id=application.pk,
            actor=self.again(application.handler),
            now=self.tick(),
        )

    def tick(self) -> datetime:
        """A later moment, never in the future."""
        self.now = max(self.now + timedelta(milliseconds=1), timezone.localtime())
        return self.now

    def item(self, case: Case, who: Employee) -> WorkItem:
        return self._asked(who).get(case=case)

    def _asked(self, who: Employee) -> Any:
        who = self.again(who)
        return WorkItem.objects.waiting_for(who) | WorkItem.objects.claimable_by(who)

    def _first_asked(self, item: WorkItem) -> Employee:
        people = Employee.objects.order_by("pk")
        return next(who for who in people if self._asked(who).filter(pk=item.pk).exists())

    def approve(self, case: Case, *people: Employee, opinion: str = "同意") -> Case:
        for who in people:
            item = self.item(case, who)
            if item.claim_required and item.assignee_id is None:
                items.claim(item_id=item.pk, actor=self.again(who), now=self.tick())
            decisions.approve(
                item_id=item.pk, actor=self.again(who), now=self.tick(), opinion=opinion
            )
        return Case.objects.get(pk=case.pk)

    def pass_on(self, document: Any, *, before: Employee | None = None) -> Any:
        """Whoever the route asks says yes, until it asks ``before`` or ends; the document then."""
        while item := WorkItem.objects.filter(case__document=document.pk, state="OPEN").first():
            if before is not None and self._asked(before).filter(pk=item.pk).exists():
                break
            self.approve(item.case, item.assignee or self._first_asked(item))
        return type(document).objects.get(pk=document.pk)

    def return_case(self, case: Case, who: Employee, opinion: str) -> Case:
        decisions.return_case(
            item_id=self.item(case, who).pk,
            actor=self.again(who),
            now=self.tick(),
            opinion=opinion,
            resumes_directly=True,
        )
        return Case.objects.get(pk=case.pk)

    def application_of(self, case: Case) -> BusinessApplication:
        return self.application(case.document_id)

    def application(self, pk: int) -> BusinessApplication:
        return BusinessApplication.objects.get(pk=pk)
