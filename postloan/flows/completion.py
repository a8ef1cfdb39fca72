"""The life of a customer completion in approval, and the route that ships (domain §2.3)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from viewflow import this

from documents import routes
from workflows import nodes
from workflows.bpmn.chain import Chain
from workflows.flow import DocumentFlow


class CustomerCompletionFlow(DocumentFlow):
    """客户完结: submitted → approval route → completed, closed, or back to its handler."""

    process_title = _("Customer completion")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.completed).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    completed = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()


def completion_chain() -> Chain:
    """部门主管 → 分公司风控经理 → 财务部 → 分公司总经理."""
    return Chain(
        process_id="customer_completion",
        name="客户完结审批",
        name_en="Customer completion approval",
        nodes=(
            routes.department_head(),
            routes.branch_risk(),
            routes.finance(),
            routes.branch_manager(),
        ),
    )
