"""Many rows of several tables in one statement.

An act of the engine writes to seven tables. Sent one by one, most of its time is spent on
round trips and on building statements, so the collected rows go as one ``WITH``: every table
and every set of changed columns is a part of it, and PostgreSQL runs all parts, whether they
are read from or not, against the same snapshot. It follows that no row may be in two parts, and
that a row may refer to another new one only by a key that is known: see ``reserve_keys``.

The rows of a part travel as one JSON text, which PostgreSQL takes apart by the column types of
the table: binding each value of each row by itself costs the client more than the rest of the
act. It also keeps the statement the same however many rows there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

#: Columns that take what JSON has as it is. Every other column prepares its value itself.
_AS_IT_IS = frozenset(
    {
        models.BigAutoField,
        models.BigIntegerField,
        models.BooleanField,
        models.CharField,
        models.ForeignKey,
        models.JSONField,
        models.PositiveIntegerField,
        models.PositiveSmallIntegerField,
        models.TextField,
    }
)


def reserve_keys(rows: Sequence[models.Model]) -> None:
    """Give new rows of one table their keys, in their order, before they are written."""
    if not rows:
        return
    meta = rows[0]._meta
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [meta.db_table, meta.pk.column, len(rows)],
        )
        for row, (key,) in zip(rows, sorted(cursor.fetchall()), strict=True):
            row.pk = key


class Writes:
    """Collects rows and sends them together; nothing reaches the database before ``send``."""

    def __init__(self) -> None:
        self._inserts: dict[tuple[type[models.Model], bool, bool], list[models.Model]] = {}
        self._updates: dict[tuple[type[models.Model], tuple[str, ...]], list[models.Model]] = {}

    def insert(self, rows: Iterable[models.Model], *, ignore_conflicts: bool = False) -> None:
        """Write new rows; with ``ignore_conflicts`` those that are there already stay."""
        for row in rows:
            group = (type(row), row.pk is not None, ignore_conflicts)
            self._inserts.setdefault(group, []).append(row)

    def update(self, row: models.Model, fields: Iterable[str]) -> None:
        """Write these fields of a stored row."""
        if names := tuple(fields):
            self._updates.setdefault((type(row), names), []).append(row)

    def send(self) -> None:
        """Send everything as one statement; new rows get their keys.

        Changes are read before insertions, so a new row may take the place in a unique index
        that a changed row leaves. Raises ``RuntimeError`` when a row to change is not there.
        """
        # Asked of Django's proxy for every row, the connection costs more than the row.
        database = connections[DEFAULT_DB_ALIAS]
        parts = [
            (_update_sql(*group), _records(database, _changed(*group), rows))
            for group, rows in self._updates.items()
        ]
        parts += [
            (_insert_sql(*group), _records(database, _columns(*group[:2]), rows, add=True))
            for group, rows in self._inserts.items()
        ]
        if not parts:
            return
        named = ", ".join(f"part{number} AS ({sql})" for number, (sql, _) in enumerate(parts))
        keys = ", ".join(f"ARRAY(SELECT key FROM part{number})" for number in range(len(parts)))
        with database.cursor() as cursor:
            cursor.execute(f"WITH {named} SELECT {keys}", [records for _, records in parts])
            found = cursor.fetchone()
        for ((model, _names), rows), written in zip(self._updates.items(), found, strict=False):
            if len(written) != len(rows):
                raise RuntimeError(f"{model._meta.db_table}: a row to change is not there")
        for (group, rows), written in zip(
            self._inserts.items(), found[len(self._updates) :], strict=True
        ):
            _model, _has_key, ignores_conflicts = group
            for row, key in zip(rows, written, strict=not ignores_conflicts):
                if not ignores_conflicts:
                    row.pk = key
                row._state.adding = False
                row._state.db = database.alias
        self._inserts.clear()
        self._updates.clear()


_Columns = tuple[tuple[Any, bool], ...]


@cache
def _columns(model: type[models.Model], has_key: bool) -> _Columns:
    """The columns of a new row, each with whether it takes values as they are."""
    return tuple(
        (field, _takes_as_it_is(field))
        for field in model._meta.concrete_fields
        if has_key or not field.primary_key
    )


@lru_cache(maxsize=256)
def _changed(model: type[models.Model], names: tuple[str, ...]) -> _Columns:
    """The columns of a change, its key among them."""
    fields = [model._meta.pk, *(model._meta.get_field(name) for name in names)]
    return tuple((field, _takes_as_it_is(field)) for field in fields)


def _takes_as_it_is(field: Any) -> bool:
    return type(field) in _AS_IT_IS and getattr(field, "encoder", None) is None


def _records(
    database: Any, columns: _Columns, rows: list[models.Model], *, add: bool = False
) -> str:
    """The rows as a JSON array of objects by column."""
    return json.dumps(
        [
            {
                field.column: getattr(row, field.attname)
                if as_it_is
                else _prepared(database, field, row, add=add)
                for field, as_it_is in columns
            }
            for row in rows
        ],
        ensure_ascii=False,
    )


def _prepared(database: Any, field: Any, row: models.Model, *, add: bool) -> Any:
    """What the column would be sent as a value of its own, as JSON can tell it."""
    value = field.get_db_prep_save(field.pre_save(row, add), connection=database)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


@lru_cache(maxsize=256)
def _insert_sql(model: type[models.Model], has_key: bool, ignores_conflicts: bool) -> str:
    columns = ", ".join(_quoted(field.column) for field, _ in _columns(model, has_key))
    table = _quoted(model._meta.db_table)
    return (
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {_rows_of(table)}"
        f"{' ON CONFLICT DO NOTHING' if ignores_conflicts else ''}"
        f" RETURNING {_quoted(model._meta.pk.column)} AS key"
    )


@lru_cache(maxsize=256)
def _update_sql(model: type[models.Model], names: tuple[str, ...]) -> str:
    columns = [_quoted(field.column) for field, _ in _changed(model, names)]
    table, key = _quoted(model._meta.db_table), columns[0]
    changes = ", ".join(f"{column} = sent.{column}" for column in columns[1:])
    return (
        f"UPDATE {table} SET {changes} FROM {_rows_of(table)} AS sent"
        f" WHERE {table}.{key} = sent.{key} RETURNING {table}.{key} AS key"
    )


def _rows_of(table: str) -> str:
    return f"json_populate_recordset(NULL::{table}, %s::json)"


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name)  # type: ignore[arg-type]
