"""What changed in the dictionary."""

from __future__ import annotations

from lending_crm.common.dictionary import ValueList
from lending_crm.common.models import ChangeRecord, DictionaryWord

MOST_CHANGES = 100


def word_changes(of: ValueList) -> list[ChangeRecord]:
    """The latest changes of a list, newest first, each with its code as ``record``."""
    codes = dict(DictionaryWord.objects.filter(list_code=of.code).values_list("pk", "code"))
    rows = ChangeRecord.objects.filter(model=DictionaryWord._meta.label_lower, object_id__in=codes)
    found = list(rows.select_related("actor").order_by("-id")[:MOST_CHANGES])
    for row in found:
        row.record = codes[row.object_id]  # type: ignore[attr-defined]
    return found
