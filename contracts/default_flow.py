"""The approval route that ships with the product (domain §2.3)."""

from __future__ import annotations

from documents import routes
from workflows.bpmn.chain import Chain


def default_chain() -> Chain:
    """客户经理 → 分公司风控经理 → 总部风控(法务)."""
    return Chain(
        process_id="contract_review",
        name="合同手续审核单审批",
        name_en="Contract formality review",
        nodes=(routes.branch_risk(), routes.head_office_risk()),
    )
