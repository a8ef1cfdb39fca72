"""The lives of supervisions and their reports in approval, and the routes that ship with them."""

from django.utils.translation import gettext_lazy as _
from viewflow import this

from customers.choices import CreditColour
from documents import routes
from workflows import nodes
from workflows.bpmn.chain import Chain
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.model import OnHandler
from workflows.flow import DocumentFlow

_RED = Comparison("colour", Operator.EQ, CreditColour.RED.value)
_WORRYING = Comparison("colour", Operator.NE, CreditColour.GREEN.value)


class PostLoanSupervisionFlow(DocumentFlow):
    """贷后监管: submitted → approval route → in force, closed, or back to its handler."""

    process_title = _("Post-loan supervision")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.in_force).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    in_force = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()


class SupervisionReportFlow(DocumentFlow):
    """贷后监管报告: submitted → approval route → filed, closed, or back to its handler."""

    process_title = _("Supervision report")

    submitted = nodes.Submission().Next(this.approval)
    approval = nodes.Approval().Next(this.filed).Rejected(this.closed).Returned(this.correction)
    correction = nodes.Correction().Next(this.approval)
    filed = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()


def supervision_chain() -> Chain:
    """部门主管 → 分公司风控经理 → 贷后监管部 (domain §2.3).

    What one of 贷后监管部 handles is decided by a colleague of the same pool.
    """
    return Chain(
        process_id="post_loan_supervision",
        name="贷后监管审批",
        name_en="Post-loan supervision approval",
        nodes=(
            routes.department_head(),
            routes.branch_risk(),
            routes.supervision(on_handler=OnHandler.SKIP_IF_OTHERS),
        ),
    )


def report_chain() -> Chain:
    """分公司风控经理, 黄/红 → 贷后监管部, 红 → 总部风控 (domain §2.3)."""
    return Chain(
        process_id="supervision_report",
        name="贷后监管报告审批",
        name_en="Supervision report approval",
        nodes=(
            routes.branch_risk(),
            routes.supervision(_WORRYING, on_handler=OnHandler.SKIP_IF_OTHERS),
            routes.head_office_risk(_RED),
        ),
    )
