from contracts.models.review import ContractReview
from contracts.models.rows import ConditionRow, FormalityRow

__all__ = ["ConditionRow", "ContractReview", "FormalityRow"]
