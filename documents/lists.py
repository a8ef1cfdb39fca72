"""The lists of a kind of document: which it has, what they are called and what they offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from documents.rows import RowTable


class KindLists:
    """What ``RoutedDocumentKind`` knows of its lists."""

    #: lists of rows that the handler fills in
    row_tables: Sequence[RowTable] = ()
    #: lists that ``snapshot_tables`` computes beside those
    computed_tables: Sequence[RowTable] = ()
    #: titles of what it adds that is no row table, by name
    further_tables: Mapping[str, Any] = {}
    #: names of the row tables that need at least one row to submit
    required_tables: Sequence[str] = ()

    @property
    def list_titles(self) -> dict[str, Any]:
        """What 修改记录 calls each list of the kind, by its name."""
        tables = (*self.row_tables, *self.computed_tables)
        return {table.name: table.label for table in tables} | dict(self.further_tables)

    def table_offers(self, name: str) -> Sequence[Sequence[tuple[Any, Any]]]:
        """As ``DocumentKind.table_offers``."""
        for table in (*self.row_tables, *self.computed_tables):
            if table.name == name:
                columns = [table.field(column) for column in table.shown]
                return [getattr(column, "flatchoices", None) or () for column in columns]
        return ()
