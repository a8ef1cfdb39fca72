"""The route of the five levels (X3), and how a confirmed issue passes it.

A level that hands the issue up approves its step; a level that answers returns it to the
reporter. See docs/decisions/0012-issues-walk-the-route-by-return-and-resubmission.md.
"""

from __future__ import annotations

from documents import routes
from issues.choices import Level
from staff.choices import DutyLine, RoleCode
from workflows.bpmn.chain import Chain, ChainStage
from workflows.bpmn.conditions import AllOf, Comparison, Operator
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    OnEmpty,
    RoleReach,
    StageAction,
    StageSettings,
)

#: 同意 hands up, 退回 brings the answer to the reporter; 加签 asks other departments (会议)
_ACTIONS = frozenset(
    {
        StageAction.APPROVE,
        StageAction.RETURN,
        StageAction.TRANSFER,
        StageAction.ADD_SIGNERS,
        StageAction.REQUEST_MATERIAL,
        StageAction.COPY,
    }
)


def issue_chain() -> Chain:
    """处理人 → 部门主管 → 分公司总经理(跨部门会议) → 总裁 → 外部(总部风控登记)."""
    owner = AssigneeRule(AssigneeKind.PERSON_FIELD, field="owner")
    return Chain(
        process_id="issue_escalation",
        name="问题升级处理",
        name_en="Issue escalation",
        nodes=(
            _level(Level.OWNER, "处理人", "Person in charge", owner, DutyLine.BUSINESS),
            _level(
                Level.DEPARTMENT,
                "部门主管",
                "Department head",
                routes.role(RoleCode.TL, RoleReach.DEPARTMENT),
                DutyLine.BUSINESS,
                on_empty=OnEmpty.SUPERIOR,
            ),
            _level(
                Level.BRANCH,
                "分公司总经理",
                "Branch general manager",
                routes.role(RoleCode.BGM, RoleReach.BRANCH),
                DutyLine.MANAGEMENT,
            ),
            _level(
                Level.HEAD_OFFICE,
                "总裁",
                "President",
                routes.role(RoleCode.CEO, RoleReach.ANYWHERE),
                DutyLine.MANAGEMENT,
            ),
            _level(
                Level.EXTERNAL,
                "外部处理(总部风控登记)",
                "External body, recorded by head-office risk",
                routes.role(RoleCode.HRM, RoleReach.HEAD_OFFICE),
                DutyLine.RISK,
                claim_required=True,
            ),
        ),
    )


def _level(
    level: Level,
    name: str,
    name_en: str,
    who: AssigneeRule,
    line: DutyLine,
    *,
    on_empty: OnEmpty = OnEmpty.STOP,
    claim_required: bool = False,
) -> ChainStage:
    """Met while the reporter has not agreed, from the level on at which the issue comes in."""
    settings = StageSettings(
        assignees=(who,),
        duty_line=line,
        actions=_ACTIONS,
        # 24 hours are a working day of the engine's clock.
        limit_hours=routes.ONE_DAY,
        on_empty=on_empty,
        claim_required=claim_required,
    )
    when = AllOf(
        (
            Comparison("is_confirmed", Operator.EQ, False),
            Comparison("level", Operator.LE, level.value),
        )
    )
    return ChainStage(f"level_{level.value}", name, name_en, settings, condition=when)
