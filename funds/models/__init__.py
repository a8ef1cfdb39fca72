from funds.models.classification import ClassBucket, LoanClassification
from funds.models.imports import RepaymentImport, RepaymentImportRow
from funds.models.ledger import LedgerEntry, LedgerTotal, LoanCharge
from funds.models.loan import Loan
from funds.models.rebate import RebateApplication
from funds.models.relief import InterestRefundWaiver
from funds.models.repayment import Repayment, RepaymentAllocation
from funds.models.schedule import ScheduleLine, ScheduleVersion
from funds.models.setting import LedgerSetting
from funds.models.transfer import FundTransfer
from funds.models.write_off import WriteOff

__all__ = [
    "ClassBucket",
    "FundTransfer",
    "InterestRefundWaiver",
    "LedgerEntry",
    "LedgerSetting",
    "LedgerTotal",
    "Loan",
    "LoanCharge",
    "LoanClassification",
    "RebateApplication",
    "Repayment",
    "RepaymentAllocation",
    "RepaymentImport",
    "RepaymentImportRow",
    "ScheduleLine",
    "ScheduleVersion",
    "WriteOff",
]
