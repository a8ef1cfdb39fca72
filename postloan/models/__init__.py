from postloan.models.extension import ExtensionRequest
from postloan.models.measures import OverdueMeasure
from postloan.models.rows import CollectionRow

__all__ = ["CollectionRow", "ExtensionRequest", "OverdueMeasure"]
