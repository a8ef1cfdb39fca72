"""The life of a bad-customer handover in approval, and the route that ships (domain §2.3)."""

from __future__ import annotations

from decimal import Decimal

from django.utils.translation import gettext_lazy as _
from viewflow import this

from documents import routes
from postloan.choices.bad_customers import Direction
from staff.choices import DutyLine
from workflows import nodes
from workflows.bpmn.chain import Chain, ChainStage
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.model import AssigneeKind, AssigneeRule, StageAction, StageSettings
from workflows.flow import DocumentFlow


class BadCustomerHandoverFlow(DocumentFlow):
    """不良客户交接: submitted → approval route → handed over, closed, or back to its handler."""

    process_title = _("Bad-customer handover")

    submitted = nodes.Submission().Next(this.approval)
    approval = (
        nodes.Approval().Next(this.handed_over).Rejected(this.closed).Returned(this.correction)
    )
    correction = nodes.Correction().Next(this.approval)
    handed_over = nodes.Conclusion("APPROVED").Next(this.end)
    closed = nodes.Conclusion("REJECTED").Next(this.end)
    end = nodes.End()


def handover_chain() -> Chain:
    """部门主管 → 分公司风控经理 → 分公司总经理 → 总部风控 → 总裁 (above 3,000,000) → the receiver.

    The receiver is the person whom the document names: of asset recovery, or for 逆移交 the
    account manager who takes the customer back.
    """
    return Chain(
        process_id="bad_customer_handover",
        name="不良客户交接审批",
        name_en="Bad-customer handover approval",
        nodes=(
            routes.department_head(),
            routes.branch_risk(),
            routes.branch_manager(),
            routes.head_office_risk(),
            routes.president(Comparison("balance", Operator.GT, Decimal("3000000.00"))),
            _reception(
                "reception",
                "资产保全部接收",
                "Taken over by asset recovery",
                Direction.HAND_OVER,
                DutyLine.RISK,
            ),
            _reception(
                "taking_back",
                "客户经理接收",
                "Taken back by the account manager",
                Direction.RETURN,
                DutyLine.BUSINESS,
            ),
        ),
    )


def _reception(
    node_id: str, name: str, name_en: str, direction: Direction, line: DutyLine
) -> ChainStage:
    """The receiver himself confirms: he takes it or sends it back, and nobody in his place."""
    settings = StageSettings(
        assignees=(AssigneeRule(AssigneeKind.PERSON_FIELD, field="receiver"),),
        duty_line=line,
        actions=frozenset({StageAction.APPROVE, StageAction.RETURN, StageAction.REQUEST_MATERIAL}),
        limit_hours=routes.ONE_DAY,
    )
    condition = Comparison("direction", Operator.EQ, direction.value)
    return ChainStage(node_id, name, name_en, settings, condition=condition)
