"""The documents of this app as the approval engine sees them."""

from applications.kinds.application import EDITABLE_FIELDS, BusinessApplicationKind
from applications.kinds.intermediary import IntermediaryApplicationKind
from applications.kinds.papers import CATEGORIES
from applications.kinds.reconsideration import ReconsiderationKind

__all__ = [
    "CATEGORIES",
    "EDITABLE_FIELDS",
    "BusinessApplicationKind",
    "IntermediaryApplicationKind",
    "ReconsiderationKind",
]
