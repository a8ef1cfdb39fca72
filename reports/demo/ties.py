"""What ties customers and employees together: heads, a group, a guarantee, a declared relative."""

from __future__ import annotations

from datetime import datetime

from customers import hooks
from customers.choices import (
    CustomerStatus,
    CustomerType,
    InfluenceStrength,
    InfluenceType,
    OpportunityStatus,
    StaffTie,
)
from customers.models import Contact, Customer
from customers.services.customers import update_customer
from customers.services.grading import grade_prospects
from customers.services.groups import change_group, create_group
from customers.services.influence import create_relations
from customers.services.pool import give_to_pool
from customers.services.staff_relations import declare_relation
from reports.demo.organisation import Company

#: the head of the first also leads the others, the last of which belongs to another branch
_LED = ("济南恒岳建材有限公司", "济南百盛五金机电有限公司", "青岛海韵冷链有限公司")
_GROUP = "恒岳系"
#: the employee is the brother of the first one's main contact
_DECLARED = ("songyaqin", "济南百盛五金机电有限公司")
#: prospects in the pool; there are few without an opportunity or a document
_GIVEN_BACK = 3


def tie_customers(company: Company, *, now: datetime) -> None:
    """Give the graph hints to show, the pool prospects and the register an entry."""
    led = [_customer(name) for name in _LED]
    head = led[0].legal_rep
    for customer in led[1:]:
        update_customer(
            customer=customer,
            data={"controller": head},
            version=None,
            actor=customer.owner,
            now=now,
        )
    risk = company.people["hrm"]
    group = create_group(name=_GROUP, actor=risk, now=now)
    for customer in led[:2]:
        change_group(
            customer=customer,
            group=group,
            reason="同一实际控制人,股权穿透核实",
            actor=risk,
            now=now,
        )
    _guarantee(_main(led[0]), _main(led[1]), now=now)
    login, name = _DECLARED
    declare_relation(
        employee=company.people[login],
        customer=_customer(name),
        contact=_main(_customer(name)),
        tie=StaffTie.RELATIVE,
        reason="本人书面申报:借款人为其兄长",
        actor=risk,
        now=now,
    )
    for customer in _forgotten():
        give_to_pool(
            customer=customer,
            reason="客户暂无需求,长期未跟进",
            actor=company.holder("tl", customer.owner),
            now=now,
        )
    grade_prospects(now=now)


def _guarantee(guarantor: Contact, borrower: Contact, *, now: datetime) -> None:
    create_relations(
        contact=guarantor,
        others=[borrower],
        incoming=False,
        influence_type=InfluenceType.GUARANTEE,
        strength=InfluenceStrength.STRONG,
        note="为其流动资金贷款提供连带责任保证",
        actor=guarantor.customer.owner,
        now=now,
    )


def _forgotten() -> list[Customer]:
    """Prospects whose opportunities are all closed, with nothing under approval."""
    rows = (
        Customer.objects.filter(
            biz_status=CustomerStatus.PROSPECT,
            customer_type__in=(CustomerType.ENTERPRISE, CustomerType.PERSON),
        )
        .exclude(opportunities__biz_status=OpportunityStatus.OPEN)
        .select_related("owner")
        .order_by("pk")
    )
    return [each for each in rows if not hooks.has_open_documents(each.pk)][:_GIVEN_BACK]


def _customer(name: str) -> Customer:
    return Customer.objects.select_related("owner").get(name=name)


def _main(customer: Customer) -> Contact:
    return customer.contacts.main().select_related("customer__owner").get()
