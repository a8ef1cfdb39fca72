"""The approval routes that ship with the product (domain §2.3)."""

from __future__ import annotations

from decimal import Decimal

from documents import routes
from workflows.bpmn.chain import Chain
from workflows.bpmn.conditions import Comparison, Operator

#: Above this the president decides as well.
_PRESIDENT_ABOVE = Decimal(3_000_000)


def transfer_chain() -> Chain:
    """分公司总经理 → 总部风控 → 总裁 (above 3,000,000) → 财务部."""
    return Chain(
        process_id="fund_transfer",
        name="资金划拨确认书审批",
        name_en="Fund transfer confirmation",
        nodes=(
            routes.branch_manager(),
            routes.head_office_risk(),
            routes.president(Comparison("amount", Operator.GT, _PRESIDENT_ABOVE)),
            routes.finance(),
        ),
    )
