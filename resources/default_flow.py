"""The approval route that ships with the product (domain §2.3, A14)."""

from __future__ import annotations

from documents import routes
from staff.choices import DutyLine
from workflows.bpmn.chain import Chain, ChainStage
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    StageAction,
    StageSettings,
)


def default_chain() -> Chain:
    """接收人确认, all of them → 分公司总经理; across branches, and for head office → 总部.

    Who wrote the handover agrees to what he receives by writing it.
    """
    return Chain(
        process_id="work_handover",
        name="工作移交审批",
        name_en="Work handover approval",
        nodes=(
            _acceptance(),
            routes.branch_manager(_is("has_branch_manager")),
            routes.head_office_risk(_is("needs_head_office")),
        ),
    )


def _acceptance() -> ChainStage:
    settings = StageSettings(
        assignees=(AssigneeRule(AssigneeKind.PERSON_FIELD, field="receivers"),),
        decide=DecideMode.ALL,
        duty_line=DutyLine.BUSINESS,
        actions=frozenset({StageAction.APPROVE, StageAction.RETURN}),
        limit_hours=routes.ONE_DAY,
    )
    return ChainStage(
        "receivers", "接收人确认", "Receivers' acceptance", settings, _is("has_receivers")
    )


def _is(fact: str) -> Comparison:
    return Comparison(fact, Operator.EQ, value=True)
