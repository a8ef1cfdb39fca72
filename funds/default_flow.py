"""The approval routes that ship with the product (domain §2.3)."""

from __future__ import annotations

from decimal import Decimal

from documents import routes
from workflows.bpmn.chain import Chain
from workflows.bpmn.conditions import AnyOf, Comparison, Operator
from workflows.bpmn.model import OnSamePerson

#: Above this the president decides as well.
_PRESIDENT_ABOVE = Decimal(3_000_000)
#: Interest relief and rebates above these go to head-office risk control and to the president.
_RELIEF_TO_HEAD_OFFICE, _REBATE_TO_HEAD_OFFICE = Decimal(5_000), Decimal(20_000)
_MOST_WITHOUT_PRESIDENT = Decimal(50_000)
#: percent of the loan's interest
_RELIEF_SHARE = Decimal(20)


def transfer_chain() -> Chain:
    """分公司总经理 → 总部风控 → 总裁 (above 3,000,000) → 财务部."""
    return Chain(
        process_id="fund_transfer",
        name="资金划拨确认书审批",
        name_en="Fund transfer confirmation",
        nodes=(
            routes.branch_manager(),
            routes.head_office_risk(),
            routes.president(_above("amount", _PRESIDENT_ABOVE)),
            routes.finance(),
        ),
    )


def relief_chain() -> Chain:
    """部门主管 → 分公司风控经理 → 分公司总经理 → 总部风控 (above 5,000 or 20 % of the interest)
    → 总裁 (above 50,000) → 财务部."""
    head_office = AnyOf(
        (
            _above("amount", _RELIEF_TO_HEAD_OFFICE),
            _above("interest_share", _RELIEF_SHARE),
        )
    )
    return Chain(
        process_id="interest_relief",
        name="退息、免息单审批",
        name_en="Interest refund or waiver",
        nodes=(
            routes.department_head(),
            routes.branch_risk(),
            routes.branch_manager(),
            routes.head_office_risk(head_office),
            routes.president(_above("amount", _MOST_WITHOUT_PRESIDENT)),
            routes.finance(),
        ),
    )


def rebate_chain() -> Chain:
    """部门主管 → 分公司总经理 → 总部风控 (above 20,000) → 总裁 (above 50,000) → 财务部."""
    return Chain(
        process_id="rebate_application",
        name="返点申请审批",
        name_en="Rebate application",
        nodes=(
            routes.department_head(),
            routes.branch_manager(on_same_person=OnSamePerson.AUTO_PASS),
            routes.head_office_risk(_above("amount", _REBATE_TO_HEAD_OFFICE)),
            routes.president(_above("amount", _MOST_WITHOUT_PRESIDENT)),
            routes.finance(),
        ),
    )


def _above(fact: str, limit: Decimal) -> Comparison:
    return Comparison(fact, Operator.GT, limit)
