"""Many rows of several tables in one statement.

An act of the engine writes to seven tables. Sent one by one, most of its time is spent on
round trips and on building statements, so the collected rows go as one ``WITH``: every table
and every distinct change is a part of it, and PostgreSQL runs all parts, whether they are
read from or not, against the same snapshot. It follows that no row may be in two parts, and
that a row may refer to another new one only by a key that is known: see ``reserve_keys``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

_Part = tuple[str, list[Any]]


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
        self._updates: dict[tuple[type[models.Model], str], _Update] = {}

    def insert(self, rows: Iterable[models.Model], *, ignore_conflicts: bool = False) -> None:
        """Write new rows; with ``ignore_conflicts`` those that are there already stay."""
        for row in rows:
            group = (type(row), row.pk is not None, ignore_conflicts)
            self._inserts.setdefault(group, []).append(row)

    def update(self, row: models.Model, fields: Iterable[str]) -> None:
        """Write these fields of a stored row; rows with the same new values share one part."""
        changed: list[Any] = [row._meta.get_field(name) for name in fields]
        if not changed:
            return
        new_values = repr([(field.attname, getattr(row, field.attname)) for field in changed])
        self._updates.setdefault((type(row), new_values), _Update(row, changed)).keys.append(row.pk)

    def send(self) -> None:
        """Send everything as one statement; new rows get their keys.

        Changes are read before insertions, so a new row may take the place in a unique index
        that a changed row leaves. Raises ``RuntimeError`` when a row to change is not there.
        """
        # Asked of Django's proxy for every value, the connection costs more than the value.
        database = connections[DEFAULT_DB_ALIAS]
        parts = [update.part(database) for update in self._updates.values()]
        parts += [_insertion(database, *group, rows) for group, rows in self._inserts.items()]
        if not parts:
            return
        named = ", ".join(f"part{number} AS ({sql})" for number, (sql, _) in enumerate(parts))
        keys = ", ".join(f"ARRAY(SELECT key FROM part{number})" for number in range(len(parts)))
        with connection.cursor() as cursor:
            cursor.execute(
                f"WITH {named} SELECT {keys}", [value for _, values in parts for value in values]
            )
            found = cursor.fetchone()
        for update, written in zip(self._updates.values(), found, strict=False):
            if len(written) != len(update.keys):
                raise RuntimeError(f"{update.row._meta.db_table}: a row to change is not there")
        for (group, rows), written in zip(
            self._inserts.items(), found[len(self._updates) :], strict=True
        ):
            _model, _has_key, ignores_conflicts = group
            for row, key in zip(rows, written, strict=not ignores_conflicts):
                if not ignores_conflicts:
                    row.pk = key
                row._state.adding = False
                row._state.db = connection.alias
        self._inserts.clear()
        self._updates.clear()


@dataclass
class _Update:
    """The same new values for some rows of a table."""

    row: models.Model
    fields: list[Any]
    keys: list[Any] = field(default_factory=list)

    def part(self, database: Any) -> _Part:
        names = tuple(changed.attname for changed in self.fields)
        values = [_stored(database, changed, self.row) for changed in self.fields]
        return _update_sql(type(self.row), names), [*values, self.keys]


def _insertion(
    database: Any,
    model: type[models.Model],
    has_key: bool,
    ignores_conflicts: bool,
    rows: list[models.Model],
) -> _Part:
    sql = _insert_sql(model, has_key, ignores_conflicts, len(rows))
    fields = _fields(model, has_key)
    return sql, [_stored(database, f, row, add=True) for row in rows for f in fields]


@cache
def _fields(model: type[models.Model], has_key: bool) -> list[Any]:
    return [f for f in model._meta.concrete_fields if has_key or not f.primary_key]


@lru_cache(maxsize=256)
def _insert_sql(
    model: type[models.Model], has_key: bool, ignores_conflicts: bool, rows: int
) -> str:
    fields = _fields(model, has_key)
    line = f"({', '.join(['%s'] * len(fields))})"
    return (
        f"INSERT INTO {_quoted(model._meta.db_table)} "
        f"({', '.join(_quoted(f.column) for f in fields)}) VALUES {', '.join([line] * rows)}"
        f"{' ON CONFLICT DO NOTHING' if ignores_conflicts else ''}"
        f" RETURNING {_quoted(model._meta.pk.column)} AS key"
    )


@lru_cache(maxsize=256)
def _update_sql(model: type[models.Model], names: tuple[str, ...]) -> str:
    columns = [model._meta.get_field(name).column for name in names]  # type: ignore[union-attr]
    changes = ", ".join(f"{_quoted(column)} = %s" for column in columns)
    key = _quoted(model._meta.pk.column)
    return (
        f"UPDATE {_quoted(model._meta.db_table)} SET {changes}"
        f" WHERE {key} = ANY(%s) RETURNING {key} AS key"
    )


def _quoted(name: str | None) -> str:
    return connection.ops.quote_name(name)  # type: ignore[arg-type]


def _stored(database: Any, column: Any, row: models.Model, *, add: bool = False) -> Any:
    return column.get_db_prep_save(column.pre_save(row, add), connection=database)
