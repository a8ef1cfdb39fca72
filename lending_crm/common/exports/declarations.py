"""How an app says that a list of its own can be exported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise

Label = str | Promise


@dataclass(frozen=True)
class Column:
    """One column: its title and the dotted path of its value.

    A path to ``get_x_display`` is called. ``mask`` hides a number that is sensitive (N25);
    ``may_reveal(user, row)`` says who gets the full one, and only when he gave a reason.
    """

    title: Label
    path: str
    mask: Callable[[str], str] | None = None
    may_reveal: Callable[[Any, Any], bool] | None = None

    def value(self, row: Any, *, user: Any, is_full: bool) -> Any:
        try:
            found = attrgetter(self.path)(row)
        except AttributeError:  # a relation that is empty on the way
            return None
        found = found() if callable(found) else found
        if self.mask is None or not found:
            return found
        shows_all = is_full and self.may_reveal is not None and self.may_reveal(user, row)
        return found if shows_all else self.mask(found)


#: ``rows(user, query, now)``: what the list shows to the user with this filter, in its order
Rows = Callable[[Any, QueryDict, datetime], QuerySet[Any]]


@dataclass(frozen=True)
class ListExport:
    """A list that can be exported. ``may_open(user)`` is the right to the list itself."""

    code: str
    title: Label
    columns: Sequence[Column]
    rows: Rows
    may_open: Callable[[Any], bool]

    @property
    def is_sensitive(self) -> bool:
        return any(column.mask is not None for column in self.columns)


_exports: dict[str, ListExport] = {}


def register_export(export: ListExport) -> None:
    """Make a list known; called from ``AppConfig.ready``."""
    if export.code in _exports:
        raise ValueError(f"export {export.code!r} is registered twice")
    _exports[export.code] = export


def export_of(code: str) -> ListExport | None:
    return _exports.get(code)
