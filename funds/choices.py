"""The words of the loan ledger (domain.md M24, §5)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from customers.choices import RiskClass
from lending_crm.common.dictionary import DictionaryChoices

#: from best to worst, as they are compared
CLASS_ORDER = {code: rank for rank, code in enumerate(RiskClass.values)}
#: 不良 = 次级 + 可疑 + 损失
BAD_CLASSES = (RiskClass.SUBSTANDARD, RiskClass.DOUBTFUL, RiskClass.LOSS)


class LoanStatus(models.TextChoices):
    """状态 of a 借据; ``EXTENDED`` is a loan in order after an extension."""

    NORMAL = "NORMAL", pgettext_lazy("loan status", "In order")
    OVERDUE = "OVERDUE", pgettext_lazy("loan status", "Overdue")
    EXTENDED = "EXTENDED", pgettext_lazy("loan status", "Extended")
    SETTLED = "SETTLED", pgettext_lazy("loan status", "Settled")
    BAD = "BAD", pgettext_lazy("loan status", "Bad")
    WRITTEN_OFF = "WRITTEN_OFF", pgettext_lazy("loan status", "Written off")
    REVERSED = "REVERSED", pgettext_lazy("loan status", "Disbursement reversed")


#: the borrower owes nothing any more, or the lender no longer counts on it
ENDED_STATUSES = (LoanStatus.SETTLED, LoanStatus.WRITTEN_OFF, LoanStatus.REVERSED)


class TransferStatus(models.TextChoices):
    """业务状态 of a 资金划拨确认书: what became of the money."""

    APPLYING = "APPLYING", pgettext_lazy("transfer", "Applying")
    PENDING = "PENDING", pgettext_lazy("transfer", "To be transferred")
    EXECUTED = "EXECUTED", pgettext_lazy("transfer", "Transferred")
    FAILED = "FAILED", pgettext_lazy("transfer", "Transfer failed")
    REVERSED = "REVERSED", pgettext_lazy("transfer", "Reversed")


#: a payment that the bank returned may be tried again
PAYABLE_STATUSES = (TransferStatus.PENDING, TransferStatus.FAILED)


class ReliefType(models.TextChoices):
    """类型 of a 退息、免息单 (domain M13)."""

    REFUND = "REFUND", pgettext_lazy("interest relief", "Interest refund")
    WAIVER = "WAIVER", pgettext_lazy("interest relief", "Interest waiver")


class ReliefReason(DictionaryChoices):
    """Why interest goes back or is forgiven."""

    EARLY_REPAYMENT = "EARLY", pgettext_lazy("interest relief", "Early repayment")
    CHARGED_TWICE = "TWICE", pgettext_lazy("interest relief", "Charged twice")
    MISCALCULATED = "MISCALCULATED", pgettext_lazy("interest relief", "Miscalculated")
    NEGOTIATED = "NEGOTIATED", pgettext_lazy("interest relief", "Negotiated reduction")
    GOODWILL = "GOODWILL", pgettext_lazy("interest relief", "Customer relations")
    OTHER = "OTHER", pgettext_lazy("interest relief", "Other")


#: reasons that the system's own figure bounds
CALCULATED_REASONS = (ReliefReason.EARLY_REPAYMENT, ReliefReason.MISCALCULATED)


class ReliefStatus(models.TextChoices):
    """业务状态 of a 退息、免息单."""

    APPLYING = "APPLYING", pgettext_lazy("interest relief", "Applying")
    PENDING = "PENDING", pgettext_lazy("interest relief", "To be refunded")
    REFUNDED = "REFUNDED", pgettext_lazy("interest relief", "Refunded")
    WAIVED = "WAIVED", pgettext_lazy("interest relief", "Waived")


class RebateStatus(models.TextChoices):
    """业务状态 of a 返点申请 (domain M14)."""

    APPLYING = "APPLYING", pgettext_lazy("rebate", "Applying")
    PENDING = "PENDING", pgettext_lazy("rebate", "To be paid")
    PAID = "PAID", pgettext_lazy("rebate", "Paid")


class ScheduleReason(models.TextChoices):
    """Why a version of the repayment schedule was made."""

    DISBURSED = "DISBURSED", pgettext_lazy("schedule", "Disbursement")
    FURTHER_DISBURSEMENT = "FURTHER", pgettext_lazy("schedule", "Further disbursement")
    PREPAID = "PREPAID", pgettext_lazy("schedule", "Early repayment")
    EXTENDED = "EXTENDED", pgettext_lazy("schedule", "Extension")


class ScheduleState(models.TextChoices):
    CURRENT = "CURRENT", pgettext_lazy("schedule", "In force")
    REPLACED = "REPLACED", pgettext_lazy("schedule", "Replaced")
    REPLACED_BY_EXTENSION = "EXTENDED", pgettext_lazy("schedule", "Replaced by an extension")
    REVERSED = "REVERSED", pgettext_lazy("schedule", "Reversed")


class LineStatus(models.TextChoices):
    PENDING = "PENDING", pgettext_lazy("instalment", "Unpaid")
    PARTLY = "PARTLY", pgettext_lazy("instalment", "Partly paid")
    PAID = "PAID", pgettext_lazy("instalment", "Paid")


class Treatment(models.TextChoices):
    """What is to happen with what is paid beyond the amounts due (domain §4.9)."""

    DUE = "DUE", pgettext_lazy("repayment", "Due amounts and the next instalment")
    REDUCE = "REDUCE", pgettext_lazy("repayment", "Early: same term, lower instalments")
    SHORTEN = "SHORTEN", pgettext_lazy("repayment", "Early: same instalments, shorter term")
    SETTLE = "SETTLE", pgettext_lazy("repayment", "Settle the loan")


class InterestTreatment(models.TextChoices):
    """利息处理 of an extension (domain M7)."""

    SETTLE_FIRST = "SETTLE_FIRST", pgettext_lazy("extension", "Settle the interest first")
    MERGE = "MERGE", pgettext_lazy("extension", "Into the first new instalment")


class EntryKind(models.TextChoices):
    """What a row of the journal records."""

    DISBURSEMENT = "DISBURSEMENT", pgettext_lazy("journal", "Disbursement")
    INTEREST_DUE = "INTEREST_DUE", pgettext_lazy("journal", "Interest due")
    LATE_INTEREST = "LATE_INTEREST", pgettext_lazy("journal", "Interest on late principal")
    PENALTY = "PENALTY", pgettext_lazy("journal", "Penalty interest")
    FEE = "FEE", pgettext_lazy("journal", "Fee")
    REPAYMENT = "REPAYMENT", pgettext_lazy("journal", "Repayment")
    REVERSAL = "REVERSAL", pgettext_lazy("journal", "Reversal")
    WAIVER = "WAIVER", pgettext_lazy("journal", "Waiver")
    REFUND = "REFUND", pgettext_lazy("journal", "Interest refund")
    EXTENSION = "EXTENSION", pgettext_lazy("journal", "Extension")
    WRITE_OFF = "WRITE_OFF", pgettext_lazy("journal", "Write-off")


class WriteOffState(models.TextChoices):
    """What became of a proposal to write a loan off."""

    OPEN = "OPEN", pgettext_lazy("write-off", "Proposed")
    BOOKED = "BOOKED", pgettext_lazy("write-off", "Booked")
    DECLINED = "DECLINED", pgettext_lazy("write-off", "Declined")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("write-off", "Taken back")


class ChargeKind(models.TextChoices):
    """费用 that the borrower owes besides interest and penalty interest."""

    EARLY_REPAYMENT = "EARLY", pgettext_lazy("charge", "Early-repayment fee")
    BREACH = "BREACH", pgettext_lazy("charge", "Penalty for breach of contract")
    RECOVERY = "RECOVERY", pgettext_lazy("charge", "Cost of recovery")
    OTHER = "OTHER", pgettext_lazy("charge", "Other")


#: what finance charges itself; the early-repayment fee comes with the early repayment
CHARGED_BY_HAND = (ChargeKind.BREACH, ChargeKind.RECOVERY, ChargeKind.OTHER)


class ClassCause(models.TextChoices):
    """What led to a row of the classification history."""

    OPENED = "OPENED", pgettext_lazy("classification", "Disbursement")
    RUN = "RUN", pgettext_lazy("classification", "Regular run")
    REPAYMENT = "REPAYMENT", pgettext_lazy("classification", "Repayment")
    EXTENSION = "EXTENSION", pgettext_lazy("classification", "Extension")
    CUSTOMER = "CUSTOMER", pgettext_lazy("classification", "Other loans of the customer")
    BY_HAND = "BY_HAND", pgettext_lazy("classification", "Set by hand")


class Part(models.TextChoices):
    """What a repayment may be put towards; the order is a setting."""

    FEE = "FEE", pgettext_lazy("part", "Fees")
    PENALTY = "PENALTY", pgettext_lazy("part", "Penalty interest")
    INTEREST = "INTEREST", pgettext_lazy("part", "Interest")
    PRINCIPAL = "PRINCIPAL", pgettext_lazy("part", "Principal")


class RestDay(models.TextChoices):
    """Payments due on a rest day (domain §4.8); interest runs to the contractual date."""

    SAME_DAY = "SAME_DAY", pgettext_lazy("rest day", "Same day")
    NEXT_WORKING_DAY = "NEXT_WORKING_DAY", pgettext_lazy("rest day", "Next working day")
    PREVIOUS = "PREVIOUS", pgettext_lazy("rest day", "Working day before")


class Rounding(models.TextChoices):
    """How the equal instalment is rounded (domain §4.1)."""

    FEN = "FEN", pgettext_lazy("rounding", "To the fen")
    YUAN = "YUAN", pgettext_lazy("rounding", "To the yuan")
    YUAN_UP = "YUAN_UP", pgettext_lazy("rounding", "Up to the yuan")


class RowState(models.TextChoices):
    """A row of an imported list of repayments."""

    READY = "READY", pgettext_lazy("import", "Ready")
    FAULTY = "FAULTY", pgettext_lazy("import", "Faulty")
    BOOKED = "BOOKED", pgettext_lazy("import", "Booked")
    REFUSED = "REFUSED", pgettext_lazy("import", "Refused")
