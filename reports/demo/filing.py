"""Fill in an application and attach its papers, as an account manager does."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from applications.choices import (
    FeeBasis,
    FeeKind,
    FeeTiming,
    GuaranteeItemKind,
    GuaranteeWay,
    Purpose,
)
from applications.kinds import CATEGORIES
from applications.models import BusinessApplication
from applications.services.drafts import create_application, update_application
from customers.models import Customer, Opportunity
from documents import categories
from documents.services.attachments import add_attachment
from lending_crm.common.money import capital_amount
from reports.demo import names, papers
from reports.demo.catalogue import product
from reports.demo.steps import CARS, COMPANY, HOUSE, NONE, PERSON, PLANT, RECEIVABLES, Plan
from reports.demo.world import World

_WAYS = {
    HOUSE: GuaranteeWay.MORTGAGE,
    PLANT: GuaranteeWay.MORTGAGE,
    CARS: GuaranteeWay.PLEDGE,
    RECEIVABLES: GuaranteeWay.PLEDGE,
    PERSON: GuaranteeWay.GUARANTEE,
    COMPANY: GuaranteeWay.GUARANTEE,
    NONE: GuaranteeWay.CREDIT,
}
#: kind of the row, lending ratio in percent, assessed value as a multiple of the amount
_SECURITIES = {
    HOUSE: (GuaranteeItemKind.REAL_ESTATE, 70, 1.75),
    PLANT: (GuaranteeItemKind.LAND, 60, 1.95),
    CARS: (GuaranteeItemKind.VEHICLE, 60, 1.85),
    RECEIVABLES: (GuaranteeItemKind.RECEIVABLE, 70, 1.6),
}
_WORDS = (
    ("工程", Purpose.PROJECT),
    ("购置", Purpose.EQUIPMENT),
    ("装修", Purpose.PREMISES),
    ("翻新", Purpose.PREMISES),
    ("租金", Purpose.PREMISES),
    ("采购", Purpose.PURCHASE),
    ("备货", Purpose.PURCHASE),
)


class Filing:
    """Writes one application from its plan, step by step at the given moments."""

    def __init__(self, world: World, plan: Plan, customer: Customer) -> None:
        self.world, self.plan, self.customer = world, plan, customer
        self.owner = customer.owner
        self.chance = world.chance

    def open(self, opportunity: Opportunity, *, now: datetime) -> BusinessApplication:
        """The draft with its rows; an incomplete plan has only what is known on the first day."""
        is_complete = self.plan.is_complete
        return create_application(
            opportunity=opportunity,
            actor=self.owner,
            now=now,
            values=self._values() if is_complete else {"purpose": self._purpose()},
            rows={
                "lines": [self._line(self.plan.amount)],
                "guarantee_items": self._securities() if is_complete else [],
                "fees": self._fees(),
            },
        )

    def correct(self, application: BusinessApplication, amount: int, *, now: datetime) -> None:
        """Ask for another amount; the security stays as it is."""
        update_application(
            application_id=application.pk,
            actor=self.owner,
            now=now,
            values={"remark": f"根据审批意见,申请金额调整为{capital_amount(Decimal(amount))}。"},
            rows={"lines": [self._line(amount)]},
        )

    def attach_papers(self, application: BusinessApplication, *, now: datetime) -> None:
        """Every required class; of an incomplete draft only the first two."""
        wanted = [c for c in CATEGORIES if c != categories.OTHER]
        if not set(self.plan.security) - {NONE}:
            wanted.remove(categories.COLLATERAL)
        for category in wanted if self.plan.is_complete else wanted[:2]:
            name = f"{self._labels[category.code]}-{self.customer.name}"
            add_attachment(
                document_id=application.pk,
                actor=self.owner,
                now=now,
                title=self._labels[category.code],
                category=category.code,
                upload=self._paper(category.code, name, application, now=now),
            )

    # the form

    def _values(self) -> dict[str, Any]:
        wan = self.plan.amount // 10_000
        flow = round(wan * self.chance.uniform(0.5, 1.2)) or 1
        second = "抵押物处置" if self._is_secured else "保证人代偿"
        return {
            "purpose": self._purpose(),
            "purpose_note": f"{self.plan.use},款项按合同受托支付至交易对手账户。",
            "repay_source": f"第一还款来源:主营业务回款,近十二个月月均结算流水约{flow}万元;"
            f"第二还款来源:{second}。",
            "guarantee": list(dict.fromkeys(_WAYS[kind] for kind in self.plan.security)),
            **self._rebate(),
        }

    def _rebate(self) -> dict[str, Any]:
        """The channel that brought the customer gets the ratio of its agreement."""
        channel = self.customer.channel
        return {"channel": channel, "rebate_ratio": channel.rebate_ratio} if channel else {}

    def _purpose(self) -> Purpose:
        found = (purpose for word, purpose in _WORDS if word in self.plan.use)
        return next(found, Purpose.WORKING_CAPITAL)

    @property
    def _is_secured(self) -> bool:
        return any(kind in _SECURITIES for kind in self.plan.security)

    def _line(self, amount: int) -> dict[str, Any]:
        return {
            "product": product(self.plan.product),
            "amount": Decimal(amount),
            "term_months": self.plan.term,
            "annual_rate": Decimal(self.plan.rate),
            "method": self.plan.method,
            "disburse_mode": "TRANCHES" if amount >= 5_000_000 else "ONCE",
        }

    def _fees(self) -> list[dict[str, Any]]:
        fees: list[dict[str, Any]] = []
        if self.plan.fee:
            fees.append(
                {
                    "kind": FeeKind.SERVICE,
                    "basis": FeeBasis.RATE,
                    "rate": Decimal(self.plan.fee),
                    "timing": FeeTiming.UPFRONT,
                    "payee": "北方汇银",
                }
            )
        if self._is_secured and self.plan.amount >= 400_000:
            fees.append(
                {
                    "kind": FeeKind.APPRAISAL,
                    "basis": FeeBasis.AMOUNT,
                    "amount": Decimal(self.chance.randrange(800, 2600, 100)),
                    "timing": FeeTiming.UPFRONT,
                    "payee": "山东中评房地产资产评估有限公司",
                }
            )
        return fees

    def _securities(self) -> list[dict[str, Any]]:
        collateral = [kind for kind in self.plan.security if kind in _SECURITIES]
        found = [self._collateral(kind, len(collateral)) for kind in collateral]
        if PERSON in self.plan.security:
            found.append({"kind": GuaranteeItemKind.PERSON, "name": self._guarantor()})
        if COMPANY in self.plan.security:
            found.append({"kind": GuaranteeItemKind.COMPANY, "name": self._partner_company()})
        return found

    def _collateral(self, kind: str, share: int) -> dict[str, Any]:
        row_kind, ratio, multiple = _SECURITIES[kind]
        value = self.plan.amount * multiple * self.chance.uniform(1.0, 1.2) / share
        branch = self.owner.branch.code  # type: ignore[union-attr]
        area = self.chance.randint(86, 168)
        text = {
            HOUSE: f"{names.street(self.chance, branch)}住宅({area}㎡)",
            PLANT: f"{names.street(self.chance, branch)}工业用地及厂房({area * 20}㎡)",
            CARS: f"运营车辆{max(2, self.plan.amount // 200_000)}台(重型货车)",
            RECEIVABLES: "已开票应收账款(付款方确认,账龄九十天以内)",
        }[kind]
        return {
            "kind": row_kind,
            "name": text,
            "owner_name": self.customer.name if kind in (PLANT, RECEIVABLES) else self._head,
            "assessed_value": Decimal(round(value / 10_000) * 10_000),
            "ratio": Decimal(ratio),
        }

    @property
    def _head(self) -> str:
        return self.customer.legal_rep or self.customer.name

    def _guarantor(self) -> str:
        relatives = self.customer.contacts.filter(contact_type="FAMILY").order_by("pk")
        found = relatives.first()
        return found.name if found else self._head

    def _partner_company(self) -> str:
        if self.customer.principal_customer:
            return self.customer.principal_customer.name
        partner = self.customer.related_companies.order_by("pk").first()
        return partner.name if partner else "山东诚达融资担保有限公司"

    # the papers

    @property
    def _labels(self) -> dict[str, str]:
        is_person = self.customer.customer_type == "PERSON"
        return {
            categories.INVESTIGATION.code: "贷前调查报告",
            categories.CREDIT.code: "贷款及征信情况",
            categories.SOLVENCY.code: "偿债能力分析",
            categories.IDENTITY.code: "身份证" if is_person else "营业执照",
            categories.CREDIT_AUTHORISATION.code: "征信查询授权书",
            categories.FINANCIALS.code: "银行流水" if is_person else "近期财务报表",
            categories.COLLATERAL.code: "权属证明",
            categories.PURPOSE.code: "购销合同",
        }

    def _paper(
        self, code: str, name: str, application: BusinessApplication, *, now: datetime
    ) -> Any:
        customer, plan = self.customer, self.plan
        day = timezone.localdate(now)
        head = [f"客户:{customer.name}({customer.customer_no})", f"业务编号:{application.doc_no}"]
        sign = [f"客户经理:{self.owner.name}    日期:{day:%Y年%m月%d日}"]
        if code == categories.IDENTITY.code:
            return papers.picture(name, customer.uscc or customer.masked_id_no, self.chance)
        if code == categories.FINANCIALS.code:
            return self._statement(name)
        wan = plan.amount // 10_000
        texts = {
            categories.INVESTIGATION.code: [
                f"主营业务:{customer.main_business}",
                f"申请金额{wan}万元,期限{plan.term}个月,用途:{plan.use}。",
                "调查方式:双人上门,查看经营场所、存货及账册,访谈实际控制人。",
                "调查结论:经营正常,用途真实,建议受理。",
            ],
            categories.CREDIT.code: [
                f"在贷银行{self.chance.randint(0, 3)}家,余额约{round(wan * 0.8)}万元,"
                "五级分类均为正常。",
                "近二十四个月无逾期记录,对外担保一笔,被担保人经营正常。",
            ],
            categories.SOLVENCY.code: [
                f"月均结算流水约{round(wan * 0.9) or 1}万元,"
                f"月均净现金流约{round(wan * 0.12) or 1}万元。",
                f"资产负债率约{self.chance.randint(38, 58)}%,"
                f"利息保障倍数约{self.chance.randint(3, 7)}倍。",
            ],
            categories.CREDIT_AUTHORISATION.code: [
                f"授权人:{self._head}",
                "本人(本单位)授权贵公司向金融信用信息基础数据库查询本人(本单位)信用报告。",
            ],
            categories.COLLATERAL.code: [f"权利人:{self._head}", "他项权利:无", "查封情况:无"],
            categories.PURPOSE.code: [f"合同标的:{plan.use}", f"合同金额:人民币{wan}万元整"],
        }
        is_word = code in (categories.CREDIT.code, categories.SOLVENCY.code)
        make = papers.word if is_word else papers.pdf
        return make(name, self._labels[code], [*head, *texts[code], *sign])

    def _statement(self, name: str) -> Any:
        wan = self.plan.amount / 10_000
        rows = [
            [f"{month}月", *(round(wan * self.chance.uniform(0.5, 1.3), 2) for _ in range(2))]
            for month in range(1, 13)
        ]
        return papers.excel(name, "月度汇总", ["月份", "收入(万元)", "支出(万元)"], rows)


def supplement_paper(title: str, customer: Customer, text: str, *, now: datetime) -> Any:
    """The file of a supplement: the words of its note on paper."""
    day = timezone.localdate(now)
    lines = [f"客户:{customer.name}", text, f"日期:{day:%Y年%m月%d日}"]
    return papers.pdf(f"{title}-{customer.name}", title, lines)
