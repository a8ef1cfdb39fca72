"""What a row of the change log is about when it is no column of its record: a list, its papers.

The log keeps the list's key and its title in Chinese, the language of record; rows of the time
before the keys have the Chinese title in both places. A page says either in the reader's words.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import translation
from django.utils.functional import Promise

Label = str | Promise

_titles: dict[str, dict[str, Label]] = {}


def register_titles(model: str, titles: Mapping[str, Label]) -> None:
    """Name what the log of ``model`` (``app.model``) keeps by these keys; from ``apps.py``."""
    _titles.setdefault(model, {}).update(titles)


def title_of(model: str, key: str) -> str:
    """The title of the key, or of the Chinese title that stands in its place, in the language of
    the moment; empty for what nobody has named."""
    known = _titles.get(model, {})
    if key in known:
        return str(known[key])
    with translation.override("zh-hans"):
        found = [label for label in known.values() if str(label) == key]
    return str(found[0]) if found else ""
