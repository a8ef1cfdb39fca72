"""The approval route that ships with the product: domain §2.3, by the exposure's band."""

from __future__ import annotations

from documents import routes
from workflows.bpmn.chain import Chain
from workflows.bpmn.conditions import Comparison, Operator

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
