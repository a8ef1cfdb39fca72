from applications.models.application import BusinessApplication
from applications.models.authority import AuthorityBand
from applications.models.intermediary import (
    FeeBooking,
    IntermediaryApplication,
    IntermediaryLine,
    SheetLine,
)
from applications.models.product import Product
from applications.models.reconsideration import Reconsideration
from applications.models.rows import (
    AmountLine,
    FeeLine,
    GuaranteeItem,
    ReconsideredSecurity,
    Security,
)
from applications.models.setting import LenderSetting, LprQuote

__all__ = [
    "AmountLine",
    "AuthorityBand",
    "BusinessApplication",
    "FeeBooking",
    "FeeLine",
    "GuaranteeItem",
    "IntermediaryApplication",
    "IntermediaryLine",
    "LenderSetting",
    "LprQuote",
    "Product",
    "Reconsideration",
    "ReconsideredSecurity",
    "Security",
    "SheetLine",
]
