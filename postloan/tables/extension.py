"""The lists of a request."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from documents.rows import RowTable
from postloan.models import CollectionRow
from postloan.rules.collection import row_refusals

COLLECTION = RowTable(
    name="collection_log",
    model=CollectionRow,
    label=_("Collection records"),
    columns=("collected_on", "collected_at", "way", "spoken_to", "result"),
    add_label=_("Add a collection record"),
    note=_("An overdue request needs at least one."),
    check=row_refusals,
)
