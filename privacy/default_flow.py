"""The approval route that ships with the product."""

from __future__ import annotations

from documents import routes
from privacy.choices import ApplicantLevel
from workflows.bpmn.chain import Chain
from workflows.bpmn.conditions import AnyOf, Comparison, Operator


def _level(*levels: ApplicantLevel) -> AnyOf:
    return AnyOf(tuple(Comparison("level", Operator.EQ, each.value) for each in levels))


def export_chain() -> Chain:
    """申请人 → 部门主管 → 分公司总经理 → 总部风控.

    Whoever sits on the way himself is passed over; head office and branch managers ask 总裁.
    """
    staff, officer = ApplicantLevel.STAFF, ApplicantLevel.OFFICER
    return Chain(
        process_id="export_request",
        name="个人信息导出审批",
        name_en="Export of personal information",
        nodes=(
            routes.department_head(_level(staff)),
            routes.branch_manager(_level(staff, officer)),
            routes.president(_level(ApplicantLevel.MANAGER, ApplicantLevel.HEAD_OFFICE)),
            routes.head_office_risk(),
        ),
    )
