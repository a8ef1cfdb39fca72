"""A query whose SQL Django builds once, for the few that run on every decision.

Building the statement costs Django more than PostgreSQL needs to answer it. The SQL of a
``Compiled`` query is kept; a call only fills in its values. Values are integers or texts, never
None; the query must take them as they are and have the same shape whatever they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import connections, models
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")

# Stands for a value while the SQL is built; small enough for every integer column.
_FIRST_MARK = 2_000_000_000


class Compiled(Generic[Row]):
    """``Compiled(build)(*values)`` is ``list(build(*values))`` without building again.

    ``build`` gives models, with what they select, or lists of values.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._made: _Made | None = None

    def __call__(self, *values: int | str) -> list[Row]:
        if self._made is None:
            marks = [_mark(value, place) for place, value in enumerate(values)]
            self._made = _Made(self._build(*marks), marks)
        made = self._made
        connection = connections[made.alias]
        if made.locks_rows and connection.get_autocommit():
            raise TransactionManagementError("a row lock needs a transaction")
        marked = {_mark(value, place): value for place, value in enumerate(values)}
        with connection.cursor() as cursor:
            cursor.execute(made.sql, [_filled(param, marked) for param in made.params])
            rows = cursor.fetchall()
        return [made.read(row, connection) for row in rows]


class _Made:
    """A statement, and how Django turns its rows into what the query gives."""

    def __init__(self, queryset: QuerySet[Any, Any], marks: Sequence[int | str]) -> None:
        compiler = queryset.query.get_compiler(using=queryset.db)
        self.alias = queryset.db
        self.locks_rows = queryset.query.select_for_update
        self.sql, self.params = compiler.as_sql()
        if missing := [mark for mark in marks if mark not in self.params]:
            raise ValueError(f"values that the query does not take as they are: {missing}")
        select = compiler.select
        columns = [column for column, _sql, _alias in select]
        self._converters = tuple(compiler.get_converters(columns).items())
        self._model: type[models.Model] | None = None
        if issubclass(queryset._iterable_class, ModelIterable):
            info = compiler.klass_info
            own = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
            self._model, self._own = info["model"], own
            self._names = [column.target.attname for column in columns[own]]
            # The stubs describe a later Django, which asks for one more argument.
            self._related = get_related_populators(info, select, self.alias)  # type: ignore[call-arg]

    def read(self, row: Sequence[Any], connection: Any) -> Any:
        values = list(row)
        for place, (converters, column) in self._converters:
            for convert in converters:
                values[place] = convert(values[place], column, connection)
        if self._model is None:
            return tuple(values)
        found = self._model.from_db(self.alias, self._names, values[self._own])
        for related in self._related:
            related.populate(values, found)
        return found


def _mark(value: int | str, place: int) -> int | str:
    return _FIRST_MARK + place if isinstance(value, int) else f"value {place}"


def _filled(param: Any, marks: dict[Any, Any]) -> Any:
    """The value that a mark stands for, in the mark's own database type."""
    if isinstance(param, int | str) and param in marks:
        return type(param)(marks[param])
    return param
