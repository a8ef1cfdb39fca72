"""A query whose SQL Django builds once, for the few that run on every decision.

Building the statement costs Django more than PostgreSQL needs to answer it. The SQL of a
``Compiled`` query is kept; a call only fills in its values. Values are integers or texts, never
None; the query must take them as they are and have the same shape whatever they are.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connections
from django.db.models import QuerySet
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row")

# Stands for a value while the SQL is built; small enough for every integer column.
_FIRST_MARK = 2_000_000_000


class Compiled(Generic[Row]):
    """``Compiled(build)(*values)`` is ``list(build(*values))`` without building again."""

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self._build = build
        self._made: dict[str, tuple[QuerySet[Any, Row], Any, str, tuple[Any, ...]]] = {}

    def __call__(self, *values: int | str) -> list[Row]:
        alias = self._alias(values)
        queryset, compiler, sql, template = self._made[alias]
        connection = connections[alias]
        if queryset.query.select_for_update and connection.get_autocommit():
            raise TransactionManagementError("a row lock needs a transaction")
        marks = {_mark(value, place): value for place, value in enumerate(values)}
        params = tuple(_filled(param, marks) for param in template)
        ready = copy.copy(compiler)
        ready.connection = connection
        ready.as_sql = lambda *_args, **_kwargs: (sql, params)
        again = queryset.all()
        again.query.get_compiler = lambda *_args, **_kwargs: ready  # type: ignore[method-assign]
        return list(again)

    def _alias(self, values: tuple[int | str, ...]) -> str:
        if not self._made:
            marks = [_mark(value, place) for place, value in enumerate(values)]
            queryset = self._build(*marks)
            compiler = queryset.query.get_compiler(using=queryset.db)
            sql, params = compiler.as_sql()
            if missing := [mark for mark in marks if mark not in params]:
                raise ValueError(f"values that the query does not take as they are: {missing}")
            self._made[queryset.db] = (queryset, compiler, sql, tuple(params))
        return next(iter(self._made))


def _mark(value: int | str, place: int) -> int | str:
    return _FIRST_MARK + place if isinstance(value, int) else f"value {place}"


def _filled(param: Any, marks: dict[Any, Any]) -> Any:
    """The value that a mark stands for, in the mark's own database type."""
    if isinstance(param, int | str) and param in marks:
        return type(param)(marks[param])
    return param
