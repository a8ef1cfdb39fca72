from postloan.models.bad_customers import BadCustomerHandover
from postloan.models.bad_rows import (
    BadCollectionRow,
    HandedFile,
    HandedLoan,
    LegalAction,
    RecoveryRecord,
)
from postloan.models.completion import (
    CompletedBusiness,
    CustomerCompletion,
    GuaranteeRelease,
    ReturnedMaterial,
)
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
    "BadCollectionRow",
    "BadCustomerHandover",
    "CollectionRow",
    "CompletedBusiness",
    "CustomerCompletion",
    "DutyReminder",
    "ExtensionRequest",
    "FundFlowRow",
    "GuaranteeRelease",
    "HandedFile",
    "HandedLoan",
    "LegalAction",
    "OverdueMeasure",
    "PostLoanSupervision",
    "RecoveryRecord",
    "ReturnedMaterial",
    "SupervisionReport",
    "SupervisionSetting",
    "SupervisionTask",
]
