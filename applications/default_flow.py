"""The approval route that ships with the product: domain §2.3, by the exposure's band."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from staff.choices import DutyLine, RoleCode
from workflows.bpmn.chain import Chain, ChainStage
from workflows.bpmn.conditions import Comparison, Operator
from workflows.bpmn.model import (
    AssigneeKind,
    AssigneeRule,
    DecideMode,
    OnEmpty,
    RoleReach,
    StageAction,
    StageSettings,
    VoteSettings,
)

#: One working day and three, in working hours (domain §2.3, SLA).
ONE_DAY = Decimal(8)
THREE_DAYS = Decimal(24)

_BUSINESS = frozenset(
    {
        StageAction.APPROVE,
        StageAction.RETURN,
        StageAction.TRANSFER,
        StageAction.ADD_SIGNERS,
        StageAction.DELEGATE,
        StageAction.REQUEST_MATERIAL,
        StageAction.COPY,
    }
)
_MANAGEMENT = _BUSINESS | {StageAction.REJECT}
_RISK = _MANAGEMENT | {StageAction.APPROVE_WITH_CONDITIONS}
_COMMITTEE = frozenset(
    {
        StageAction.APPROVE,
        StageAction.APPROVE_WITH_CONDITIONS,
        StageAction.REJECT,
        StageAction.RETURN,
        StageAction.REQUEST_MATERIAL,
    }
)
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
            ChainStage(
                "department_head",
                "部门主管",
                "Department head",
                StageSettings(
                    assignees=(_role(RoleCode.TL, RoleReach.DEPARTMENT),),
                    duty_line=DutyLine.BUSINESS,
                    actions=_BUSINESS,
                    limit_hours=ONE_DAY,
                    on_empty=OnEmpty.SUPERIOR,
                ),
            ),
            ChainStage(
                "branch_risk",
                "分公司风控经理",
                "Branch risk manager",
                StageSettings(
                    assignees=(_role(RoleCode.BRM, RoleReach.BRANCH),),
                    duty_line=DutyLine.RISK,
                    actions=_RISK,
                    limit_hours=ONE_DAY,
                ),
            ),
            ChainStage(
                "branch_manager",
                "分公司总经理",
                "Branch general manager",
                StageSettings(
                    assignees=(_role(RoleCode.BGM, RoleReach.BRANCH),),
                    duty_line=DutyLine.MANAGEMENT,
                    actions=_MANAGEMENT,
                    limit_hours=ONE_DAY,
                    authority_level=1,
                    term_fields=_TERMS,
                ),
            ),
            ChainStage(
                "head_office_risk",
                "总部风控",
                "Head-office risk control",
                StageSettings(
                    assignees=(_role(RoleCode.HRM, RoleReach.HEAD_OFFICE),),
                    duty_line=DutyLine.RISK,
                    actions=_RISK,
                    claim_required=True,
                    limit_hours=ONE_DAY,
                    authority_level=2,
                    term_fields=_TERMS,
                ),
                condition=_from_level(2),
            ),
            ChainStage(
                "risk_committee",
                "风控委员会",
                "Risk committee",
                StageSettings(
                    assignees=(
                        _role(RoleCode.RC, RoleReach.ANYWHERE),
                        _role(RoleCode.RCC, RoleReach.ANYWHERE, has_veto=True),
                    ),
                    decide=DecideMode.VOTE,
                    vote=VoteSettings(quorum=Fraction(2, 3), pass_ratio=Fraction(2, 3)),
                    duty_line=DutyLine.COMMITTEE,
                    actions=_COMMITTEE,
                    limit_hours=THREE_DAYS,
                    authority_level=3,
                    term_fields=_TERMS,
                ),
                condition=_from_level(3),
            ),
            ChainStage(
                "president",
                "总裁",
                "President",
                StageSettings(
                    assignees=(_role(RoleCode.CEO, RoleReach.ANYWHERE),),
                    duty_line=DutyLine.MANAGEMENT,
                    actions=_MANAGEMENT,
                    limit_hours=ONE_DAY,
                    authority_level=4,
                    term_fields=_TERMS,
                ),
                condition=_from_level(4),
            ),
        ),
    )


def _role(code: RoleCode, reach: RoleReach, *, has_veto: bool = False) -> AssigneeRule:
    return AssigneeRule(AssigneeKind.ROLE, role=code.value, reach=reach, has_veto=has_veto)


def _from_level(level: int) -> Comparison:
    return Comparison("authority_level", Operator.GE, level)
