"""Set-up for the tests of applications: products, complete customers, filled applications."""

from __future__ import annotations

import itertools
from datetime import datetime
from decimal import Decimal
from typing import Any

from applications.choices import GuaranteeWay, RepaymentMethod
from applications.kinds import CATEGORIES
from applications.models import BusinessApplication, LenderSetting, LprQuote, Product
from applications.services.drafts import create_application
from customers.models import Customer, CustomerGroup, Opportunity
from documents.models import Attachment, StoredFile
from staff.models import Employee
from tests.customers.factories import World as People
from tests.customers.factories import (
    build_world,
    make_consent,
    make_contact,
    make_customer,
    make_opportunity,
)

_numbers = itertools.count(1)


def make_product(**values: Any) -> Product:
    return Product.objects.create(
        **{
            "code": "LDZJ",
            "name": "流动资金贷款",
            "min_amount": Decimal("10000"),
            "max_amount": Decimal("20000000"),
            "min_term": 1,
            "max_term": 36,
            "min_rate": Decimal("6"),
            "max_rate": Decimal("24"),
            "floor_rate": Decimal("10"),
            "methods": [RepaymentMethod.INTEREST_FIRST, RepaymentMethod.EQUAL_INSTALLMENT],
            "guarantees": [GuaranteeWay.MORTGAGE, GuaranteeWay.PLEDGE, GuaranteeWay.GUARANTEE],
        }
        | values
    )


def line(product: Product, **values: Any) -> dict[str, Any]:
    return {
        "product": product,
        "amount": Decimal("300000.00"),
        "term_months": 12,
        "annual_rate": Decimal("12"),
        "method": RepaymentMethod.INTEREST_FIRST,
        "disburse_mode": "ONCE",
    } | values


def house(**values: Any) -> dict[str, Any]:
    return {
        "kind": "REAL_ESTATE",
        "name": "沈阳市和平区住宅",
        "owner_name": "张三",
        "assessed_value": Decimal("30000000"),
        "ratio": Decimal("70"),
    } | values


def header(**values: Any) -> dict[str, Any]:
    return {
        "biz_kind": "NEW",
        "purpose": "WORKING_CAPITAL",
        "purpose_note": "采购钢材",
        "repay_source": "销售回款",
        "guarantee": [GuaranteeWay.MORTGAGE],
    } | values


class Lender:
    """People, one product and a complete customer of ``am`` with an opportunity."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.people: People = build_world()
        self.am: Employee = self.people.am
        self.product = make_product()
        setting = LenderSetting.objects.get(pk=1)
        setting.net_assets = Decimal("500000000")
        setting.save()
        LprQuote.objects.create(quoted_on=now.date(), rate=Decimal("3.0"))
        self.customer = self.borrower()
        self.opportunity = make_opportunity(self.customer, now)

    def borrower(self, owner: Employee | None = None, **values: Any) -> Customer:
        customer = make_customer(owner or self.am, self.now, **values)
        contact = make_contact(customer, self.now)
        make_consent(customer, self.now, contact)
        return customer

    def opportunity_of(self, customer: Customer) -> Opportunity:
        return make_opportunity(customer, self.now)

    def draft(
        self,
        opportunity: Opportunity | None = None,
        *,
        actor: Employee | None = None,
        **values: Any,
    ) -> BusinessApplication:
        """A draft that lacks nothing; ``lines`` and the like replace the usual rows."""
        rows = {
            "lines": values.pop("lines", [line(self.product)]),
            "guarantee_items": values.pop("guarantee_items", [house()]),
            "fees": values.pop("fees", []),
        }
        has_papers = values.pop("has_papers", True)
        application = create_application(
            opportunity=opportunity or self.opportunity,
            actor=actor or self.am,
            now=self.now,
            values=header(**values),
            rows=rows,
        )
        if has_papers:
            attach_papers(application)
        return fresh(application)

    def group(self, *customers: Customer) -> CustomerGroup:
        group = CustomerGroup.objects.create(
            name=f"集团{next(_numbers)}", created_by=self.am, created_at=self.now
        )
        Customer.objects.filter(pk__in=[each.pk for each in customers]).update(group=group)
        return group

    def approved(self, customer: Customer | None = None, amount: str = "400000.00", **values: Any):
        """An application as the engine would have approved it today."""
        customer = customer or self.customer
        application = self.draft(
            self.opportunity_of(customer), lines=[line(self.product, amount=Decimal(amount))]
        )
        BusinessApplication.objects.filter(pk=application.pk).update(
            **{
                "approved_amount": Decimal(amount),
                "approved_term": 12,
                "approved_rate": Decimal("12"),
                "approved_on": self.now.date(),
                "approval_valid_until": self.now.date(),
                "biz_status": "APPROVED",
                "open_opportunity": application.opportunity_id,
            }
            | values
        )
        set_status(application, "IN_APPROVAL")
        set_status(application, "APPROVED")
        return fresh(application)


def attach_papers(application: BusinessApplication) -> None:
    """One file of every class."""
    for category in CATEGORIES:
        attach_paper(application, category.code)


def attach_paper(document: Any, category: str) -> Attachment:
    """One file of the class."""
    number = next(_numbers)
    file = StoredFile.objects.create(
        sha256=f"a{number:063x}",
        size=10,
        extension="pdf",
        mime="application/pdf",
        stored_by=document.handler,
        stored_at=document.created_at,
    )
    return Attachment.objects.create(
        document=document.document_ptr,
        category=category,
        title=category,
        file=file,
        file_name="a.pdf",
        uploaded_by=document.handler,
        uploaded_at=document.created_at,
    )


def set_status(application: BusinessApplication, status: str) -> None:
    """The bare approval status, without the engine."""
    parent = application.document_ptr
    type(parent).objects.filter(pk=parent.pk).update(wf_status=status)


def fresh(application: BusinessApplication) -> BusinessApplication:
    return BusinessApplication.objects.get(pk=application.pk)
