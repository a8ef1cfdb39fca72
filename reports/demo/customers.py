"""Enter the customers with the people around them, their consents and their groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from customers.choices import (
    ConsentPurpose,
    ContactType,
    CustomerSource,
    CustomerType,
    InfluenceStrength,
    InfluenceType,
)
from customers.models import Contact, Customer, CustomerGroup
from customers.services.consents import add_consent
from customers.services.contacts import create_contact
from customers.services.customers import create_customer
from customers.services.groups import create_group
from customers.services.influence import create_relations
from reports.demo import names, papers
from reports.demo.names import Firm
from reports.demo.people import AREA_CODES, REGIONS
from reports.demo.world import World

#: came by a channel whatever chance says: rebates are asked for
INTRODUCED = {
    "济南恒润塑业有限公司": "山东诚达融资担保有限公司",
    "青岛润泽包装有限公司": "青岛市北区个体私营企业协会",
}
#: customers whose exposure is added up, by the name of the group
GROUPS = {
    "恒岳集团": ("济南恒岳建材有限公司", "济南恒岳物资配送有限公司"),
    "鲁岱系": ("山东鲁岱机械制造有限公司", "章丘鲁岱铸造有限公司"),
    "海韵系": ("青岛海韵水产有限公司", "青岛海韵冷链有限公司"),
}
_PURPOSES = [ConsentPurpose.LOAN_REVIEW, ConsentPurpose.CREDIT_QUERY, ConsentPurpose.POST_LOAN]
_LENDER = "北方汇银"


@dataclass(frozen=True)
class Entry:
    """One customer as the tables of names have it.

    A ``prospect`` is met for the first time: little is known of him yet.
    """

    firm: Firm
    kind: CustomerType
    owner: str
    branch: str
    is_prospect: bool = False
    principal: str = ""
    relation: str = ""


def entries(owners: dict[str, str], prospects: frozenset[str]) -> Iterator[Entry]:
    """Every customer of the demo; channels first, then companies before their partners.

    ``owners`` names the account manager of each customer.
    """
    tables: tuple[tuple[CustomerType, dict[str, tuple[Firm, ...]]], ...] = (
        (CustomerType.CHANNEL, names.CHANNELS),
        (CustomerType.ENTERPRISE, names.ENTERPRISES),
        (
            CustomerType.PERSON,
            {
                branch: tuple(Firm(*trader) for trader in traders)
                for branch, traders in names.TRADERS.items()
            },
        ),
    )
    for kind, table in tables:
        for branch, firms in table.items():
            for firm in firms:
                yield Entry(firm, kind, owners[firm.name], branch, firm.name in prospects)
    for branch, companies in names.COMPANIES.items():
        for firm, principal, relation in companies:
            yield Entry(
                firm, CustomerType.UPDOWN, owners[firm.name], branch,
                principal=principal, relation=relation,
            )  # fmt: skip


class Introduction:
    """Enters one customer and everybody around him at one visit."""

    def __init__(self, world: World, entry: Entry, now: datetime) -> None:
        self.world, self.entry, self.now = world, entry, now
        self.owner = world.company.people[entry.owner]
        self.chance = world.chance
        self.is_company = entry.kind != CustomerType.PERSON
        self.head_is_male = self.is_company or entry.firm.name[-1] not in "英梅燕芳"
        self.head = (
            names.someone(self.chance, is_male=self.head_is_male)
            if self.is_company
            else entry.firm.name
        )
        self.head_number = self._identity(self.chance.randint(34, 58), is_male=self.head_is_male)
        self.head_mobile = world.numbers.mobile()

    def make(self) -> Customer:
        customer = create_customer(
            customer_type=self.entry.kind, data=self._data(), actor=self.owner, now=self.now
        )
        self.world.customers[customer.name] = customer
        if self.entry.kind != CustomerType.CHANNEL:
            self._people(customer)
        return customer

    # the customer himself

    def _data(self) -> dict[str, Any]:
        firm, branch = self.entry.firm, self.entry.branch
        data: dict[str, Any] = {
            "name": firm.name,
            "phone": self._phone(),
            **self._source(),
        }
        if self.entry.kind == CustomerType.CHANNEL:
            return data | self._agreement() | self._account()
        if self.entry.is_prospect:
            return data
        data |= {
            "industry": firm.industry,
            "main_business": firm.business,
            "biz_addr": names.street(self.chance, branch),
            "sms_consent": self.chance.random() < 0.6,
            **self._account(),
        }
        if self.is_company:
            data |= self._registration(str(data["biz_addr"]))
        else:
            data["id_no"] = self.head_number
        if self.entry.principal:
            data["principal_customer"] = self.world.customers[self.entry.principal]
            data["relation_kind"] = self.entry.relation
        group = next((name for name, who in GROUPS.items() if firm.name in who), None)
        return data | ({"group": self._group(group)} if group else {})

    def _registration(self, address: str) -> dict[str, Any]:
        capital = Decimal(self.chance.choice((100, 200, 300, 500, 800, 1000, 2000)))
        return {
            "uscc": self.world.numbers.credit_code(self._region()),
            "legal_rep": self.head,
            "controller": self.head,
            "founded_on": date(self.chance.randint(2004, 2021), self.chance.randint(1, 12), 18),
            "reg_capital": capital,
            "paid_capital": (capital * self.chance.choice((5, 8, 10)) / 10),
            "size": "MICRO" if capital < 300 else "SMALL",
            "reg_addr": address,
        }

    def _agreement(self) -> dict[str, Any]:
        day = timezone.localdate(self.now)
        return {
            "agreement_no": f"QD-{self.entry.branch}-{day:%Y}-{self.chance.randint(1, 40):03}",
            "rebate_ratio": Decimal(self.chance.choice(("0.5", "0.8", "1.0"))),
            "agreement_end": day + timedelta(days=540),
            "biz_addr": names.street(self.chance, self.entry.branch),
            "legal_rep": self.head,
        }

    def _account(self) -> dict[str, Any]:
        numbers = self.world.numbers
        return {
            "bank": names.bank(self.chance, self.entry.branch),
            "acct_name": self.entry.firm.name,
            "acct_no": numbers.company_account() if self.is_company else numbers.bank_card(),
        }

    def _source(self) -> dict[str, Any]:
        """Every fourth borrower comes by a channel of his branch."""
        channels = [
            customer
            for customer in self.world.customers.values()
            if customer.customer_type == CustomerType.CHANNEL
            and customer.branch_id == self.owner.branch_id
        ]
        if channels and self.chance.random() < 0.25:
            return {"source": CustomerSource.CHANNEL, "channel": self.chance.choice(channels)}
        if channel := self.world.customers.get(INTRODUCED.get(self.entry.firm.name, "")):
            return {"source": CustomerSource.CHANNEL, "channel": channel}
        return {
            "source": self.chance.choice(
                (CustomerSource.SELF, CustomerSource.REFERRAL, CustomerSource.WALK_IN)
            )
        }

    def _group(self, name: str) -> CustomerGroup:
        found = CustomerGroup.objects.filter(name=name).first()
        return found or create_group(name=name, actor=self.owner, now=self.now)

    # the people around him

    def _people(self, customer: Customer) -> None:
        main = self._contact(
            customer,
            ContactType.MAIN,
            self.head,
            # Nobody's number is kept before he has signed the consent.
            number="" if self.entry.is_prospect else self.head_number,
            marital="MARRIED",
            education=self.chance.choice(("SENIOR", "COLLEGE", "BACHELOR")),
            household_addr=names.home(self.chance, self.entry.branch),
            home_addr=names.home(self.chance, self.entry.branch),
            housing=self.chance.choice(("OWNED", "MORTGAGED")),
            position="法定代表人" if self.is_company else "经营者",
            income=Decimal(self.chance.randrange(20_000, 90_000, 500)),
        )
        if self.entry.is_prospect:
            return
        kin = [self._spouse(customer)]
        if self.chance.random() < 0.3:
            kin.append(self._relative(customer))
        partners = self._partners(customer) if self.is_company else []
        helpers = self._helpers(customer)
        self._relate(main, kin, InfluenceType.KINSHIP, incoming=True, strength=3)
        self._relate(main, partners, InfluenceType.EQUITY, incoming=True)
        self._relate(main, helpers, InfluenceType.EMPLOYMENT, incoming=False)
        for contact in (main, *kin, *partners, *helpers):
            self._consent(customer, contact)
        if not self.is_company:
            self._consent(customer, None)

    def _spouse(self, customer: Customer) -> Contact:
        return self._contact(
            customer,
            ContactType.FAMILY,
            names.someone(self.chance, is_male=not self.head_is_male),
            number=self._identity(self.chance.randint(33, 57), is_male=not self.head_is_male),
            family_relation="SPOUSE",
            assets="与借款人共有住房一套,小型轿车一辆",
        )

    def _relative(self, customer: Customer) -> Contact:
        is_male = self.chance.random() < 0.5
        name = self.head[0] + names.someone(self.chance, is_male=is_male)[1:]
        number = self._identity(self.chance.randint(28, 59), is_male=is_male)
        return self._contact(
            customer, ContactType.FAMILY, name, number=number, family_relation="SIBLING"
        )

    def _partners(self, customer: Customer) -> list[Contact]:
        """The head himself and one or two others who hold the rest of the shares."""
        capital = customer.reg_capital or Decimal(100)
        rest = self.chance.choice((20, 30, 40, 49))
        shares = [rest] if self.chance.random() < 0.6 else [rest - 10, 10]
        found = [self._partner(customer, self.head, 100 - rest, capital, number=self.head_number)]
        for share in shares:
            is_male = self.chance.random() < 0.6
            name = names.someone(self.chance, is_male=is_male)
            number = self._identity(self.chance.randint(30, 59), is_male=is_male)
            found.append(self._partner(customer, name, share, capital, number=number))
        return found[1:]

    def _partner(
        self, customer: Customer, name: str, share: int, capital: Decimal, *, number: str
    ) -> Contact:
        contact = self._contact(
            customer,
            ContactType.SHAREHOLDER,
            name,
            share_pct=Decimal(share),
            capital=capital * share / 100,
            capital_kind="CASH",
            number=number,
        )
        if name == self.head:
            self._consent(customer, contact)
        return contact

    def _helpers(self, customer: Customer) -> list[Contact]:
        if self.chance.random() < 0.45:
            return []
        is_male = self.chance.random() < 0.4
        return [
            self._contact(
                customer,
                ContactType.MANAGER,
                names.someone(self.chance, is_male=is_male),
                number=self._identity(self.chance.randint(24, 55), is_male=is_male),
                position=self.chance.choice(names.POSITIONS),
                years=self.chance.randint(1, 14),
            )
        ]

    def _contact(
        self,
        customer: Customer,
        kind: ContactType,
        name: str,
        *,
        number: str,
        **more: Any,
    ) -> Contact:
        return create_contact(
            customer=customer,
            data={
                "contact_type": kind,
                "name": name,
                "id_type": "ID_CARD",
                "id_no": number,
                "mobile": self.head_mobile if name == self.head else self.world.numbers.mobile(),
                **more,
            },
            actor=self.owner,
            now=self.now,
        )

    def _relate(
        self,
        main: Contact,
        others: list[Contact],
        kind: InfluenceType,
        *,
        incoming: bool,
        strength: int = InfluenceStrength.MEDIUM,
    ) -> None:
        if others:
            create_relations(
                contact=main,
                others=others,
                incoming=incoming,
                influence_type=kind,
                strength=strength,
                actor=self.owner,
                now=self.now,
            )

    def _consent(self, customer: Customer, contact: Contact | None) -> None:
        who = contact.name if contact else customer.name
        number = contact.masked_id_no if contact else customer.masked_id_no
        day = timezone.localdate(self.now)
        paper = papers.pdf(
            f"个人信息授权书-{who}",
            "个人信息查询与使用授权书",
            [
                f"授权人:{who}    证件号码:{number}",
                f"客户:{customer.name}({customer.customer_no})",
                f"本人授权{_LENDER}为贷款审查、征信查询和贷后管理之目的,依法收集、查询和使用本人信息。",
                "授权期限:自签署之日起至本笔业务结清之日止。",
                f"签署日期:{day:%Y年%m月%d日}",
            ],
        )
        add_consent(
            customer=customer,
            contact=contact,
            upload=paper,
            purposes=_PURPOSES,
            granted_on=day,
            valid_until=None,
            actor=self.owner,
            now=self.now,
        )

    def _phone(self) -> str:
        if self.is_company:
            return self.world.numbers.landline(AREA_CODES[self.entry.branch])
        return self.world.numbers.mobile()

    def _identity(self, age: int, *, is_male: bool) -> str:
        return self.world.numbers.identity(self._region(), age=age, is_male=is_male)

    def _region(self) -> str:
        return self.chance.choice(REGIONS[self.entry.branch])
