"""The stages of which the shipped routes are made (domain.md §2.3): who sits where, by default.

A route that ships with a kind strings these together; an administrator changes it afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from staff.choices import DutyLine, RoleCode
from workflows.bpmn.chain import ChainStage
from workflows.bpmn.conditions import Condition
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


def role(code: RoleCode, reach: RoleReach, *, has_veto: bool = False) -> AssigneeRule:
    return AssigneeRule(AssigneeKind.ROLE, role=code.value, reach=reach, has_veto=has_veto)


def _stage(
    node_id: str,
    name: str,
    name_en: str,
    settings: StageSettings,
    when: Condition | None,
    changes: dict[str, Any],
) -> ChainStage:
    return ChainStage(node_id, name, name_en, replace(settings, **changes), condition=when)


def department_head(when: Condition | None = None, **changes: Any) -> ChainStage:
    """部门主管; ``changes`` are settings of the stage that differ from the usual ones."""
    settings = StageSettings(
        assignees=(role(RoleCode.TL, RoleReach.DEPARTMENT),),
        duty_line=DutyLine.BUSINESS,
        actions=_BUSINESS,
        limit_hours=ONE_DAY,
        on_empty=OnEmpty.SUPERIOR,
    )
    return _stage("department_head", "部门主管", "Department head", settings, when, changes)


def branch_risk(when: Condition | None = None, **changes: Any) -> ChainStage:
    """分公司风控经理."""
    settings = StageSettings(
        assignees=(role(RoleCode.BRM, RoleReach.BRANCH),),
        duty_line=DutyLine.RISK,
        actions=_RISK,
        limit_hours=ONE_DAY,
    )
    return _stage("branch_risk", "分公司风控经理", "Branch risk manager", settings, when, changes)


def branch_manager(when: Condition | None = None, **changes: Any) -> ChainStage:
    """分公司总经理."""
    settings = StageSettings(
        assignees=(role(RoleCode.BGM, RoleReach.BRANCH),),
        duty_line=DutyLine.MANAGEMENT,
        actions=_MANAGEMENT,
        limit_hours=ONE_DAY,
    )
    return _stage(
        "branch_manager", "分公司总经理", "Branch general manager", settings, when, changes
    )


def head_office_risk(when: Condition | None = None, **changes: Any) -> ChainStage:
    """总部风控, from the pool: whoever of them claims it."""
    settings = StageSettings(
        assignees=(role(RoleCode.HRM, RoleReach.HEAD_OFFICE),),
        duty_line=DutyLine.RISK,
        actions=_RISK,
        claim_required=True,
        limit_hours=ONE_DAY,
    )
    return _stage(
        "head_office_risk", "总部风控", "Head-office risk control", settings, when, changes
    )


def committee(when: Condition | None = None, **changes: Any) -> ChainStage:
    """风控委员会: two thirds present, two thirds in favour, the chair may veto."""
    settings = StageSettings(
        assignees=(
            role(RoleCode.RC, RoleReach.ANYWHERE),
            role(RoleCode.RCC, RoleReach.ANYWHERE, has_veto=True),
        ),
        decide=DecideMode.VOTE,
        vote=VoteSettings(quorum=Fraction(2, 3), pass_ratio=Fraction(2, 3)),
        duty_line=DutyLine.COMMITTEE,
        actions=_COMMITTEE,
        limit_hours=THREE_DAYS,
    )
    return _stage("risk_committee", "风控委员会", "Risk committee", settings, when, changes)


def president(when: Condition | None = None, **changes: Any) -> ChainStage:
    """总裁."""
    settings = StageSettings(
        assignees=(role(RoleCode.CEO, RoleReach.ANYWHERE),),
        duty_line=DutyLine.MANAGEMENT,
        actions=_MANAGEMENT,
        limit_hours=ONE_DAY,
    )
    return _stage("president", "总裁", "President", settings, when, changes)


def finance(when: Condition | None = None, **changes: Any) -> ChainStage:
    """财务部, from the pool."""
    settings = StageSettings(
        assignees=(role(RoleCode.FIN, RoleReach.HEAD_OFFICE),),
        duty_line=DutyLine.FINANCE,
        actions=_MANAGEMENT,
        claim_required=True,
        limit_hours=ONE_DAY,
    )
    return _stage("finance", "财务部", "Finance", settings, when, changes)


def supervision(when: Condition | None = None, **changes: Any) -> ChainStage:
    """贷后监管部, from the pool."""
    settings = StageSettings(
        assignees=(role(RoleCode.PLM, RoleReach.HEAD_OFFICE),),
        duty_line=DutyLine.RISK,
        actions=_MANAGEMENT,
        claim_required=True,
        limit_hours=ONE_DAY,
    )
    return _stage("supervision", "贷后监管部", "Post-loan supervision", settings, when, changes)
