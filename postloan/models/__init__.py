from postloan.models.extension import ExtensionRequest
from postloan.models.measures import OverdueMeasure
from postloan.models.report import DutyReminder, SupervisionReport
from postloan.models.rows import CollectionRow
from postloan.models.supervision import (
    FundFlowRow,
    PostLoanSupervision,
    SupervisionSetting,
    SupervisionTask,
)

__all__ = [
    "CollectionRow",
    "DutyReminder",
    "ExtensionRequest",
    "FundFlowRow",
    "OverdueMeasure",
    "PostLoanSupervision",
    "SupervisionReport",
    "SupervisionSetting",
    "SupervisionTask",
]
