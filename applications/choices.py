"""The lists of the business application; values are stored and never change, labels may."""

from collections.abc import Collection

from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from lending_crm.common.dictionary import DictionaryChoices

#: code of the 业务审批表 in the record of prints
FORM = "approval_form"
#: that of the 还款计划表 of one of its loans, which the ledger prints
SCHEDULE_FORM = "repayment_schedule"
#: codes of the 复议审批表 and the 中介业务审批表
RECONSIDERATION_FORM = "reconsideration_form"
INTERMEDIARY_FORM = "intermediary_form"


class BizKind(models.TextChoices):
    """业务类型."""

    NEW = "NEW", pgettext_lazy("business type", "New business")
    RENEWAL = "RENEWAL", pgettext_lazy("business type", "Renewal")
    REFINANCE = "REFINANCE", pgettext_lazy("business type", "New loan for an old one")
    INCREASE = "INCREASE", pgettext_lazy("business type", "Increase")


class Purpose(DictionaryChoices):
    """借款用途; the prohibited ones are on the list so that the truth can be entered (BUS-06)."""

    WORKING_CAPITAL = "WORKING_CAPITAL", pgettext_lazy("use of funds", "Working capital")
    PURCHASE = "PURCHASE", pgettext_lazy("use of funds", "Purchase of goods and raw material")
    EQUIPMENT = "EQUIPMENT", pgettext_lazy("use of funds", "Purchase of equipment")
    PREMISES = "PREMISES", pgettext_lazy("use of funds", "Rent or renovation of business premises")
    PROJECT = "PROJECT", pgettext_lazy("use of funds", "Advance payment for a project")
    WAGES_TAXES = "WAGES_TAXES", pgettext_lazy("use of funds", "Wages and taxes")
    CONSUMPTION = "CONSUMPTION", pgettext_lazy("use of funds", "Personal consumption")
    REFINANCE = "REFINANCE", pgettext_lazy("use of funds", "Repayment of our own old loan")
    OTHER = "OTHER", pgettext_lazy("use of funds", "Other")
    STOCKS = "STOCKS", pgettext_lazy("use of funds", "Stocks")
    DERIVATIVES = "DERIVATIVES", pgettext_lazy("use of funds", "Financial derivatives")
    DOWN_PAYMENT = "DOWN_PAYMENT", pgettext_lazy("use of funds", "Down payment for a home")
    OTHER_LOANS = "OTHER_LOANS", pgettext_lazy("use of funds", "Repayment of other loans")


PROHIBITED_PURPOSES = frozenset(
    {Purpose.STOCKS, Purpose.DERIVATIVES, Purpose.DOWN_PAYMENT, Purpose.OTHER_LOANS}
)


class GuaranteeWay(models.TextChoices):
    """担保方式."""

    CREDIT = "CREDIT", pgettext_lazy("guarantee", "Unsecured")
    GUARANTEE = "GUARANTEE", pgettext_lazy("guarantee", "Guarantee")
    MORTGAGE = "MORTGAGE", pgettext_lazy("guarantee", "Mortgage")
    PLEDGE = "PLEDGE", pgettext_lazy("guarantee", "Pledge")


def is_secured(guarantee: Collection[str]) -> bool:
    """Whether something besides the borrower's credit stands for the loan."""
    return bool(set(guarantee) - {GuaranteeWay.CREDIT})


class GuaranteeItemKind(DictionaryChoices):
    """种类 of a row of the list of securities and guarantors."""

    PERSON = "PERSON", pgettext_lazy("security", "Personal guarantor")
    COMPANY = "COMPANY", pgettext_lazy("security", "Corporate guarantor")
    REAL_ESTATE = "REAL_ESTATE", pgettext_lazy("security", "Real estate")
    LAND = "LAND", pgettext_lazy("security", "Land use right")
    EQUIPMENT = "EQUIPMENT", pgettext_lazy("security", "Machinery and equipment")
    VEHICLE = "VEHICLE", pgettext_lazy("security", "Vehicle")
    INVENTORY = "INVENTORY", pgettext_lazy("security", "Inventory")
    RECEIVABLE = "RECEIVABLE", pgettext_lazy("security", "Accounts receivable")
    EQUITY = "EQUITY", pgettext_lazy("security", "Equity")
    DEPOSIT = "DEPOSIT", pgettext_lazy("security", "Certificate of deposit or bill")
    OTHER = "OTHER", pgettext_lazy("security", "Other")


GUARANTOR_KINDS = frozenset({GuaranteeItemKind.PERSON, GuaranteeItemKind.COMPANY})


class RepaymentMethod(models.TextChoices):
    """还款方式; the same codes as the schedules of ``applications.calculation``."""

    EQUAL_INSTALLMENT = "EQUAL_INSTALLMENT", _("Equal instalments")
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL", _("Equal principal")
    INTEREST_FIRST = "INTEREST_FIRST", _("Monthly interest, principal at maturity")
    BULLET = "BULLET", _("Principal and interest at maturity")
    FLAT = "FLAT", _("Flat interest")
    CUSTOM = "CUSTOM", _("By repayment plan")


class DisburseMode(models.TextChoices):
    """放款方式."""

    ONCE = "ONCE", pgettext_lazy("disbursement", "At once")
    TRANCHES = "TRANCHES", pgettext_lazy("disbursement", "In tranches")


