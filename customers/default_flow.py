"""The approval route that ships with the product (domain §2.3)."""

from __future__ import annotations

from customers.choices import BorrowerTier
from documents import routes
from workflows.bpmn.chain import Chain
from workflows.bpmn.conditions import AnyOf, Comparison, Operator
from workflows.bpmn.model import OnSamePerson


def tier_chain() -> Chain:
    """客户经理 → 部门主管 → 分公司总经理 → 总部风控 (the top tier, or above what is earned)."""
    return Chain(
        process_id="tier_change",
        name="客户等级调整审批",
        name_en="Customer tier adjustment",
        nodes=(
            routes.department_head(),
            routes.branch_manager(on_same_person=OnSamePerson.AUTO_PASS),
            routes.head_office_risk(
                AnyOf(
                    (
                        Comparison("to_tier", Operator.EQ, BorrowerTier.DIAMOND.value),
                        Comparison("is_exception", Operator.EQ, True),
                    )
                )
            ),
        ),
    )
