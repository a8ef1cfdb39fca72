"""Tables of a snapshot as pages and papers draw them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any

from lending_crm.common.design.grades import grade_of, grade_of_word
from lending_crm.common.design.status import Mark
from workflows.kinds import ColumnType, Fact

#: by a table's name what each of its columns holds; columns beyond those named are text
Columns = Callable[[str], Sequence[ColumnType]]

_TEXT = ColumnType()


def _all_text(name: str) -> Sequence[ColumnType]:
    return ()


def aligned_tables(
    content: dict[str, Any], facts: Iterable[Fact] = (), columns: Columns = _all_text
) -> dict[str, Any]:
    """Fields and tables of a snapshot as pages draw them.

    A field of the name of one of ``facts`` gets its ``grade`` where the fact's choices have one,
    a cell where those of its column have one.
    """
    choices = {fact.name: fact.choices for fact in facts if fact.choices}
    return {
        "fields": [
            {**field, "grade": grade_of(choices[field["name"]](), field["value"])}
            if field["name"] in choices and isinstance(field["value"], str)
            else field
            for field in content.get("fields", [])
        ],
        "tables": [aligned(table, columns(table["name"])) for table in content.get("tables", [])],
    }


def aligned(table: dict[str, Any], columns: Sequence[ColumnType] = ()) -> dict[str, Any]:
    """The table with each heading as (text, is a number) and each cell as (text, is a number,
    badge): figures align, grades wear their badges."""
    titles = table["columns"]
    types = [*columns, *repeat(_TEXT, len(titles) - len(columns))]
    return {
        **table,
        "columns": [
            (title, column.is_number) for title, column in zip(titles, types, strict=False)
        ],
        "rows": [
            [_cell(text, column) for text, column in zip(row, types, strict=False)]
            for row in table["rows"]
        ],
    }


def _cell(text: str, column: ColumnType) -> tuple[str, bool, Mark | None]:
    grade = grade_of_word(column.choices, text) if column.choices else None
    return text, column.is_number, grade