class DayCount(models.TextChoices):
    """How days of interest are counted; the divisor also gives the daily rate on screens."""

    THIRTY_360 = "30/360", _("30/360")
    ACTUAL_360 = "ACT/360", _("Actual/360")
    ACTUAL_365 = "ACT/365", _("Actual/365")


class FeeKind(DictionaryChoices):
    """Fees that the borrower bears; all of them count in the all-in cost (R1)."""

    SERVICE = "SERVICE", pgettext_lazy("fee", "Service fee")
    APPRAISAL = "APPRAISAL", pgettext_lazy("fee", "Appraisal fee")
    NOTARY = "NOTARY", pgettext_lazy("fee", "Notary fee")
    REGISTRATION = "REGISTRATION", pgettext_lazy("fee", "Registration fee")
    INSURANCE = "INSURANCE", pgettext_lazy("fee", "Insurance premium")
    GUARANTEE = "GUARANTEE", pgettext_lazy("fee", "Guarantee fee")
    ACCOUNT = "ACCOUNT", pgettext_lazy("fee", "Account management fee")
    OTHER = "OTHER", pgettext_lazy("fee", "Other")


class FeeBasis(models.TextChoices):
    RATE = "RATE", pgettext_lazy("fee", "Percent of the requested amount")
    AMOUNT = "AMOUNT", pgettext_lazy("fee", "Fixed amount")


class FeeTiming(models.TextChoices):
    """When the borrower pays the fee; the earlier, the dearer."""

    UPFRONT = "UPFRONT", pgettext_lazy("fee", "At disbursement")
    MONTHLY = "MONTHLY", pgettext_lazy("fee", "Every month")
    MATURITY = "MATURITY", pgettext_lazy("fee", "At maturity")


class BizStatus(models.TextChoices):
    """业务状态: the life of the business, apart from the approval status."""

    APPLYING = "APPLYING", pgettext_lazy("business status", "Applying")
    APPROVED = "APPROVED", pgettext_lazy("business status", "Approved, to be signed")
    SIGNED = "SIGNED", pgettext_lazy("business status", "Signed, to be disbursed")
    PARTLY_DISBURSED = "PARTLY_DISBURSED", pgettext_lazy("business status", "Partly disbursed")
    DISBURSED = "DISBURSED", pgettext_lazy("business status", "Disbursed")
    SETTLED = "SETTLED", pgettext_lazy("business status", "Settled")
    COMPLETED = "COMPLETED", pgettext_lazy("business status", "Completed")
    EXPIRED = "EXPIRED", pgettext_lazy("business status", "Expired")
    CLOSED = "CLOSED", pgettext_lazy("business status", "Ended without a loan")


class UpliftReason(models.TextChoices):
    """What moves an application one band up (domain §2.3)."""

    UNSECURED = "UNSECURED", _("unsecured")
    SPECIAL_MENTION = "SPECIAL_MENTION", _("special-mention customer")
    BELOW_FLOOR = "BELOW_FLOOR", _("rate below the product's floor")
    LONG_TERM = "LONG_TERM", _("term longer than 12 months")
    DEVIATION = "DEVIATION", _("deviation from the product")
    SECOND_LOAN = "SECOND_LOAN", _("second loan before the first is half repaid")


class IntermediaryStatus(models.TextChoices):
    """业务状态 of intermediary business (M8), each step by an act of its own."""

    IN_PROGRESS = "IN_PROGRESS", pgettext_lazy("intermediary business", "In progress")
    FUNDED = "FUNDED", pgettext_lazy("intermediary business", "Paid out by the funder")
    FEE_RECEIVED = "FEE_RECEIVED", pgettext_lazy("intermediary business", "Service fee received")
    SETTLED = "SETTLED", pgettext_lazy("intermediary business", "Settled")
    TERMINATED = "TERMINATED", pgettext_lazy("intermediary business", "Terminated")


class SheetItem(DictionaryChoices):
    """费用项目 of the 业务代收代缴费用单."""

    APPRAISAL = "APPRAISAL", pgettext_lazy("fee sheet", "Appraisal fee")
    NOTARY = "NOTARY", pgettext_lazy("fee sheet", "Notary fee")
    REGISTRATION = "REGISTRATION", pgettext_lazy("fee sheet", "Mortgage registration fee")
    INSURANCE = "INSURANCE", pgettext_lazy("fee sheet", "Insurance premium")
    GUARANTEE = "GUARANTEE", pgettext_lazy("fee sheet", "Guarantee fee")
    TAX = "TAX", pgettext_lazy("fee sheet", "Taxes")
    OTHER = "OTHER", pgettext_lazy("fee sheet", "Other")


class BookingKind(models.TextChoices):
    """What finance books on a line of the fee sheet."""

    RECEIPT = "RECEIPT", pgettext_lazy("fee sheet", "Receipt")
    PAYMENT = "PAYMENT", pgettext_lazy("fee sheet", "Payment on behalf")
    REFUND = "REFUND", pgettext_lazy("fee sheet", "Refund")


def joined_labels(choices: type[models.TextChoices], values: Collection[str]) -> str:
    """Stored values by their labels, in the order of the list of choices."""
    return gettext(", ").join(str(label) for value, label in choices.choices if value in values)
