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
from postloan.models.rows import CollectionRow

__all__ = [
    "BadCollectionRow",
    "BadCustomerHandover",
    "CollectionRow",
    "CompletedBusiness",
    "CustomerCompletion",
    "ExtensionRequest",
    "GuaranteeRelease",
    "HandedFile",
    "HandedLoan",
    "LegalAction",
    "OverdueMeasure",
    "RecoveryRecord",
    "ReturnedMaterial",
]
