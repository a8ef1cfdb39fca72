"""The approval route that ships with the product (domain §2.3), one for both types."""

from __future__ import annotations

from decimal import Decimal

from documents import routes
from postloan.choices.extension import ExtType
from workflows.bpmn.chain import Chain
from workflows.bpmn.conditions import AllOf, AnyOf, Comparison, Operator

_EXTENSION = Comparison("ext_type", Operator.EQ, ExtType.EXTENSION.value)
_OVERDUE = Comparison("ext_type", Operator.EQ, ExtType.OVERDUE.value)


def default_chain() -> Chain:
    """展期: 部门主管 → 分公司风控经理 → 分公司总经理 → 总部风控, above 3,000,000 or from the second
    one on → 风控委员会, above 10,000,000 → 总裁. 逾期: 部门主管 → 分公司风控经理 → 贷后监管部 →
    分公司总经理, from 31 days or above 1,000,000 → 总部风控, from 91 days → 风控委员会.

    总部风控 may set a rate below the one of the loan (domain M7).
    """
    head_office = AnyOf((_EXTENSION, _days_above(30), _exposure_above("1000000.00")))
    committee = AnyOf(
        (
            AllOf((_EXTENSION, _exposure_above("3000000.00"))),
            AllOf((_EXTENSION, Comparison("extension_no", Operator.GE, 2))),
            AllOf((_OVERDUE, _days_above(90))),
        )
    )
    return Chain(
        process_id="extension_request",
        name="业务展期/逾期审批",
        name_en="Extension or overdue approval",
        nodes=(
            routes.department_head(),
            routes.branch_risk(),
            routes.supervision(_OVERDUE),
            routes.branch_manager(),
            routes.head_office_risk(head_office, editable_fields=("rate",)),
            routes.committee(committee),
            routes.president(AllOf((_EXTENSION, _exposure_above("10000000.00")))),
        ),
    )


def _exposure_above(amount: str) -> Comparison:
    return Comparison("exposure", Operator.GT, Decimal(amount))


def _days_above(days: int) -> Comparison:
    return Comparison("overdue_days", Operator.GT, days)
