"""How an app says that a list of its own can be exported."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache, partialmethod
from inspect import getattr_static
from operator import attrgetter
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import get_language

from lending_crm.common.exports.numbers import NumberKind, kind_of_mask

Label = str | Promise
#: what a filter narrows by, in words: label and value
Words = list[tuple[Label, str]]


def _no_words(user: Any, query: QueryDict) -> Words:
    return []


_LABEL = re.compile(r"(?:(.+)\.)?get_(\w+)_display")


@lru_cache(maxsize=512)
def _labels(model: type[Model], name: str, language: str) -> dict[Any, str] | None:
    """The labels of a field's choices by value, in the active language, which is ``language``;
    None where the model has a method of its own (an account number that is masked)."""
    if not isinstance(getattr_static(model, f"get_{name}_display"), partialmethod):
        return None
    field: Any = model._meta.get_field(name)
    return {value: str(label) for value, label in field.flatchoices}


def _reader(path: str) -> Callable[[Any], Any]:
    """What follows the path from a row, and words the label of a choice once for all rows."""
    label = _LABEL.fullmatch(path)
    if label is None:
        return attrgetter(path)
    holder, name = label.groups()
    find = attrgetter(holder) if holder else None

    def read(row: Any) -> Any:
        held: Model = find(row) if find else row
        labels = _labels(type(held), name, get_language() or "")
        if labels is None:
            return attrgetter(f"get_{name}_display")(held)
        value = getattr(held, name)
        return labels.get(value, value)

    return read


def _stored(model: Any, path: str) -> str | None:
    """``customer__name`` of a path to a stored value or the label of one, None of any other."""
    *steps, last = _LABEL.sub(r"\1.\2", path).lstrip(".").split(".")
    try:
        for step in steps:
            model = model._meta.get_field(step).related_model
        field = model._meta.get_field(last)
    except (AttributeError, FieldDoesNotExist):
        return None
    return None if field.is_relation else "__".join([*steps, last])


@dataclass(frozen=True)
class Column:
    """One column: its title and the dotted path of its value.

    A path to ``get_x_display`` is called. ``mask`` hides a number that is sensitive (N25);
    ``may_reveal(user, row)`` says who gets the full one, and only with an approved request that
    names its kind (R10).
    """

    title: Label
    path: str
    mask: Callable[[str], str] | None = None
    may_reveal: Callable[[Any, Any], bool] | None = None

    @cached_property
    def _read(self) -> Callable[[Any], Any]:
        return _reader(self.path)

    @property
    def number(self) -> NumberKind | None:
        """What kind of number the mask hides; None for a column that hides nothing."""
        return None if self.mask is None else kind_of_mask(self.mask)

    def value(self, row: Any, *, user: Any, opens: Collection[str] = ()) -> Any:
        """What the reader gets; ``opens`` are the kinds of numbers that were approved for him."""
        try:
            found = self._read(row)
        except AttributeError:  # a relation that is empty on the way
            return None
        found = found() if callable(found) else found
        if self.mask is None or not found:
            return found
        is_approved = self.number in opens
        shows_all = is_approved and self.may_reveal is not None and self.may_reveal(user, row)
        return found if shows_all else self.mask(found)


#: ``rows(user, query, now)``: what the list shows to the user with this filter, in its order
Rows = Callable[[Any, QueryDict, datetime], QuerySet[Any]]


@dataclass(frozen=True)
class ListExport:
    """A list that can be exported. ``may_open(user)`` is the right to the list itself,
    ``words(user, query)`` says what a filter narrows by, for whoever decides about it."""

    code: str
    title: Label
    columns: Sequence[Column]
    rows: Rows
    may_open: Callable[[Any], bool]
    words: Callable[[Any, QueryDict], Words] = _no_words

    def narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows with the values of the columns alone; as they are where one asks for more."""
        asked = [
            _stored(rows.model, column.path)
            for column in self.columns
            if column.path not in rows.query.annotations
        ]
        stored = [path for path in asked if path is not None]
        if len(stored) < len(asked):
            return rows
        related = {path.rpartition("__")[0] for path in stored} - {""}
        plain = rows.select_related(None).only(*stored)
        return plain.select_related(*related) if related else plain

    @property
    def numbers(self) -> list[NumberKind]:
        """The kinds of numbers that the list masks, in the order of the choices."""
        hidden = {column.number for column in self.columns}
        return [kind for kind in NumberKind if kind in hidden]


_exports: dict[str, ListExport] = {}


def register_export(export: ListExport) -> None:
    """Make a list known; called from ``AppConfig.ready``."""
    if export.code in _exports:
        raise ValueError(f"export {export.code!r} is registered twice")
    for column in export.columns:
        column.number  # noqa: B018 - a mask of no known kind could never be approved
    _exports[export.code] = export


def sensitive_exports() -> list[ListExport]:
    """The lists with numbers of persons, which leave in full only with an approved request."""
    return [export for export in _exports.values() if export.numbers]


def export_of(code: str) -> ListExport | None:
    return _exports.get(code)
