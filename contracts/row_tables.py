"""The lists of a review."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from contracts.models import ConditionRow, FormalityRow
from documents.rows import RowTable

FORMALITIES = RowTable(
    name="formalities",
    model=FormalityRow,
    label=_("Formalities"),
    columns=("item", "is_needed", "is_complete", "form", "copies", "note"),
    preset=frozenset({"form", "copies"}),
    add_label=_("Add a formality"),
    note=_("What is needed must be complete before the review is submitted."),
)
CONDITIONS = RowTable(
    name="conditions",
    model=ConditionRow,
    label=_("Conditions to fulfil"),
    columns=("condition", "is_met", "note"),
    preset=frozenset({"condition"}),
    is_fixed=True,
)
