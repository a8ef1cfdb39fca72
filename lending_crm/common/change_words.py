"""修改记录 as people read it: what the log keeps as text, in the words of the page.

The log is written once and never changed, in Chinese, the language of record; choices stand in it
by their label then, codes of other tables as they were typed. A page says all of it anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models
from django.utils import translation
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from lending_crm.common.formats import format_moment
from lending_crm.common.models import ChangeRecord
from lending_crm.common.money import format_rate

Names = Mapping[str, str]
Memo = dict[tuple[str, str], Names]

_AMOUNT = re.compile(r"-?[0-9]{4,}\.[0-9]{2}")
_RATE_PLACES = 4
#: between the labels of a column that holds several choices, as the log keeps them
_SEVERAL = "、"
#: behind the word with which a value of several parts begins, such as the category of a file
_PARTED = " / "
_sources: dict[tuple[str, str], Callable[[], Names]] = {}


def register_names(model: str, field: str, source: Callable[[], Names]) -> None:
    """``source()`` gives the names of the codes that a column keeps; called from ``apps.py``."""
    _sources[model, field] = source


def names_of(model: str, field: str) -> Names:
    """What the codes of a column are called, retired ones too; none where nobody names them."""
    source = _sources.get((model, field))
    return source() if source else {}


def read_change(record: ChangeRecord, text: str, memo: Memo) -> str:
    """The old or the new value of a row in the reader's language; empty for none.

    ``memo`` belongs to one page, so that names are asked for once and not by each row.
    """
    if not text:
        return ""
    names = _names(record, memo)
    if text in names:
        return names[text]
    parts = text.split(_SEVERAL)
    if len(parts) > 1 and all(part in names for part in parts):
        return gettext(", ").join(names[part] for part in parts)
    word, mark, rest = text.partition(_PARTED)
    if mark and word in names:
        return f"{names[word]}{mark}{rest}"
    return _of_column(record.column, text)


def _names(record: ChangeRecord, memo: Memo) -> Names:
    key = (record.model, record.field)
    if key not in memo:
        source = _sources.get(key)
        memo[key] = source() if source else _choices(record.column)
    return memo[key]


def _choices(column: models.Field | None) -> Names:
    """A choice by its code and by its label in the language of record, with its label here."""
    if isinstance(column, models.BooleanField):
        pairs: list[tuple[Any, Any]] = [(True, gettext("yes")), (False, gettext("no"))]
        with translation.override("zh-hans"):
            pairs += [(gettext("yes"), pairs[0][1]), (gettext("no"), pairs[1][1])]
        return {str(key): word for key, word in pairs}
    column = getattr(column, "base_field", column)  # of a column that holds several
    labels = {str(code): label for code, label in getattr(column, "flatchoices", None) or ()}
    with translation.override("zh-hans"):
        stored = {str(label): code for code, label in labels.items()}
    here = {code: str(label) for code, label in labels.items()}
    return {**{label: here[code] for label, code in stored.items()}, **here}


def _of_column(column: models.Field | None, text: str) -> str:
    if isinstance(column, models.DateTimeField):
        moment = parse_datetime(text)
        return format_moment(moment) if moment else text
    if isinstance(column, models.DecimalField) and column.decimal_places == _RATE_PLACES:
        try:
            return format_rate(Decimal(text))
        except InvalidOperation:  # a sentence of its own, such as what was typed before
            return text
    return f"{Decimal(text):,}" if _AMOUNT.fullmatch(text) else text
