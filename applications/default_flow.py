"""The approval routes that ship with the product (domain §2.3)."""

from __future__ import annotations

from decimal import Decimal

from documents import routes
from workflows.bpmn.chain import Chain
from workflows.bpmn.conditions import AllOf, Comparison, Operator

_TERMS = ("approved_amount", "approved_term", "approved_rate")


def default_chain() -> Chain:
    """部门主管 → 分公司风控经理 → 分公司总经理 → 总部风控 → 风控委员会 → 总裁.

    The last three are met only from their authority level on; the level of a case comes
    from its exposure and the reasons that move it one band up.
    """
    return Chain(
        process_id="business_application",
        name="业务申请单审批",
        name_en="Business application approval",
        nodes=(
            routes.department_head(),
            routes.branch_risk(),
            routes.branch_manager(authority_level=1, term_fields=_TERMS),
            routes.head_office_risk(_from_level(2), authority_level=2, term_fields=_TERMS),
            routes.committee(_from_level(3), authority_level=3, term_fields=_TERMS),
            routes.president(_from_level(4), authority_level=4, term_fields=_TERMS),
        ),
    )


def _from_level(level: int) -> Comparison:
    return Comparison("authority_level", Operator.GE, level)


def reconsideration_chain() -> Chain:
    """… → 总部风控 → one level above the step that rejected.

    The committee is left out when it was the one that rejected; the president then decides.
    """
    above_head_office = AllOf(
        (
            Comparison("deciding_level", Operator.GE, 3),
            Comparison("rejected_level", Operator.LT, 3),
        )
    )
    return Chain(
        process_id="reconsideration",
        name="业务复议审批",
        name_en="Reconsideration approval",
        nodes=(
            routes.department_head(),
            routes.branch_risk(),
            routes.branch_manager(),
            routes.head_office_risk(authority_level=2, term_fields=_TERMS),
            routes.committee(above_head_office, authority_level=3, term_fields=_TERMS),
            routes.president(
                Comparison("deciding_level", Operator.GE, 4),
                authority_level=4,
                term_fields=_TERMS,
            ),
        ),
    )


def intermediary_chain() -> Chain:
    """… → 分公司总经理 (→ 总部风控 above three million) → 财务部, which checks the fee sheet."""
    return Chain(
        process_id="intermediary_application",
        name="中介业务审批",
        name_en="Intermediary business approval",
        nodes=(
            routes.department_head(),
            routes.branch_risk(),
            routes.branch_manager(),
            routes.head_office_risk(Comparison("sign_amount", Operator.GT, Decimal("3000000.00"))),
            routes.finance(),
        ),
    )
