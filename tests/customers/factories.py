"""Set-up for the tests of customers: valid numbers, people in their places, customers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from stdnum.cn import uscc

from customers.choices import ConsentPurpose, ContactType, CustomerType
from customers.models import Consent, Contact, Customer, Opportunity
from customers.services.contacts import create_contact
from customers.services.customers import create_customer
from customers.services.opportunities import create_opportunity
from documents.models.files import StoredFile
from staff.models import Branch, Department, Employee
from tests.staff.factories import BranchFactory, DepartmentFactory, person

_numbers = itertools.count(1)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def credit_code() -> str:
    """A valid unified social credit code, new each time."""
    body = f"91210103MA{next(_numbers):07d}"
    return body + uscc.calc_check_digit(body)


def id_number(birth: date = date(1985, 6, 15), *, male: bool = True) -> str:
    """A valid resident ID number, new each time."""
    serial = next(_numbers) % 100
    body = f"210103{birth:%Y%m%d}{serial:02d}{1 if male else 2}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


@dataclass
class World:
    """Two branches with their people; ``am`` is the usual actor."""

    branch: Branch
    department: Department
    am: Employee
    colleague: Employee
    tl: Employee
    brm: Employee
    bgm: Employee
    other_branch: Branch
    other_am: Employee
    hrm: Employee
    fin: Employee
    ceo: Employee
    plm: Employee
    ard: Employee
    adm: Employee
    rc: Employee


def build_world() -> World:
    branch = BranchFactory(code="SY", name="沈阳分公司")
    department = DepartmentFactory(branch=branch, name="业务一部")
    second = DepartmentFactory(branch=branch, name="业务二部")
    other = BranchFactory(code="DL", name="大连分公司")
    elsewhere = DepartmentFactory(branch=other, name="大连业务部")
    here = {"branch": branch, "department": department}
    head_office = BranchFactory(code="HQ", name="总部", is_head_office=True)
    offices = DepartmentFactory(branch=head_office, name="总部机关")
    hq = {"branch": head_office, "department": offices}
    return World(
        branch=branch,
        department=department,
        am=person("AM", name="王客户", **here),
        colleague=person("AM", name="李同事", **here),
        tl=person("TL", name="赵主管", **here),
        brm=person("BRM", name="钱风控", branch=branch, department=second),
        bgm=person("BGM", name="孙总", branch=branch, department=second),
        other_branch=other,
        other_am=person("AM", name="周大连", branch=other, department=elsewhere),
        hrm=person("HRM", name="吴总风控", **hq),
        fin=person("FIN", name="郑财务", **hq),
        ceo=person("CEO", name="冯总裁", **hq),
        plm=person("PLM", name="陈监管", **hq),
        ard=person("ARD", name="褚保全", **hq),
        adm=person("ADM", name="卫管理", **hq),
        rc=person("RC", name="蒋委员", **hq),
    )


def enterprise_data(**values: Any) -> dict[str, Any]:
    """An enterprise with every S and P field."""
    return {
        "name": "北方汇银商贸有限公司",
        "uscc": credit_code(),
        "legal_rep": "张三",
        "founded_on": date(2015, 5, 20),
        "reg_capital": "500",
        "industry": "F",
        "reg_addr": "沈阳市和平区青年大街1号",
        "biz_addr": "沈阳市和平区青年大街1号",
        "main_business": "建材批发",
        "phone": "13800138000",
        "bank": "中国银行沈阳分行",
        "acct_name": "北方汇银商贸有限公司",
        "acct_no": "6222021234567890128",
        "source": "SELF",
    } | values


def contact_data(**values: Any) -> dict[str, Any]:
    """A main contact with every S and P field."""
    return {
        "contact_type": ContactType.MAIN,
        "name": "张三",
        "id_type": "ID_CARD",
        "id_no": id_number(),
        "mobile": "13900139000",
        "marital": "UNMARRIED",
        "education": "BACHELOR",
        "household_addr": "沈阳市沈河区",
        "home_addr": "沈阳市沈河区",
        "housing": "OWNED",
    } | values


def opportunity_data(now: datetime, **values: Any) -> dict[str, Any]:
    return {
        "subject": "建材采购周转",
        "product": "LDZJ",
        "amount": "500000.00",
        "term": 6,
        "expected_on": now.date() + timedelta(days=30),
        "next_follow_on": now.date(),
    } | values


def make_customer(actor: Employee, now: datetime, **values: Any) -> Customer:
    return create_customer(
        customer_type=values.pop("customer_type", CustomerType.ENTERPRISE),
        data=enterprise_data(**values),
        actor=actor,
        now=now,
    )


def make_person(actor: Employee, now: datetime, **values: Any) -> Customer:
    data = {
        "name": "李四",
        "id_no": id_number(),
        "industry": "F",
        "biz_addr": "沈阳市和平区",
        "main_business": "服装零售",
        "phone": "13700137000",
        "bank": "中国银行沈阳分行",
        "acct_name": "李四",
        "acct_no": "6222021234567890128",
        "source": "SELF",
    }
    return create_customer(
        customer_type=CustomerType.PERSON, data=data | values, actor=actor, now=now
    )


def make_channel(actor: Employee, now: datetime, **values: Any) -> Customer:
    data = {"name": "沈阳担保协会", "phone": "024-22223333", "source": "SELF"}
    return create_customer(
        customer_type=CustomerType.CHANNEL, data=data | values, actor=actor, now=now
    )


def make_contact(customer: Customer, now: datetime, **values: Any) -> Contact:
    return create_contact(
        customer=customer, data=contact_data(**values), actor=customer.owner, now=now
    )


def make_opportunity(customer: Customer, now: datetime, **values: Any) -> Opportunity:
    return create_opportunity(
        customer=customer, data=opportunity_data(now, **values), actor=customer.owner, now=now
    )


def make_consent(customer: Customer, now: datetime, contact: Contact | None = None) -> Consent:
    """A consent as the service would have kept it, without an upload."""
    number = next(_numbers)
    file = StoredFile.objects.create(
        sha256=f"{number:064x}", size=100, extension="pdf", mime="application/pdf",
        stored_by=customer.owner, stored_at=now,
    )  # fmt: skip
    return Consent.objects.create(
        customer=customer,
        contact=contact,
        file=file,
        file_name="授权书.pdf",
        purposes=[ConsentPurpose.LOAN_REVIEW, ConsentPurpose.CREDIT_QUERY],
        granted_on=now.date(),
        added_by=customer.owner,
        added_at=now,
    )
