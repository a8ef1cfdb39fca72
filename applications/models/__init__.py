from applications.models.application import BusinessApplication
from applications.models.authority import AuthorityBand
from applications.models.product import Product
from applications.models.rows import AmountLine, FeeLine, GuaranteeItem
from applications.models.setting import LenderSetting, LprQuote

__all__ = [
    "AmountLine",
    "AuthorityBand",
    "BusinessApplication",
    "FeeLine",
    "GuaranteeItem",
    "LenderSetting",
    "LprQuote",
    "Product",
]
