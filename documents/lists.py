"""The lists of a kind of document: which it has, what they are called and what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from documents.rows import RowTable
from workflows.kinds import ColumnType

Label = str | Promise


@dataclass(frozen=True)
class Head:
    """The heading of a column that is no column of a model; figures align to the right."""

    label: Label
    is_number: bool = False


@dataclass(frozen=True)
class ReadTable:
    """A list that a kind tells in a form of its own: read, not typed as it stands there."""

    name: str
    label: Label
    heads: Sequence[Head]

    @property
    def column_types(self) -> list[ColumnType]:
        return [ColumnType(head.is_number) for head in self.heads]

    def snapshot(self, rows: Sequence[Sequence[str]]) -> dict[str, Any]:
        """The list for ``DocumentKind.snapshot``, in the active language."""
        return {
            "name": self.name,
            "label": str(self.label),
            "columns": [str(head.label) for head in self.heads],
            "rows": rows,
        }


class KindLists:
    """What ``RoutedDocumentKind`` knows of its lists."""

    #: lists of rows that the handler fills in
    row_tables: Sequence[RowTable] = ()
    #: lists that ``snapshot_tables`` computes beside those
    computed_tables: Sequence[RowTable] = ()
    #: lists that it tells in a form of their own, also in place of a row table of the same name
    further_tables: Sequence[ReadTable] = ()
    #: names of the row tables that need at least one row to submit
    required_tables: Sequence[str] = ()

    @property
    def list_titles(self) -> dict[str, Any]:
        """What 修改记录 calls each list of the kind, by its name."""
        return {table.name: table.label for table in self._tables}

    def table_columns(self, name: str) -> Sequence[ColumnType]:
        """As ``DocumentKind.table_columns``."""
        found = next((table for table in self._tables if table.name == name), None)
        return found.column_types if found else ()

    @property
    def _tables(self) -> list[RowTable | ReadTable]:
        return [*self.further_tables, *self.row_tables, *self.computed_tables]
