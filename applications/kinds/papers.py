"""附件类别 of the business application, and those without which it is not submitted (M5)."""

from __future__ import annotations

from documents import categories

CATEGORIES = (
    categories.INVESTIGATION,
    categories.CREDIT,
    categories.SOLVENCY,
    categories.IDENTITY,
    categories.CREDIT_AUTHORISATION,
    categories.FINANCIALS,
    categories.COLLATERAL,
    categories.PURPOSE,
    categories.OTHER,
)
#: on every application, whatever secures it
ALWAYS_REQUIRED = tuple(
    category.code
    for category in CATEGORIES
    if category not in (categories.COLLATERAL, categories.OTHER)
)
